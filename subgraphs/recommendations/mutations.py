"""Root mutation fields of the recommendations subgraph: what curators do with trays."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from subgraphs.recommendations.context import Context
from subgraphs.recommendations.errors import CurationError, TrayRefusedError
from subgraphs.recommendations.models.words import PageSlug
from subgraphs.recommendations.service.curating import Aim, Schedule, Share, TrayRequest
from subgraphs.recommendations.types.definitions import (
    ADMIN,
    TrayDefinition,
    TrayInput,
    TrayPayload,
    TraysPayload,
    TrayTargetingInput,
)
from subgraphs.shared.graphql.payloads import InputError, UserError, input_error
from subgraphs.shared.ids import decode_id

Input = Annotated[TrayInput, strawberry.argument(description="What the tray is to be.")]
Slug = Annotated[PageSlug, strawberry.argument(description="Which page.")]
TrayId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the tray.")]
TrayIds = Annotated[list[strawberry.ID], strawberry.argument(description="Every tray of the page, once, in order.")]
Expected = Annotated[int, strawberry.argument(description="The version that you have seen.")]


@strawberry.type
class Mutation:
    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["curate:write"]],
        description="Make a tray of a page, or change one: the next page that anybody reads has it.",
    )
    async def tray_upsert(self, info: Info[Context, None], input: Input) -> TrayPayload:
        context = info.context
        try:
            tray = await context.curators.upsert(_request_of(input), viewer=context.viewer)
        except CurationError as error:
            return TrayPayload(tray=None, errors=_user_errors(error))
        return TrayPayload(tray=TrayDefinition.of(tray), errors=[])

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["curate:write"]],
        description="Put the trays of a page into an order; pinned ones stay before the others.",
    )
    async def trays_reorder(self, info: Info[Context, None], page: Slug, ids: TrayIds) -> TraysPayload:
        context, wanted = info.context, [decode_id(each, "Tray").uuid for each in ids]
        try:
            trays = await context.curators.reorder(page, wanted, viewer=context.viewer)
        except CurationError as error:
            return TraysPayload(trays=None, errors=_user_errors(error))
        return TraysPayload(trays=[TrayDefinition.of(tray) for tray in trays], errors=[])

    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["curate:write"]], description="Delete a tray of a page."
    )
    async def tray_delete(self, info: Info[Context, None], id: TrayId, expected_version: Expected) -> TrayPayload:
        context, own = info.context, decode_id(id, "Tray").uuid
        try:
            tray = await context.curators.delete(own, expected_version=expected_version, viewer=context.viewer)
        except CurationError as error:
            return TrayPayload(tray=None, errors=_user_errors(error))
        return TrayPayload(tray=TrayDefinition.of(tray), errors=[])


def _request_of(given: TrayInput) -> TrayRequest:
    aim, schedule = given.targeting, given.schedule
    return TrayRequest(
        id=None if given.id is None else decode_id(given.id, "Tray").uuid,
        expected_version=given.expected_version,
        page=given.page,
        kind=given.kind,
        layout=given.layout,
        headings={each.locale: each.text for each in given.headings or ()},
        position=given.position,
        pinned=given.pinned,
        source=given.source,
        argument=given.argument,
        collection_ids=None if given.collection_ids is None else [str(each) for each in given.collection_ids],
        size=given.size,
        min_items=given.min_items,
        aim=None if aim is None else _aim_of(aim),
        schedule=None if schedule is None else Schedule(schedule.starts_at, schedule.ends_at),
        is_active=given.active,
    )


def _aim_of(given: TrayTargetingInput) -> Aim:
    share = given.experiment
    return Aim(
        countries=given.countries,
        tiers=given.tiers,
        devices=given.devices,
        languages=given.languages,
        maturity_limits=given.maturity_limits,
        kids=given.kids,
        segments=given.segments,
        experiment=None if share is None else Share(share.key, share.from_, share.until),
    )


def _user_errors(error: CurationError) -> list[UserError]:
    """Return what a curator has to mend: field by field where the tray is at fault."""
    if isinstance(error, TrayRefusedError):
        return [
            InputError(code=refusal.code, message=refusal.message, path=list(refusal.path))
            for refusal in error.refusals
        ]
    return [input_error(error)]
