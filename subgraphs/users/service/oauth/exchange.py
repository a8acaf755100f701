"""Codes and refresh tokens for tokens, and what may be asked and done about tokens later."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import Database
from subgraphs.users.config import ACCESS_TOKEN_LIFETIME
from subgraphs.users.errors import AccountSuspendedError, TokenInvalidError
from subgraphs.users.errors.oauth import OAuthError, invalid_grant
from subgraphs.users.models import AccountStatus, OAuthClient, Profile, User
from subgraphs.users.repository import accounts
from subgraphs.users.repository.oauth import CodeStore
from subgraphs.users.service.oauth.authorization import AuthorizedCode
from subgraphs.users.service.opening import Place, open_session
from subgraphs.users.service.providers import s256
from subgraphs.users.service.sessions import PresentedToken, Sessions, TokenPair
from subgraphs.users.service.tokens import Grant, TokenSigner

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What a client gets. The id_token is there when the client was allowed `openid` and redeemed a code."""

    user_id: UUID
    tokens: TokenPair
    scope: str
    id_token: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the answer in the words of RFC 6749, 5.1."""
        answer = {
            "access_token": self.tokens.access_token,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_TOKEN_LIFETIME.total_seconds()),
            "refresh_token": self.tokens.refresh_token,
            "scope": self.scope,
        }
        return answer | ({"id_token": self.id_token} if self.id_token else {})


class OAuthServer:
    """The tokens of OAuth clients.

    Args:
        database: Accounts and clients.
        sessions: Tokens belong to sessions, as everybody's do.
        codes: Authorization codes.
        signer: Signs id_tokens, checks access tokens.
        issuer: Our name, the address of the platform.
    """

    def __init__(
        self, database: Database, sessions: Sessions, codes: CodeStore, signer: TokenSigner, *, issuer: str
    ) -> None:
        self.database = database
        self.codes = codes
        self.issuer = issuer
        self._sessions = sessions
        self._signer = signer

    async def redeem(
        self, client: OAuthClient, given: Mapping[str, str], *, place: Place, now: datetime
    ) -> TokenAnswer:
        """Return tokens for a code, of the client that it was given to, with its verifier and address, once.

        A code that comes again ends the session that the first one opened.

        Raises:
            OAuthError: invalid_grant.
        """
        authorized = await self._authorized(given.get("code", ""), now=now)
        verifier = given.get("code_verifier", "")
        belongs = (
            authorized.client_id == client.id
            and authorized.redirect_uri == given.get("redirect_uri")
            and _VERIFIER.fullmatch(verifier) is not None
            and secrets.compare_digest(authorized.code_challenge, s256(verifier))
        )
        if not belongs:
            raise invalid_grant()
        grant = Grant(client.id, frozenset(authorized.scopes))
        user, tokens = await self._open(authorized, grant, place=place, now=now)
        session_id = tokens.refresh_token.partition(".")[0]
        if not await self.codes.note_session(given["code"], session_id):
            await self._sessions.revoke(session_id, user_id=user.id, now=now)
            raise invalid_grant()
        id_token = self._id_token(user, authorized, now=now) if "openid" in grant.scopes else None
        return TokenAnswer(user.id, tokens, " ".join(authorized.scopes), id_token)

    async def is_signed_out(self, user_id: UUID, *, since: datetime) -> bool:
        """Whether every session of the account was ended after the moment: whoever signed in then must do so again."""
        return await self._sessions.is_closed_since(user_id, since)

    async def refresh(self, client: OAuthClient, given: Mapping[str, str], *, now: datetime) -> TokenAnswer:
        """Return new tokens for a refresh token of the client; one that was used before ends its session.

        Raises:
            OAuthError: invalid_grant; invalid_scope for other scopes than were allowed.
        """
        try:
            presented = await self._sessions.recognise(given.get("refresh_token", ""), client_id=client.id)
        except TokenInvalidError as error:
            raise invalid_grant() from error
        allowed = presented.session.scope or ""
        if given.get("scope") and set(given["scope"].split()) != set(allowed.split()):
            raise OAuthError("invalid_scope", "scope is given by the authorization; leave it out.")
        user, own = await self._account(presented.session.user_id)
        profile = next((profile for profile in own if profile.id == presented.session.profile_id), None)
        try:
            # Rotate first: a used token must reveal itself whatever became of the account.
            tokens = await self._sessions.rotate(presented, user=user, profile=profile, now=now)
        except TokenInvalidError as error:
            raise invalid_grant() from error
        if user.status is not AccountStatus.ACTIVE:
            await self._sessions.revoke(presented.session_id, user_id=user.id, now=now)
            raise invalid_grant()
        return TokenAnswer(user.id, tokens, allowed)

    async def introspect(self, token: str, *, now: datetime) -> dict[str, Any]:
        """Return what RFC 7662 says of a token: `{"active": false}` for whatever is not good at this moment."""
        claims = self._signer.verified(token, now=now)
        if claims is None:
            return await self._introspect_refresh_token(token, now=now)
        session = await self._sessions.session(str(claims.get("sid", "")))
        # An id_token has no session: it is proof of a sign-in, no key to anything.
        if session is None or session.expires_at <= now:
            return {"active": False}
        shown = ("sub", "iss", "aud", "exp", "iat", "jti", "scope", "client_id")
        return {"active": True, "token_type": "Bearer", **{name: claims[name] for name in shown if name in claims}}

    async def revoke(self, client: OAuthClient, token: str, *, now: datetime) -> None:
        """End the session of an access or refresh token of the client; every other text changes nothing."""
        claims = self._signer.verified(token, now=now)
        if claims is not None:
            session_id = str(claims.get("sid", ""))
        else:
            presented = await self._recognised(client.id, token)
            session_id = presented.session_id if presented else ""
        session = await self._sessions.session(session_id) if session_id else None
        if session is not None and session.client_id == client.id:
            await self._sessions.revoke(session_id, user_id=session.user_id, now=now)

    async def userinfo(self, access_token: str, *, now: datetime) -> dict[str, Any]:
        """Return what the client was allowed to see of the viewer.

        Raises:
            OAuthError: invalid_token, insufficient_scope.
        """
        claims = self._signer.verified(access_token, now=now)
        session = await self._sessions.session(str(claims.get("sid", ""))) if claims else None
        if claims is None or session is None:
            raise OAuthError("invalid_token", "The access token is not valid, or has expired.", status=401)
        scopes = str(claims.get("scope", "")).split()
        if "openid" not in scopes:
            raise OAuthError("insufficient_scope", "The scope openid is needed.", status=403)
        user, own = await self._account(session.user_id)
        return {"sub": encode_id("User", user.id), **_details(user, own, session.profile_id, scopes)}

    async def _authorized(self, code: str, *, now: datetime) -> AuthorizedCode:
        redemption = await self.codes.redeem(code, now=now)
        if redemption.value is not None:
            value = redemption.value
            return AuthorizedCode(**{**value, "scopes": tuple(value["scopes"]), "user_id": UUID(value["user_id"])})
        session = await self._sessions.session(redemption.session_id) if redemption.session_id else None
        if session is not None and redemption.session_id is not None:
            await self._sessions.revoke(redemption.session_id, user_id=session.user_id, now=now)
        raise invalid_grant()

    async def _open(
        self, authorized: AuthorizedCode, grant: Grant, *, place: Place, now: datetime
    ) -> tuple[User, TokenPair]:
        async with self.database.writing() as session:
            user = await accounts.user_by_id(session, authorized.user_id)
            if user is None:
                raise invalid_grant()
            try:
                opened = await open_session(
                    session,
                    self._sessions,
                    user,
                    place=place,
                    now=now,
                    grant=grant,
                    proven_at=datetime.fromtimestamp(authorized.signed_in_at, UTC),
                )
            except (AccountSuspendedError, TokenInvalidError) as error:
                raise invalid_grant() from error
        return user, opened.tokens

    async def _account(self, user_id: UUID) -> tuple[User, list[Profile]]:
        async with self.database.reading() as session:
            user = await accounts.user_by_id(session, user_id)
            if user is None:
                raise invalid_grant()
            return user, (await accounts.profiles_of_users(session, [user_id]))[user_id]

    async def _recognised(self, client_id: str | None, token: str) -> PresentedToken | None:
        try:
            return await self._sessions.recognise(token, client_id=client_id)
        except TokenInvalidError:
            return None

    async def _introspect_refresh_token(self, token: str, *, now: datetime) -> dict[str, Any]:
        session_id = token.partition(".")[0]
        session = await self._sessions.session(session_id) if session_id.isalnum() else None
        presented = await self._recognised(session.client_id, token) if session else None
        if session is None or presented is None or not await self._sessions.is_current(presented, now=now):
            return {"active": False}
        answer = {
            "active": True,
            "sub": encode_id("User", session.user_id),
            "iss": self._signer.issuer,
            "exp": int(session.expires_at.timestamp()),
        }
        return answer | ({"client_id": session.client_id, "scope": session.scope} if session.client_id else {})

    def _id_token(self, user: User, authorized: AuthorizedCode, *, now: datetime) -> str:
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": authorized.client_id,
            "sub": encode_id("User", user.id),
            "iat": int(now.timestamp()),
            "exp": int((now + ACCESS_TOKEN_LIFETIME).timestamp()),
            "auth_time": int(authorized.signed_in_at),
        }
        if authorized.nonce is not None:
            claims["nonce"] = authorized.nonce
        return self._signer.sign(claims, now=now)


def _details(user: User, own: list[Profile], profile_id: UUID | None, scopes: list[str]) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if "email" in scopes and user.email is not None:
        details |= {"email": user.email, "email_verified": user.email_verified}
    profile = next((profile for profile in own if profile.id == profile_id), None)
    if "profile" in scopes and profile is not None:
        details |= {"name": profile.name, "locale": profile.language}
        details |= {"picture": profile.avatar_url} if profile.avatar_url else {}
    return details
