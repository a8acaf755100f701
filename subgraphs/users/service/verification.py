"""Proving an address and replacing a password: tokens that are written to the address, good once, for a time.

Asking for a letter costs the same statements whether the address has an account or not, and is answered alike.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import ReadSession, WriteSession
from subgraphs.users.config import (
    EMAIL_TOKEN_LIFETIME,
    LETTER_AGAIN_AFTER,
    PASSWORD_RESET_LIFETIME,
)
from subgraphs.users.errors import TokenInvalidError
from subgraphs.users.events import MailKind, MailRequested
from subgraphs.users.models import EmailToken, TokenPurpose, User
from subgraphs.users.repository import accounts, email_tokens
from subgraphs.users.repository.one_time import digest
from subgraphs.users.service.adoption import adopt
from subgraphs.users.service.audit import Origin
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.mail.secrets import seal_secrets

_LIFETIMES: dict[TokenPurpose, timedelta] = {
    TokenPurpose.EMAIL_VERIFICATION: EMAIL_TOKEN_LIFETIME,
    TokenPurpose.EMAIL_CHANGE: EMAIL_TOKEN_LIFETIME,
    TokenPurpose.PASSWORD_RESET: PASSWORD_RESET_LIFETIME,
}
_LETTERS: dict[TokenPurpose, MailKind] = {
    TokenPurpose.EMAIL_VERIFICATION: MailKind.EMAIL_VERIFICATION,
    TokenPurpose.EMAIL_CHANGE: MailKind.EMAIL_CHANGE_VERIFICATION,
    TokenPurpose.PASSWORD_RESET: MailKind.PASSWORD_RESET,
}
_PROVES_ADDRESS = (TokenPurpose.EMAIL_VERIFICATION, TokenPurpose.EMAIL_CHANGE)
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Proven:
    """An account whose address was proven."""

    user: User
    former_email: str | None = None
    """The address before, when the proven one is new."""
    was_adopted: bool = False
    """The account was made by somebody who did not come with its password: see `adoption`."""


async def send_token(
    session: WriteSession, user: User, purpose: TokenPurpose, *, email: str, sealer: PersonalData, now: datetime
) -> bool:
    """Write a new token to the address, which ends the one before; False when one was written within the minute."""
    secret = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = now + _LIFETIMES[purpose]
    token = EmailToken(
        digest=digest(secret),
        user_id=user.id,
        purpose=purpose,
        email=email,
        created_at=now,
        expires_at=expires_at,
    )
    if not await email_tokens.issue_token(session, token, unless_since=now - LETTER_AGAIN_AFTER):
        await email_tokens.take_nothing(session)
        return False
    dedup_key = f"{purpose.value.lower()}:{token.digest[:32]}"
    letter = letter_to(
        user,
        _LETTERS[purpose],
        email=email,
        dedup_key=dedup_key,
        now=now,
        data={"expires_at": expires_at.isoformat()},
        sealed=seal_secrets(sealer, {"token": secret}, dedup_key=dedup_key),
    )
    await publish(session, [letter])
    return True


async def ask_for_letter(
    session: WriteSession, email: str | None, purpose: TokenPurpose, *, sealer: PersonalData, now: datetime
) -> User | None:
    """Write a token to the address of an account that may need it; return that account.

    Without one, as many statements are made for nobody. `email` None is a text that is no address.
    """
    user = await accounts.user_by_email(session, email or "")
    needs_it = user is not None and (purpose is not TokenPurpose.EMAIL_VERIFICATION or not user.email_verified)
    if user is not None and user.email is not None and needs_it:
        await send_token(session, user, purpose, email=user.email, sealer=sealer, now=now)
    else:
        await email_tokens.take_nothing(session)
        await email_tokens.take_nothing(session)
    return user


async def owner_of_proof(session: ReadSession, secret: str, *, now: datetime) -> tuple[User, bool]:
    """Return the account whose address the token may prove, and whether the address is a new one; it stays good.

    Raises:
        TokenInvalidError: The token is unknown, expired, used or replaced.
    """
    token = await email_tokens.find_token(session, digest(secret), _PROVES_ADDRESS, now=now)
    user = await accounts.user_by_id(session, token.user_id) if token is not None else None
    if token is None or user is None:
        raise TokenInvalidError
    return user, token.purpose is TokenPurpose.EMAIL_CHANGE


async def prove_address(
    session: WriteSession, secret: str, known: User, *, is_registrant: bool, origin: Origin, now: datetime
) -> Proven:
    """Note that the account's owner reads what is written to the token's address, which becomes the account's.

    Args:
        session: Everything or nothing.
        secret: The token.
        known: The account as it was when `is_registrant` was found out.
        is_registrant: Whether who brings the token proved to have chosen the account's password, or to be signed in.
            Nobody else gets an account that somebody made, but empty.
        origin: For the audit log.
        now: The present moment.

    Raises:
        TokenInvalidError: The token is unknown, expired, used or replaced; the address went to another account; or the
            account has another password by now.
    """
    token = await email_tokens.take_token(session, digest(secret), _PROVES_ADDRESS, now=now)
    user = await accounts.user_by_id(session, token.user_id) if token is not None else None
    if token is None or user is None or (user.id, user.password_hash) != (known.id, known.password_hash):
        raise TokenInvalidError
    if token.purpose is TokenPurpose.EMAIL_VERIFICATION and user.email != token.email:
        raise TokenInvalidError
    former = user.email
    was_adopted = not user.email_verified and not is_registrant
    if not await accounts.set_email(session, user.id, token.email):
        raise TokenInvalidError
    user.email = token.email
    if was_adopted:
        await adopt(session, user, origin=origin, now=now)
    user.email_verified = True
    return Proven(user, former if former != token.email else None, was_adopted)


async def owner_of_reset(session: WriteSession, secret: str, *, now: datetime) -> User:
    """Return the account whose password the token may replace; the token is used up.

    So are those that would give the account another address: who asked for them may be who made the reset necessary.

    Raises:
        TokenInvalidError: The token is unknown, expired, used or replaced; or its address is no longer the account's.
    """
    token = await email_tokens.take_token(session, digest(secret), (TokenPurpose.PASSWORD_RESET,), now=now)
    user = await accounts.user_by_id(session, token.user_id) if token is not None else None
    if token is None or user is None or user.email != token.email:
        raise TokenInvalidError
    await email_tokens.remove_tokens_of(session, user.id, purposes=[TokenPurpose.EMAIL_CHANGE])
    return user


async def is_good_reset(session: WriteSession, secret: str, *, now: datetime) -> bool:
    """Return whether the token may replace a password now; it stays good."""
    purposes = (TokenPurpose.PASSWORD_RESET,)
    return await email_tokens.find_token(session, digest(secret), purposes, now=now) is not None


def letter_to(
    user: User,
    kind: MailKind,
    *,
    email: str,
    dedup_key: str,
    now: datetime,
    data: dict[str, str] | None = None,
    sealed: str | None = None,
) -> MailRequested:
    """Return the request for a letter to an account at the address; `sealed` holds what opens something."""
    return MailRequested(
        occurred_at=now,
        kind=kind,
        user_id=encode_id("User", user.id),
        email=email,
        locale=user.locale,
        dedup_key=dedup_key,
        data=data or {},
        sealed=sealed,
    )
