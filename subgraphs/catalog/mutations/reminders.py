"""What viewers wait for, as root mutation fields. The rules are in service/reminders."""

from typing import Annotated

import strawberry

from subgraphs.catalog.errors import EditorialError
from subgraphs.catalog.models import TYPE_NAMES
from subgraphs.catalog.repository.coming import remove_reminder
from subgraphs.catalog.service.reminders import remind
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.payloads import OkPayload, input_error
from subgraphs.shared.ids import decode_id

TitleId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the title.")]


@strawberry.type
class ReminderMutations:
    @strawberry.federation.mutation(
        authenticated=True,
        description="Have the active profile told, once, when a title that comes soon can be watched: by a notice of "
        "kind REMINDER_LIVE. Asking again changes nothing.",
    )
    async def reminder_set(self, info: Info, title_id: TitleId) -> OkPayload:
        context = info.context
        own = decode_id(title_id, *TYPE_NAMES.values()).uuid
        try:
            async with context.database.writing() as session:
                await remind(session, context.viewer, own, audience=context.audience)
        except EditorialError as error:
            return OkPayload(ok=False, errors=[input_error(error, "titleId")])
        return OkPayload(ok=True)

    @strawberry.federation.mutation(
        authenticated=True, description="Wait for a title no more. Doing it again changes nothing."
    )
    async def reminder_remove(self, info: Info, title_id: TitleId) -> OkPayload:
        context = info.context
        profile_id = context.viewer.require_profile()
        own = decode_id(title_id, *TYPE_NAMES.values()).uuid
        async with context.database.writing() as session:
            await remove_reminder(session, profile_id, own)
        return OkPayload(ok=True)
