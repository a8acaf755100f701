"""Accounts: what an address may be, registration, and who may sign in."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.shared.postgres import WriteSession
from subgraphs.users.errors import (
    AccountRefusalError,
    AccountSuspendedError,
    EmailInvalidError,
    EmailTakenError,
    IdempotencyKeyReusedError,
    RefusedError,
)
from subgraphs.users.models import AccountStatus, Profile, Role, User
from subgraphs.users.repository import accounts
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.passwords import password_faults

_EMAIL = re.compile(
    r"(?=.{3,254}$)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    # The last label has a letter: nothing may make our mail server talk to an address of our own network.
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[0-9-]*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
_LONGEST_LOCAL_PART = 64


@dataclass(frozen=True, slots=True)
class Registration:
    """A checked request for an account. `idempotency_key` makes a repeated request return the same account."""

    email: str
    locale: str
    idempotency_key: str | None = None
    state_code: str | None = None
    roles: Sequence[Role] = (Role.USER,)


def normalise_email(email: str) -> str:
    """Return the address as it is stored and compared: in lower case, without spaces around it.

    Raises:
        EmailInvalidError: Not an address, or not in ASCII.
    """
    address = email.strip().lower()
    # Some letters outside ASCII have an ASCII lower case (the Kelvin sign): they must not become somebody's address.
    if not email.isascii() or not _EMAIL.fullmatch(address) or len(address.partition("@")[0]) > _LONGEST_LOCAL_PART:
        raise EmailInvalidError
    return address


def check_registration(email: str, password: str) -> str:
    """Return the normalised address.

    Raises:
        RefusedError: Everything wrong with address and password.
    """
    faults: list[AccountRefusalError] = []
    address = ""
    try:
        address = normalise_email(email)
    except EmailInvalidError as error:
        faults.append(error)
    faults.extend(password_faults(password))
    if faults:
        raise RefusedError(*faults)
    return address


async def register(
    session: WriteSession, registration: Registration, *, password_hash: str, now: datetime
) -> tuple[User, bool]:
    """Return the account and whether it is new. A new one gets its first profile, named after the address.

    An account that is not new was made by an earlier request with the same idempotency key; the caller must still
    check that the password is the same before showing it. The unique indexes decide between simultaneous requests.

    Raises:
        RefusedError: The address is taken, or the key was used for another one.
    """
    key_hash = _key_hash(registration.idempotency_key)
    user = User(
        email=registration.email,
        password_hash=password_hash,
        roles=[role.value for role in registration.roles],
        locale=registration.locale,
        registration_key_hash=key_hash,
        state_code=registration.state_code,
        created_at=now,
    )
    if await add_account(session, user, [first_profile(user, now=now)]):
        return user, True
    existing = await accounts.user_by_email(session, registration.email)
    if existing is None:
        raise RefusedError(IdempotencyKeyReusedError())
    if key_hash is None or existing.registration_key_hash != key_hash:
        raise RefusedError(EmailTakenError())
    return existing, False


async def add_account(session: WriteSession, user: User, profiles: Sequence[Profile]) -> bool:
    """Add the account with its profiles, in their order; False, and nothing done, when address, key or id is taken."""
    if not await accounts.add_user(session, user):
        return False
    for profile in profiles:
        await accounts.add_profile(session, profile)
    return True


def secret_of_registrant(personal_data: PersonalData, user: User) -> str:
    """Return what only who chose the account's present password was given; it ends with that password."""
    return personal_data.index(f"{user.id}:{user.password_hash}", purpose="registration")


def check_may_sign_in(user: User) -> None:
    """Pass for an active account.

    Raises:
        AccountSuspendedError: It is suspended.
    """
    if user.status is AccountStatus.SUSPENDED:
        raise AccountSuspendedError


def first_profile(user: User, *, now: datetime) -> Profile:
    """Return the profile that a new account begins with, named after its address."""
    return Profile(
        user_id=user.id,
        name=(user.email or "Viewer").partition("@")[0][:50],
        language=user.locale,
        audio_languages=[user.locale],
        created_at=now,
    )


def _key_hash(idempotency_key: str | None) -> str | None:
    return hashlib.sha256(idempotency_key.encode("utf-8", "surrogatepass")).hexdigest() if idempotency_key else None
