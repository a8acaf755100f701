"""Sessions: a sign-in and the tokens that follow from it.

A refresh token is `<session>.<family>.<secret>`. Each is good once; presenting a used one revokes the session.
Whoever signs somebody in opens the session through `opening`, which also notes the device.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from subgraphs.users.config import ACCESS_TOKEN_LIFETIME, REFRESH_TOKEN_LIFETIME
from subgraphs.users.errors import TokenInvalidError
from subgraphs.users.models import Profile, User
from subgraphs.users.repository.sessions import Rotation, SessionStore, StoredSession
from subgraphs.users.service.tokens import Grant, ProfileClaims, TokenSigner, TokenSubject, mint_access_token

_PARTS_OF_A_TOKEN = 3
_LONGEST_TOKEN = 256


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client gets for a sign-in or a refresh."""

    access_token: str
    refresh_token: str
    access_expires_at: datetime
    refresh_expires_at: datetime


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """A refresh token that belongs to a session, though perhaps not its current one."""

    session_id: str
    secret: str
    session: StoredSession


class Sessions:
    """Opens, rotates and revokes sessions."""

    def __init__(self, store: SessionStore, signer: TokenSigner) -> None:
        self._store = store
        self._signer = signer

    async def open(
        self,
        user: User,
        profile: Profile | None,
        *,
        now: datetime,
        device_id: UUID | None = None,
        ip_hash: str | None = None,
        grant: Grant | None = None,
    ) -> TokenPair:
        """Return the first tokens of a new session; with a grant, one of an OAuth client."""
        session_id, family, secret = uuid4().hex, secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        session = StoredSession(
            user_id=user.id,
            profile_id=profile.id if profile else None,
            family=family,
            created_at=now,
            expires_at=now + REFRESH_TOKEN_LIFETIME,
            device_id=device_id,
            ip_hash=ip_hash,
            client_id=grant.client_id if grant else None,
            scope=" ".join(sorted(grant.scopes)) if grant else None,
        )
        await self._store.open(session_id, session, current=_digest(secret))
        return self._pair(session_id, family, secret, user=user, profile=profile, now=now, grant=grant)

    async def recognise(self, refresh_token: str, *, client_id: str | None = None) -> PresentedToken:
        """Return the session to which the token belongs; nothing is changed, so the caller may still fail.

        Tokens of an OAuth client are for that client alone, ours for our own apps.

        Raises:
            TokenInvalidError: No token of a living session.
        """
        parts = refresh_token.split(".") if refresh_token.isascii() and len(refresh_token) <= _LONGEST_TOKEN else []
        if len(parts) != _PARTS_OF_A_TOKEN:
            raise TokenInvalidError
        session_id, family, secret = parts
        session = await self._store.read(session_id)
        if session is None or not secrets.compare_digest(session.family.encode(), family.encode()):
            raise TokenInvalidError
        if session.client_id != client_id:
            raise TokenInvalidError
        return PresentedToken(session_id, secret, session)

    async def rotate(
        self, presented: PresentedToken, *, user: User, profile: Profile | None, now: datetime
    ) -> TokenPair:
        """Return new tokens in place of the presented one.

        Raises:
            TokenInvalidError: It has expired, or was used before; then the session is revoked.
        """
        secret = secrets.token_urlsafe(32)
        rotation = await self._store.rotate(
            presented.session_id,
            presented.session,
            presented=_digest(presented.secret),
            replacement=_digest(secret),
            profile_id=profile.id if profile else None,
            now=now,
            expires_at=now + REFRESH_TOKEN_LIFETIME,
        )
        if rotation is not Rotation.ROTATED:
            raise TokenInvalidError(reuse_detected=rotation is Rotation.REUSED)
        session_id, family, grant = presented.session_id, presented.session.family, grant_of(presented.session)
        return self._pair(session_id, family, secret, user=user, profile=profile, now=now, grant=grant)

    async def is_current(self, presented: PresentedToken, *, now: datetime) -> bool:
        """Whether the presented token is the one that can be exchanged now."""
        return await self._store.is_current(presented.session_id, _digest(presented.secret), now=now)

    async def session(self, session_id: str) -> StoredSession | None:
        """Return the session, None when it has ended."""
        return await self._store.read(session_id)

    async def switch_profile(self, session_id: str, *, user: User, profile: Profile, now: datetime) -> TokenPair:
        """Return tokens of the same session for another profile; the session's earlier refresh token is used up.

        Raises:
            TokenInvalidError: The session has ended.
        """
        session = await self._store.read(session_id)
        # An OAuth client keeps the profile that it was allowed.
        if session is None or session.user_id != user.id or session.client_id is not None:
            raise TokenInvalidError
        secret = secrets.token_urlsafe(32)
        rotation = await self._store.replace(
            session_id,
            user_id=user.id,
            replacement=_digest(secret),
            profile_id=profile.id,
            now=now,
            expires_at=now + REFRESH_TOKEN_LIFETIME,
        )
        if rotation is not Rotation.ROTATED:
            raise TokenInvalidError
        return self._pair(session_id, session.family, secret, user=user, profile=profile, now=now)

    async def living(self, user_id: UUID, *, now: datetime) -> dict[str, StoredSession]:
        """Return the account's sessions that can be refreshed, by their ids."""
        return await self._store.of_user(user_id, now=now)

    async def revoke(self, session_id: str, *, user_id: UUID, now: datetime) -> None:
        """End the account's session: no refresh token of it works again, and no access token within a second."""
        await self._store.revoke([session_id], user_id=user_id, now=now)

    async def revoke_all(self, user_id: UUID, *, now: datetime, but: str | None = None) -> list[str]:
        """End the account's sessions, all or all but one, as `revoke` does; return which were ended.

        What was proven before and not used yet opens none any more, see `is_closed_since`.
        """
        # First: whoever opens a session meanwhile is either among the living, or finds the way closed.
        await self._store.close_ways(user_id, now=now)
        ended = [session_id for session_id in await self.living(user_id, now=now) if session_id != but]
        await self._store.revoke(ended, user_id=user_id, now=now)
        return ended

    async def is_closed_since(self, user_id: UUID, proven_at: datetime) -> bool:
        """Whether the account's sessions were all ended after a proof that would open another one."""
        return await self._store.is_closed_since(user_id, proven_at)

    async def revoke_device(self, device_id: UUID, *, user_id: UUID, now: datetime) -> list[str]:
        """End the account's sessions on the device, as `revoke` does; return which were ended."""
        living = await self.living(user_id, now=now)
        ended = [session_id for session_id, session in living.items() if session.device_id == device_id]
        await self._store.revoke(ended, user_id=user_id, now=now)
        return ended

    async def outdate(self, global_id: str, *, now: datetime) -> None:
        """Make clients of an account or profile refresh their access tokens: what these say of it is no longer true."""
        await self._store.outdate(global_id, now=now)

    def _pair(
        self,
        session_id: str,
        family: str,
        secret: str,
        *,
        user: User,
        profile: Profile | None,
        now: datetime,
        grant: Grant | None = None,
    ) -> TokenPair:
        subject = token_subject(user, profile, session_id=session_id, grant=grant)
        return TokenPair(
            access_token=mint_access_token(self._signer, subject, now=now),
            refresh_token=f"{session_id}.{family}.{secret}",
            access_expires_at=now + ACCESS_TOKEN_LIFETIME,
            refresh_expires_at=now + REFRESH_TOKEN_LIFETIME,
        )


def grant_of(session: StoredSession) -> Grant | None:
    """Return what the session's OAuth client may do, None for a session of our own apps."""
    if session.client_id is None:
        return None
    return Grant(session.client_id, frozenset((session.scope or "").split()))


def token_subject(user: User, profile: Profile | None, *, session_id: str, grant: Grant | None = None) -> TokenSubject:
    """Return what a token says of the account and its active profile."""
    claims = None if profile is None else _claims_of(profile)
    return TokenSubject(user_id=user.id, roles=user.roles, session_id=session_id, profile=claims, grant=grant)


def _claims_of(profile: Profile) -> ProfileClaims:
    return ProfileClaims(
        profile_id=profile.id,
        maturity_limit=profile.maturity_limit,
        is_kids=profile.is_kids,
        language=profile.language,
        audio_languages=profile.audio_languages,
        subtitle_language=profile.subtitle_language,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
