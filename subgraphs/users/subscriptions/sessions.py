"""Sessions that are ended, as it happens."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

import strawberry

from subgraphs.users.context import Context, Info
from subgraphs.users.models import Device
from subgraphs.users.repository import devices
from subgraphs.users.types.devices import Session


@strawberry.type
class SessionSubscriptions:
    @strawberry.federation.field(
        is_subscription=True,
        authenticated=True,
        description="Sessions of the own account that are ended before their time: by `logout`, `sessionRevoke` and "
        "`deviceRevoke`, a new password, a refresh token that came twice, an administrator. A client whose own "
        "session is ended is disconnected as well, perhaps before it hears of it.",
    )
    async def session_revoked(self, info: Info) -> AsyncGenerator[Session, None]:
        context = info.context
        user_id = context.require_user()
        async with aclosing(context.ended_sessions.follow(user_id)) as ending:
            async for session_id, stored in ending:
                device = await _device(context, stored.device_id, user_id=user_id) if stored.device_id else None
                is_current = session_id == context.viewer.session_id
                yield Session.of(session_id, stored, device=device, is_current=is_current)


async def _device(context: Context, device_id: UUID, *, user_id: UUID) -> Device | None:
    """Return the device as it is now; None when it was forgotten."""
    async with context.database.reading() as session:
        found = (await devices.devices_of_users(session, [user_id]))[user_id]
    return next((device for device in found if device.id == device_id), None)
