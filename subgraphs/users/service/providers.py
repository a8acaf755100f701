"""Signing in with Google or Facebook: the way there and back, and which account belongs to who came back.

A sign-in begins here, with a state and a nonce that are kept for ten minutes and work once. The client keeps the PKCE
verifier; only its SHA-256 leaves the client before the end, so that nobody can finish what another one began.

An account is linked by an address only if the provider vouches for it: see `account_of`.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.shared.postgres import WriteSession
from subgraphs.users.errors import (
    CodeChallengeInvalidError,
    EmailInvalidError,
    IdentityUnknownError,
    InvalidGrantError,
    LastSignInMethodError,
    ProviderAlreadyLinkedError,
    ProviderEmailUnverifiedError,
    ProviderNotConfiguredError,
    RedirectUriNotAllowedError,
    RefusedError,
)
from subgraphs.users.gateways.providers import ProviderAnswer, ProviderPerson, SignInProvider
from subgraphs.users.models import Identity, IdentityProvider, Role, User
from subgraphs.users.repository import accounts, identities
from subgraphs.users.repository.one_time import OneTimeStore
from subgraphs.users.service.accounts import add_account, first_profile, normalise_email
from subgraphs.users.service.adoption import adopt
from subgraphs.users.service.audit import Origin

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST_CODE = 2048
_LONGEST_VERIFIER = 128


@dataclass(frozen=True, slots=True)
class BegunSignIn:
    """Where to send the person, and what comes back with them."""

    authorization_url: str
    state: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Return:
    """What the client got back from the provider, and the verifier that it kept."""

    provider: IdentityProvider
    code: str
    code_verifier: str
    redirect_uri: str
    state: str


class ProviderSignIns:
    """Sign-ins under way.

    Args:
        providers: Those that we have credentials at.
        store: Keeps what was begun.
        redirect_uris: Where providers may send people back to.
    """

    def __init__(
        self,
        providers: Mapping[IdentityProvider, SignInProvider],
        store: OneTimeStore,
        *,
        redirect_uris: Sequence[str],
    ) -> None:
        self._providers = providers
        self._store = store
        self._redirect_uris = frozenset(redirect_uris)

    def offered(self) -> list[IdentityProvider]:
        """Return the providers that we have credentials at."""
        return list(self._providers)

    async def begin(
        self,
        provider: IdentityProvider,
        *,
        redirect_uri: str,
        code_challenge: str,
        user_id: UUID | None,
        now: datetime,
    ) -> BegunSignIn:
        """Return where to send the person. `user_id` is the account that asks, when it wants to link the provider.

        Raises:
            ProviderNotConfiguredError: We have no credentials there.
            RedirectUriNotAllowedError: Not one of ours.
            CodeChallengeInvalidError: Not made from a verifier.
            ProviderUnavailableError: The provider does not answer.
        """
        gateway = self._gateway(provider)
        if redirect_uri not in self._redirect_uris:
            raise RedirectUriNotAllowedError
        if not _CHALLENGE.fullmatch(code_challenge):
            raise CodeChallengeInvalidError
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        url = await gateway.authorization_url(
            redirect_uri=redirect_uri, state=state, nonce=nonce, code_challenge=code_challenge
        )
        begun = {
            "provider": provider.value,
            "nonce": nonce,
            "challenge": code_challenge,
            "redirect_uri": redirect_uri,
            "user": str(user_id) if user_id else None,
        }
        await self._store.keep(state, begun, now=now)
        return BegunSignIn(url, state, now + self._store.lifetime)

    async def finish(self, back: Return, *, user_id: UUID | None, now: datetime) -> ProviderPerson:
        """Return who came back. The state is spent, whatever comes of it.

        Args:
            back: What the client brings.
            user_id: The account that links the provider; None for signing in.
            now: The present moment.

        Raises:
            InvalidGrantError: State, code, verifier or address do not belong together, or were used before.
            ProviderUnavailableError: The provider does not answer.
        """
        gateway = self._gateway(back.provider)
        begun = await self._store.take(back.state, now=now)
        is_ours = (
            begun is not None
            and begun["provider"] == back.provider.value
            and begun["redirect_uri"] == back.redirect_uri
            and secrets.compare_digest(begun["challenge"], s256(back.code_verifier))
            and (user_id is None or begun["user"] == str(user_id))
        )
        if begun is None or not is_ours or not _is_plausible(back):
            raise InvalidGrantError
        return await gateway.person(
            ProviderAnswer(
                code=back.code,
                code_verifier=back.code_verifier,
                redirect_uri=back.redirect_uri,
                nonce=begun["nonce"],
            )
        )

    async def close(self) -> None:
        """Close the connections to the providers."""
        for gateway in self._providers.values():
            await gateway.close()

    def _gateway(self, provider: IdentityProvider) -> SignInProvider:
        if provider not in self._providers:
            raise ProviderNotConfiguredError(provider.value)
        return self._providers[provider]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account of a person, and what was done to find it."""

    user: User
    is_new: bool = False
    was_adopted: bool = False
    """The account existed, but nobody had confirmed its address: its password is void, its sessions must end."""


