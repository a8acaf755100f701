"""Root fields about notices."""

from typing import Annotated

import strawberry

from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.payloads import OkPayload
from subgraphs.shared.ids import decode_ids_leniently
from subgraphs.users.context import Info
from subgraphs.users.errors import RefusedError
from subgraphs.users.models import AuditAction
from subgraphs.users.mutations.support import input_errors, own_account
from subgraphs.users.repository import notices
from subgraphs.users.service import audit
from subgraphs.users.service.notifications import announcements
from subgraphs.users.service.notifications.announcements import AnnouncementText
from subgraphs.users.service.notifications.preferences import set_preferences
from subgraphs.users.types import AccountPayload, User
from subgraphs.users.types.administration import ADMIN
from subgraphs.users.types.notices import AnnouncementInput, NotificationPreferenceInput

_MOST_IDS = 100

NotificationIds = Annotated[
    list[strawberry.ID] | None, strawberry.argument(description="Which, at most 100; null marks all of them.")
]
Preferences = Annotated[
    list[NotificationPreferenceInput], strawberry.argument(description="Kinds to choose for; others stay as they are.")
]
AnnouncementArgument = Annotated[AnnouncementInput, strawberry.argument(description="What to announce.")]


@strawberry.type
class NoticeMutations:
    @strawberry.federation.mutation(
        authenticated=True, description="Mark notices of the own account as read. Ids of others change nothing."
    )
    async def notifications_mark_read(self, info: Info, ids: NotificationIds = None) -> OkPayload:
        context = info.context
        user_id = context.require_user()
        if ids is not None and len(ids) > _MOST_IDS:
            raise BadUserInputError(f"At most {_MOST_IDS} ids at once.")
        wanted = None
        if ids is not None:
            wanted = [each.uuid for each in decode_ids_leniently([str(given) for given in ids], "Notification") if each]
        async with context.database.writing() as session:
            await notices.mark_read(session, user_id, ids=wanted, at=context.now)
        return OkPayload(ok=True)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Choose the channels of kinds of notices. What concerns the account's safety always goes by "
        "e-mail.",
    )
    async def notification_preferences_set(self, info: Info, input: Preferences) -> AccountPayload:
        context = info.context
        user_id = context.require_user()
        try:
            async with context.database.writing() as session:
                await set_preferences(session, user_id, {each.kind: each.channels for each in input})
        except RefusedError as error:
            return AccountPayload(account=None, errors=input_errors(error))
        return AccountPayload(account=User.of(await own_account(context)), errors=[])

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["notify:write"]],
        description="Announce something to many accounts, at once or at a time.",
    )
    async def announcement_send(self, info: Info, input: AnnouncementArgument) -> OkPayload:
        context = info.context
        text = AnnouncementText(
            title=input.title,
            body=input.body,
            channels=tuple(dict.fromkeys(input.channels)),
            segment=input.segment,
            deep_link=input.deep_link,
            send_at=input.send_at,
        )
        try:
            async with context.database.writing() as session:
                announcement_id = await announcements.schedule(session, text, now=context.now)
                await audit.record(
                    session,
                    AuditAction.ANNOUNCEMENT_SEND,
                    origin=context.origin,
                    now=context.now,
                    subject=str(announcement_id),
                )
        except RefusedError as error:
            return OkPayload(ok=False, errors=input_errors(error))
        return OkPayload(ok=True)
