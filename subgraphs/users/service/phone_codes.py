"""Signing in by phone: numbers in one form, a code by text message, and the account of a number.

The answer is the same whether the number has an account or not: a first sign-in makes one. Codes are kept as keyed
digests, numbers sealed and with a blind index.
"""

import secrets
from datetime import datetime

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from subgraphs.shared.errors import ConflictError
from subgraphs.shared.postgres import WriteSession
from subgraphs.users.config import OTP_DIGITS, OTP_LIFETIME
from subgraphs.users.errors import (
    OtpInvalidError,
    OtpTooSoonError,
    PhoneInvalidError,
    PhoneTakenError,
    RefusedError,
)
from subgraphs.users.gateways.sms import SmsGateway
from subgraphs.users.models import PhoneNumber, Role, User
from subgraphs.users.repository import identities
from subgraphs.users.repository.phone_codes import PhoneCodeStore
from subgraphs.users.service.accounts import add_account, first_profile
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.resealing import phone_purpose

_LONGEST_TEXT = 32
# Text messages to other kinds fail, or cost their sender money by the minute.
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_MINUTES = int(OTP_LIFETIME.total_seconds() // 60)
_TEXTS = {
    "en": "{code} is your Reelgraph code. It is good for {minutes} minutes. Tell it to nobody.",
    "hi": "{code} आपका Reelgraph कोड है। यह {minutes} मिनट तक मान्य है। इसे किसी को न बताएँ।",
}


def normalise_phone(text: str, *, country: str) -> str:
    """Return the mobile number in E.164. One without a country code is taken for one of the country.

    Raises:
        PhoneInvalidError: Not a number, or one that gets no text messages.
    """
    if len(text) > _LONGEST_TEXT:
        raise PhoneInvalidError
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise PhoneInvalidError from error
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _MOBILE:
        raise PhoneInvalidError
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


class PhoneCodes:
    """Sends codes and checks them."""

    def __init__(self, store: PhoneCodeStore, sms: SmsGateway, personal: PersonalData) -> None:
        self._store = store
        self._sms = sms
        self._personal = personal

    async def send(self, number: str, *, locale: str, now: datetime) -> None:
        """Send a new code to the number, in E.164; an earlier one no longer works.

        Raises:
            RefusedError: One was sent less than 30 seconds ago, or five within the hour.
            ServiceUnavailableError: The message could not be handed over.
        """
        code = f"{secrets.randbelow(10**OTP_DIGITS):0{OTP_DIGITS}d}"
        wait_seconds = await self._store.keep(self.index_of(number), self._digest(number, code), now=now)
        if wait_seconds:
            raise RefusedError(OtpTooSoonError(wait_seconds))
        text = _TEXTS.get(locale.partition("-")[0], _TEXTS["en"])
        await self._sms.send(number, text.format(code=code, minutes=_MINUTES))

    async def check(self, number: str, code: str, *, now: datetime) -> None:
        """Pass for the number's code, once.

        Raises:
            OtpInvalidError: Wrong, expired, used, or tried five times.
        """
        if not await self._store.spend(self.index_of(number), self._digest(number, code.strip()), now=now):
            raise OtpInvalidError

    async def account_of(self, session: WriteSession, number: str, *, locale: str, now: datetime) -> tuple[User, bool]:
        """Return the account of a number that was just proven, and whether it is new.

        Raises:
            ConflictError: Another request made the account at this moment.
        """
        user = await identities.user_by_phone(session, self.index_of(number))
        if user is not None:
            return user, False
        user = User(roles=[Role.USER.value], locale=locale, created_at=now)
        await add_account(session, user, [first_profile(user, now=now)])
        if not await identities.add_phone(session, self._phone(user, number, now=now)):
            raise ConflictError("This number is signing in somewhere else at this moment. Try again.")
        return user, True

    async def give(self, session: WriteSession, user: User, number: str, *, now: datetime) -> None:
        """Give the account a number that was just proven, in place of the one before.

        Raises:
            RefusedError: Another account has it.
        """
        if not await identities.set_phone(session, self._phone(user, number, now=now)):
            raise RefusedError(PhoneTakenError())

    def _phone(self, user: User, number: str, *, now: datetime) -> PhoneNumber:
        return PhoneNumber(
            user_id=user.id,
            number_index=self.index_of(number),
            sealed_number=self._personal.seal(number, purpose=phone_purpose(user.id)),
            verified_at=now,
        )

    def index_of(self, number: str) -> str:
        """Return the blind index by which the number is found."""
        return self._personal.index(number, purpose="phone")

    def _digest(self, number: str, code: str) -> str:
        return self._personal.index(f"{number}:{code}", purpose="otp")
