"""New notices, as they come."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

import strawberry

from subgraphs.users.context import Info
from subgraphs.users.repository import notices
from subgraphs.users.types.notices import Notification


@strawberry.type
class NoticeSubscriptions:
    @strawberry.federation.field(
        is_subscription=True,
        authenticated=True,
        description="Notices to the own account as they come. Those before it begins are in `notifications`.",
    )
    async def notification_received(self, info: Info) -> AsyncGenerator[Notification, None]:
        context = info.context
        user_id = context.require_user()
        locale = context.viewer.locales()[0]
        async with aclosing(context.live_notices.follow(user_id)) as coming:
            async for notification_id in coming:
                async with context.database.reading() as session:
                    found = await notices.visible_notifications(session, [notification_id], viewer=user_id)
                if notification_id in found:
                    yield Notification.of(found[notification_id], locale=locale)
