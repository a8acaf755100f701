"""Signing in by phone."""

from typing import Annotated

import strawberry

from subgraphs.shared.graphql.payloads import OkPayload
from subgraphs.users.context import Info
from subgraphs.users.errors import OtpInvalidError, PhoneInvalidError, RefusedError
from subgraphs.users.models import AuditAction
from subgraphs.users.mutations.opening import attempt, sign_in
from subgraphs.users.mutations.support import input_errors
from subgraphs.users.service import audit
from subgraphs.users.service.phone_codes import normalise_phone
from subgraphs.users.types import AuthResult
from subgraphs.users.types.devices import DeviceInput

PhoneArgument = Annotated[
    str,
    strawberry.argument(description="Mobile number; without a country code, one of the country of the request."),
]
CodeArgument = Annotated[str, strawberry.argument(description="The six digits that came by text message.")]
DeviceArgument = Annotated[DeviceInput | None, strawberry.argument(description="What is signed in on.")]


@strawberry.type
class PhoneMutations:
    """Fields of Mutation about codes by phone."""

    @strawberry.mutation(
        description="Send a code of six digits to a phone, good for five minutes. The answer does not tell whether the "
        "number has an account. Another code can be had after 30 seconds, five in an hour."
    )
    async def otp_request(self, info: Info, phone: PhoneArgument) -> OkPayload:
        context = info.context
        try:
            number = _number(phone, country=context.viewer.country)
            await context.ways.phone_codes.send(number, locale=context.viewer.locales()[0], now=context.now)
        except RefusedError as error:
            await context.record_failure(AuditAction.OTP_REQUEST, error.refusals[0].cause)
            return OkPayload(ok=False, errors=input_errors(error))
        async with context.database.writing() as session:
            await audit.record(session, AuditAction.OTP_REQUEST, origin=context.origin, now=context.now)
        return OkPayload(ok=True)

    @strawberry.mutation(
        description="Sign in with the code that came to the phone. A number that has no account gets one."
    )
    async def otp_verify(
        self, info: Info, phone: PhoneArgument, code: CodeArgument, device: DeviceArgument = None
    ) -> AuthResult:
        context = info.context
        async with attempt(context, AuditAction.OTP_VERIFY):
            try:
                number = normalise_phone(phone, country=context.viewer.country)
            except PhoneInvalidError as error:
                raise OtpInvalidError from error
            await context.ways.phone_codes.check(number, code, now=context.now)
            async with context.database.writing() as session:
                user, _is_new = await context.ways.phone_codes.account_of(
                    session, number, locale=context.viewer.locales()[0], now=context.now
                )
            return await sign_in(context, user, device, action=AuditAction.OTP_VERIFY)


def _number(phone: str, *, country: str) -> str:
    try:
        return normalise_phone(phone, country=country)
    except PhoneInvalidError as error:
        raise RefusedError(error) from error
