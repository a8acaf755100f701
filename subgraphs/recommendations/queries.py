"""Root query fields of the recommendations subgraph."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from subgraphs.recommendations.context import Context
from subgraphs.recommendations.models.rows import ReasonNote
from subgraphs.recommendations.models.targeting import BUCKETS, Spectator
from subgraphs.recommendations.models.words import PageSlug, ReasonKind, TrendPeriod
from subgraphs.recommendations.service.curating import require
from subgraphs.recommendations.types.definitions import ADMIN, PreviewAudienceInput, TrayDefinition
from subgraphs.recommendations.types.pages import Page, Tray, page_of, pages_by_slug, trays_by_id
from subgraphs.recommendations.types.titles import PeriodArgument, Reason, ScoredTitle, title_of
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.pagination import First, check_page_size
from subgraphs.shared.ids import decode_id
from subgraphs.shared.values import DEFAULT_LOCALE, DeviceType

Slug = Annotated[PageSlug, strawberry.argument(description="Which page.")]
Device = Annotated[
    DeviceType | None, strawberry.argument(description="What it is shown on; trays for certain devices ask for it.")
]
PreviewAt = Annotated[datetime | None, strawberry.argument(description="The moment; else now.")]
Audience = Annotated[PreviewAudienceInput | None, strawberry.argument(description="Who they are.")]
TrayId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the tray.")]


@strawberry.type
class Query:
    @strawberry.field(
        description="A page of trays for the viewer, signed in or not. Always answers as long as one store does."
    )
    async def page(self, info: Info[Context, None], slug: Slug, device: Device = None) -> Page | None:
        return (await pages_by_slug(info.context, [slug], device=device))[slug]

    @strawberry.field(description="One tray, to read on where a page left off; null when the viewer has no such tray.")
    async def tray(self, info: Info[Context, None], id: TrayId, device: Device = None) -> Tray | None:
        decode_id(id, "Tray")
        return (await trays_by_id(info.context, device=device)).get(id)

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["curate:read"]],
        description="The trays of a page in order, those not in use, not yet or no more shown among them.",
    )
    async def tray_definitions(self, info: Info[Context, None], page: Slug) -> list[TrayDefinition] | None:
        rows = await info.context.curators.definitions(page, viewer=info.context.viewer)
        return [TrayDefinition.of(row) for row in rows]

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["curate:read"]],
        description="A page as somebody else would get it at some moment, without personal trays; nobody but you gets "
        "to see it. Titles come with what the catalogue shows you now, null where that is nothing.",
    )
    async def page_preview(
        self,
        info: Info[Context, None],
        slug: Slug,
        at: PreviewAt = None,
        audience: Audience = None,
    ) -> Page | None:
        context, who = info.context, audience or PreviewAudienceInput()
        require(context.viewer, "curate:read")
        if who.bucket is not None and not 0 <= who.bucket < BUCKETS:
            raise BadUserInputError(f"`bucket` goes from 0 to {BUCKETS - 1}.")
        spectator = Spectator(
            at=at or context.now,
            country=who.country or context.viewer.country,
            age_limit=who.maturity_limit.age_floor,
            is_kids=who.is_kids,
            locale=who.locale or DEFAULT_LOCALE,
            tier=who.tier,
            device=who.device,
            segment=None if who.is_kids else who.segment,
            bucket=None if who.is_kids else who.bucket,
        )
        return page_of(await context.rows.preview(slug, spectator=spectator), 0, slug)

    @strawberry.field(description="The most watched titles of a period that the viewer may see, the leader first.")
    async def trending(
        self, info: Info[Context, None], period: PeriodArgument = TrendPeriod.D7, first: First = 20
    ) -> list[ScoredTitle] | None:
        check_page_size(first)
        entries = await info.context.charts.chart(period, viewer=info.context.viewer, first=first)
        note = ReasonNote(ReasonKind.TRENDING)
        return [
            ScoredTitle(title=title_of(entry.title_id), score=entry.score, reason=Reason(note=note, kind=note.kind))
            for entry in entries
        ]
