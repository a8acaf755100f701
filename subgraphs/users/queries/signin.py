"""What a client asks before somebody signs in in another way, or lets a device in."""

from typing import Annotated

import strawberry

from subgraphs.users.context import Info
from subgraphs.users.errors import RefusedError
from subgraphs.users.models import IdentityProvider
from subgraphs.users.mutations.support import input_errors
from subgraphs.users.types.signin import PendingDevice, PendingDevicePayload

UserCodeArgument = Annotated[str, strawberry.argument(description="The code that the device shows.")]


@strawberry.type
class SignInQueries:
    """Fields of Query about ways to sign in."""

    @strawberry.field(description="The providers that can be signed in with here.")
    def sign_in_providers(self, info: Info) -> list[IdentityProvider] | None:
        return info.context.ways.providers.offered()

    @strawberry.federation.field(
        authenticated=True,
        description="The device that shows the code, to look at before it is approved. Needs a signed-in viewer; ten "
        "wrong codes in fifteen minutes are answered.",
    )
    async def device_pairing(self, info: Info, user_code: UserCodeArgument) -> PendingDevicePayload | None:
        context = info.context
        try:
            device = await context.ways.pairings.waiting(user_code, user_id=context.require_user(), now=context.now)
        except RefusedError as error:
            return PendingDevicePayload(device=None, errors=input_errors(error))
        return PendingDevicePayload(device=PendingDevice.of(device), errors=[])
