"""Root mutation fields of the activity subgraph."""

from typing import Annotated

import strawberry

from subgraphs.activity.context import Info
from subgraphs.activity.errors import RatingOutOfRangeError, TitleNotFoundError
from subgraphs.activity.service import saying
from subgraphs.activity.types import RatePayload, Title, WatchlistPayload
from subgraphs.activity.types.titles import TITLE_TYPES
from subgraphs.shared.errors import InvalidIdError
from subgraphs.shared.graphql.payloads import OkPayload, input_error
from subgraphs.shared.ids import decode_id

TitleId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a film, show or sports event.")]
Value = Annotated[int, strawberry.argument(description="1 likes it, -1 does not, 0 takes the rating away.")]


@strawberry.type
class Mutation:
    @strawberry.federation.mutation(
        authenticated=True, description="Put a title on the active profile's list. Doing it again changes nothing."
    )
    async def watchlist_add(self, title_id: TitleId, info: Info) -> WatchlistPayload:
        context = info.context
        try:
            decode_id(title_id, *TITLE_TYPES)
            await saying.add_to_watchlist(
                context.read_model, viewer=context.viewer, title_id=str(title_id), now=context.now
            )
        except (InvalidIdError, TitleNotFoundError) as error:
            return WatchlistPayload(errors=[input_error(error, "titleId")])
        return WatchlistPayload(title=Title(id=title_id))

    @strawberry.federation.mutation(
        authenticated=True, description="Take a title off the active profile's list. Doing it again changes nothing."
    )
    async def watchlist_remove(self, title_id: TitleId, info: Info) -> WatchlistPayload:
        context = info.context
        try:
            decode_id(title_id, *TITLE_TYPES)
            await saying.remove_from_watchlist(
                context.read_model, viewer=context.viewer, title_id=str(title_id), now=context.now
            )
        except InvalidIdError as error:
            return WatchlistPayload(errors=[input_error(error, "titleId")])
        return WatchlistPayload(title=Title(id=title_id))

    @strawberry.federation.mutation(authenticated=True, description="Say what the active profile thinks of a title.")
    async def title_rate(self, title_id: TitleId, value: Value, info: Info) -> RatePayload:
        context = info.context
        try:
            decode_id(title_id, *TITLE_TYPES)
            await saying.rate(
                context.read_model, viewer=context.viewer, title_id=str(title_id), value=value, now=context.now
            )
        except RatingOutOfRangeError as error:
            return RatePayload(errors=[input_error(error, "value")])
        except (InvalidIdError, TitleNotFoundError) as error:
            return RatePayload(errors=[input_error(error, "titleId")])
        return RatePayload(title=Title(id=title_id))

    @strawberry.federation.mutation(
        authenticated=True,
        description="Take a title out of continue watching until it is played again. Its position and history stay.",
    )
    async def continue_watching_dismiss(self, title_id: TitleId, info: Info) -> OkPayload:
        context = info.context
        try:
            decode_id(title_id, *TITLE_TYPES)
        except InvalidIdError as error:
            return OkPayload(ok=False, errors=[input_error(error, "titleId")])
        await saying.dismiss(context.read_model, viewer=context.viewer, title_id=str(title_id), now=context.now)
        return OkPayload(ok=True)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Forget what the active profile watched; recommendations forget it too. Positions stay.",
    )
    async def history_clear(self, info: Info) -> OkPayload:
        context = info.context
        await saying.clear_history(context.read_model, viewer=context.viewer, now=context.now)
        return OkPayload(ok=True)