async def account_of(
    session: WriteSession,
    provider: IdentityProvider,
    person: ProviderPerson,
    *,
    locale: str,
    origin: Origin,
    now: datetime,
) -> SignedIn:
    """Return the account of the person.

    A known person signs in, whatever became of the address. Else a verified address links the person to its account,
    or makes an account with that address. An account that had registered the address without ever confirming it goes to
    who proved the address, see `adoption`.

    Raises:
        ProviderEmailUnverifiedError: An unknown person, and the provider does not vouch for an address.
        ProviderAlreadyLinkedError: The account is linked with another person at this provider.
    """
    known = await identities.user_by_identity(session, provider, person.subject)
    if known is not None:
        return SignedIn(known)
    email = _verified_address(person)
    user = User(email=email, email_verified=True, roles=[Role.USER.value], locale=locale, created_at=now)
    if await add_account(session, user, [first_profile(user, now=now)]):
        found = SignedIn(user, is_new=True)
    else:
        found = await _account_with_address(session, email, origin=origin, now=now)
    await link(session, found.user.id, provider, person, now=now)
    return found


async def link(
    session: WriteSession, user_id: UUID, provider: IdentityProvider, person: ProviderPerson, *, now: datetime
) -> None:
    """Let the person sign in to the account; once more changes nothing.

    Raises:
        ProviderAlreadyLinkedError: Account or person is linked with another one.
    """
    identity = Identity(user_id=user_id, provider=provider, subject=person.subject, linked_at=now)
    if await identities.add_identity(session, identity):
        return
    known = await identities.user_by_identity(session, provider, person.subject)
    if known is None or known.id != user_id:
        raise ProviderAlreadyLinkedError


async def unlink(session: WriteSession, user_id: UUID, provider: IdentityProvider) -> None:
    """Let the person at the provider no longer sign in to the account.

    Raises:
        RefusedError: It is the only way to sign in, or there is no such identity.
    """
    # The row is held: of two requests that unlink the last two ways at once, the second one counts again.
    await accounts.lock_user(session, user_id)
    user = await accounts.user_by_id(session, user_id)
    if user is None or not await identities.remove_identity(session, user_id, provider):
        raise RefusedError(IdentityUnknownError())
    has_other = (
        (user.password_hash is not None and user.email is not None)
        or bool((await identities.identities_of_users(session, [user_id]))[user_id])
        or await identities.phone_of_user(session, user_id) is not None
    )
    if not has_other:
        # Raising rolls the removal back.
        raise RefusedError(LastSignInMethodError())


def s256(code_verifier: str) -> str:
    """Return the PKCE challenge of a verifier (RFC 7636, 4.2); of a text outside ASCII, one that matches none."""
    hashed = hashlib.sha256(code_verifier.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


async def _account_with_address(session: WriteSession, email: str, *, origin: Origin, now: datetime) -> SignedIn:
    user = await accounts.user_by_email(session, email)
    if user is None:  # deleted between the two statements
        raise InvalidGrantError
    if user.email_verified:
        return SignedIn(user)
    await adopt(session, user, origin=origin, now=now)
    return SignedIn(user, was_adopted=True)


def _verified_address(person: ProviderPerson) -> str:
    if person.email is None or not person.email_is_verified:
        raise ProviderEmailUnverifiedError
    try:
        return normalise_email(person.email)
    except EmailInvalidError as error:
        raise ProviderEmailUnverifiedError from error


def _is_plausible(back: Return) -> bool:
    return 0 < len(back.code) <= _LONGEST_CODE and len(back.code_verifier) <= _LONGEST_VERIFIER
