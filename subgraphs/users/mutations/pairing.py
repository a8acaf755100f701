"""Pairing a television with an account."""

from typing import Annotated

import strawberry

from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.payloads import OkPayload
from subgraphs.shared.ids import decode_id
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import PairingEndedError, PairingExpiredError, RefusedError
from subgraphs.users.models import AuditAction
from subgraphs.users.mutations.opening import attempt, sign_in
from subgraphs.users.mutations.support import input_errors, profile_manager
from subgraphs.users.repository import accounts
from subgraphs.users.repository.pairings import WaitingDevice
from subgraphs.users.service import audit
from subgraphs.users.types import AuthResult
from subgraphs.users.types.devices import DeviceInput
from subgraphs.users.types.signin import DevicePairing

DeviceArgument = Annotated[DeviceInput, strawberry.argument(description="The device that wants to sign in.")]
UserCodeArgument = Annotated[str, strawberry.argument(description="The code that the device shows.")]
DeviceCodeArgument = Annotated[str, strawberry.argument(description="The device code of the pairing.")]

LONGEST_DEVICE_TEXT = 100


@strawberry.type
class PairingMutations:
    """Fields of Mutation about pairing."""

    @strawberry.mutation(
        description="Start to pair a device without a keyboard: show the user code, and ask with the device code."
    )
    async def device_pairing_start(self, info: Info, device: DeviceArgument) -> DevicePairing:
        context = info.context
        started = await context.ways.pairings.start(_waiting(context, device))
        return DevicePairing.of(started, verification_url=context.pairing_url)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Let the device that shows the code sign in to the own account, with the active profile. Look at "
        "`devicePairing` first: it says which device that is.",
    )
    async def device_pairing_approve(self, info: Info, user_code: UserCodeArgument) -> OkPayload:
        return await _decide(info.context, user_code, approve=True)

    @strawberry.federation.mutation(authenticated=True, description="Refuse the device that shows the code.")
    async def device_pairing_deny(self, info: Info, user_code: UserCodeArgument) -> OkPayload:
        return await _decide(info.context, user_code, approve=False)

    @strawberry.mutation(
        description="Ask whether the device was approved; once it was, the tokens are returned, a single time."
    )
    async def device_pairing_poll(self, info: Info, device_code: DeviceCodeArgument) -> AuthResult:
        context = info.context
        try:
            approved = await context.ways.pairings.poll(device_code, now=context.now)
        except PairingEndedError as error:
            await context.record_failure(AuditAction.PAIRING_LOGIN, error.cause)
            raise
        async with attempt(context, AuditAction.PAIRING_LOGIN):
            async with context.database.reading() as session:
                user = await accounts.user_by_id(session, approved.user_id)
            if user is None:
                raise PairingExpiredError
            waited = approved.device
            device = DeviceInput(client_id=waited.client_id, type=waited.type, name=waited.name)
            return await sign_in(
                context,
                user,
                device,
                profile_id=approved.profile_id,
                action=AuditAction.PAIRING_LOGIN,
                proven_at=approved.approved_at,
            )


async def _decide(context: Context, user_code: str, *, approve: bool) -> OkPayload:
    # Who may not manage the account may not give it away to a device either.
    user_id = profile_manager(context)
    profile_id = context.viewer.profile_id
    try:
        await context.ways.pairings.decide(
            user_code,
            approve=approve,
            user_id=user_id,
            profile_id=decode_id(profile_id, "Profile").uuid if profile_id else None,
            now=context.now,
        )
    except RefusedError as error:
        await context.record_failure(AuditAction.PAIRING_APPROVE, error.refusals[0].cause)
        return OkPayload(ok=False, errors=input_errors(error))
    async with context.database.writing() as session:
        # What was decided: "no" is worth as much in the log as "yes".
        change = audit.Change("pairing", None, "APPROVED" if approve else "DENIED")
        await audit.record(
            session,
            AuditAction.PAIRING_APPROVE,
            origin=context.origin,
            now=context.now,
            subject=context.viewer.require_user(),
            changes=[change],
        )
    return OkPayload(ok=True)


def _waiting(context: Context, device: DeviceInput) -> WaitingDevice:
    """Return what is shown of the device to who approves it.

    Raises:
        BadUserInputError: A text is empty, too long or cannot be shown.
    """
    for text in (device.client_id, device.name):
        if text is not None and not (0 < len(text.strip()) <= LONGEST_DEVICE_TEXT and text.isprintable()):
            raise BadUserInputError("A device's client id and name have 1 to 100 printable characters.")
    return WaitingDevice(
        client_id=device.client_id,
        name=device.name,
        type=device.type,
        country=context.viewer.country,
        started_at=context.now,
    )
