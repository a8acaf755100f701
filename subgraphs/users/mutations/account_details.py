"""Changes to an account: address, phone, language, state."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import strawberry

from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import WriteSession
from subgraphs.users import models
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import (
    AccountRefusalError,
    EmailInvalidError,
    EmailTakenError,
    OtpInvalidError,
    PhoneCodeInvalidError,
    PhoneInvalidError,
    RefusedError,
    StateCodeInvalidError,
)
from subgraphs.users.events import MailKind, MailRequested
from subgraphs.users.models import AuditAction, TokenPurpose
from subgraphs.users.mutations.accounts import send_letter_with_token
from subgraphs.users.mutations.support import check_own_password, input_errors, own_account, profile_manager
from subgraphs.users.repository import accounts
from subgraphs.users.service import audit
from subgraphs.users.service.accounts import normalise_email
from subgraphs.users.service.phone_codes import normalise_phone
from subgraphs.users.service.states import normalise_state_code
from subgraphs.users.service.verification import letter_to
from subgraphs.users.types import AccountInput, AccountPayload, User

AccountArgument = Annotated[AccountInput, strawberry.argument(description="What the account is to be.")]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What of a request is to change, checked; None stays as it is."""

    email: str | None = None
    phone: str | None = None
    locale: str | None = None
    state_code: str | None = None

    def details(self) -> dict[str, str]:
        """Return the columns that change at once."""
        values = {"locale": self.locale, "state_code": self.state_code}
        return {name: value for name, value in values.items() if value is not None}


@strawberry.type
class AccountDetailMutations:
    """Fields of Mutation about what an account is."""

    @strawberry.federation.mutation(
        authenticated=True,
        description="Change the account. A new address counts once it is confirmed with the token of the letter that "
        "is sent there; until then the old one stays. A phone number counts at once, with the code that `otpRequest` "
        "sent there: from then on it signs in.",
    )
    async def account_update(self, info: Info, input: AccountArgument) -> AccountPayload:
        context = info.context
        profile_manager(context)
        user = await own_account(context)
        try:
            wish = _checked(input, user, country=context.viewer.country)
            await _prove(context, user, wish, input)
            async with context.database.writing() as session:
                await _change(session, context, user, wish)
        except RefusedError as error:
            reason = error.refusals[0].cause
            await context.record_failure(AuditAction.ACCOUNT_UPDATE, reason, subject=encode_id("User", user.id))
            return AccountPayload(account=None, errors=input_errors(error))
        return AccountPayload(account=User.of(await own_account(context)), errors=[])


def _checked(request: AccountInput, user: models.User, *, country: str) -> _Wish:
    """Return what is wished for.

    Raises:
        RefusedError: Everything wrong with its form.
    """
    faults: list[AccountRefusalError] = []
    email = phone = state_code = None
    if request.email is not None:
        try:
            email = normalise_email(request.email)
        except EmailInvalidError as error:
            faults.append(error)
    if request.phone is not None:
        try:
            phone = normalise_phone(request.phone, country=country)
        except PhoneInvalidError:
            faults.append(PhoneInvalidError(path=("input", "phone")))
    if request.state_code is not None:
        try:
            state_code = normalise_state_code(request.state_code)
        except StateCodeInvalidError as error:
            faults.append(error)
    if faults:
        raise RefusedError(*faults)
    return _Wish(email if email != user.email else None, phone, request.locale, state_code)


async def _prove(context: Context, user: models.User, wish: _Wish, request: AccountInput) -> None:
    """Pass for who may change the ways to sign in: by the password, and for a phone by having it in hand.

    Raises:
        RefusedError: The password or the code is wrong, or the address is taken.
    """
    if wish.email is None and wish.phone is None:
        return
    await check_own_password(context, user, request.account_password, path="accountPassword")
    if wish.email is not None:
        async with context.database.reading() as session:
            if await accounts.user_by_email(session, wish.email) is not None:
                raise RefusedError(EmailTakenError())
    if wish.phone is not None:
        try:
            await context.ways.phone_codes.check(wish.phone, request.phone_code or "", now=context.now)
        except OtpInvalidError as error:
            raise RefusedError(PhoneCodeInvalidError()) from error


async def _change(session: WriteSession, context: Context, user: models.User, wish: _Wish) -> None:
    changes = [audit.Change(name, getattr(user, name), value) for name, value in wish.details().items()]
    if wish.email is not None:
        await send_letter_with_token(session, context, user, TokenPurpose.EMAIL_CHANGE, email=wish.email)
        changes.append(audit.Change("email", None, None))
    if wish.phone is not None:
        await context.ways.phone_codes.give(session, user, wish.phone, now=context.now)
        await publish(session, _phone_letters(user, now=context.now))
        changes.append(audit.Change("phone", None, None))
    if wish.details():
        await accounts.set_details(session, user.id, wish.details())
    await audit.record(
        session,
        AuditAction.ACCOUNT_UPDATE,
        origin=context.origin,
        now=context.now,
        subject=encode_id("User", user.id),
        changes=changes,
    )


def _phone_letters(user: models.User, *, now: datetime) -> list[MailRequested]:
    """Return what tells the owner that there is another way to sign in."""
    if user.email is None:
        return []
    key = f"phone-changed:{user.id}:{now.isoformat()}"
    data = {"at": now.isoformat()}
    return [letter_to(user, MailKind.PHONE_CHANGED, email=user.email, dedup_key=key, now=now, data=data)]
