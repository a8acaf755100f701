"""Root query fields of the recommendations subgraph."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from subgraphs.recommendations.context import Context
from subgraphs.recommendations.models.rows import ReasonNote
from subgraphs.recommendations.models.words import PageSlug, ReasonKind, TrendPeriod
from subgraphs.recommendations.types.pages import Page, Tray, pages_by_slug, trays_by_id
from subgraphs.recommendations.types.titles import PeriodArgument, Reason, ScoredTitle, title_of
from subgraphs.shared.graphql.pagination import First, check_page_size
from subgraphs.shared.ids import decode_id

Slug = Annotated[PageSlug, strawberry.argument(description="Which page.")]
TrayId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the tray.")]


@strawberry.type
class Query:
    @strawberry.field(
        description="A page of trays for the viewer, signed in or not. Always answers as long as one store does."
    )
    async def page(self, info: Info[Context, None], slug: Slug) -> Page | None:
        return (await pages_by_slug(info.context, [slug]))[slug]

    @strawberry.field(description="One tray, to read on where a page left off; null when the viewer has no such tray.")
    async def tray(self, info: Info[Context, None], id: TrayId) -> Tray | None:
        decode_id(id, "Tray")
        return (await trays_by_id(info.context)).get(id)

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
