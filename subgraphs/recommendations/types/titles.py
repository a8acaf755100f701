"""Title and Collection as seen from here, with reasons, scores and trends."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet
from strawberry.types import Info

from subgraphs.recommendations.context import Context
from subgraphs.recommendations.models.rows import ReasonNote, RowEntry
from subgraphs.recommendations.models.words import ReasonKind, TrendPeriod
from subgraphs.recommendations.service.wording import reason_text
from subgraphs.recommendations.types import words as _words  # noqa: F401  # gives the enums their texts
from subgraphs.shared.graphql.kept import keeps_answers, lasting
from subgraphs.shared.graphql.pagination import First, check_page_size
from subgraphs.shared.graphql.scalars import Locale
from subgraphs.shared.graphql.schema import Reference

LocaleArgument = Annotated[
    Locale | None, strawberry.argument(description="Language wanted; else the profile's, the browser's, English.")
]
PeriodArgument = Annotated[TrendPeriod, strawberry.argument(description="The time over which plays count.")]


@keeps_answers()
@strawberry.federation.type(
    keys=[Key(fields=FieldSet("id"), resolvable=False)], description="Titles that editors put together."
)
class Collection:
    id: strawberry.ID = strawberry.field(description="Global id of the collection.")


@keeps_answers()
@strawberry.federation.interface_object(
    keys=["id"], description="A movie, show or sports event, with what is near to it and how much it is watched."
)
class Title:
    id: strawberry.ID = strawberry.field(description="Global id of the movie, show or sports event.")

    @strawberry.field(
        description="Titles that share genres, people or language with this one, most alike first; never above the "
        "viewer's maturity limit. Empty when nothing is alike."
    )
    async def similar(self, info: Info[Context, None], first: First = 10) -> "list[ScoredTitle] | None":
        check_page_size(first)
        entries = await info.context.loaders.similar_by_title.load(self.id)
        return [scored_title(entry) for entry in entries[:first]]

    @strawberry.field(description="Its place in the chart of a period; null when nobody watched it then.")
    async def trend(self, info: Info[Context, None], period: PeriodArgument = TrendPeriod.D7) -> "Trend | None":
        found = await info.context.loaders.trend_by_title.load((self.id, period))
        if found is None:
            return None
        return Trend(
            score=found.score, rank=found.rank, previous_rank=found.previous_rank, computed_at=found.computed_at
        )

    @classmethod
    async def resolve_references(
        cls, references: Sequence[Reference], info: Info[Context, None]
    ) -> "list[Title | None]":
        """Return the titles that exist and that the viewer may see; null for the others."""
        ids = [str(reference.get("id")) for reference in references]
        visible = await info.context.loaders.is_visible_by_title.load_many(ids)
        return [title_of(title_id) if is_visible else None for title_id, is_visible in zip(ids, visible, strict=True)]


def title_of(title_id: str) -> Title:
    """Return the reference to a title."""
    return Title(id=strawberry.ID(title_id))


@keeps_answers(by=Context.words_of_viewer)
@strawberry.type(description="Why a title is shown.")
class Reason:
    note: strawberry.Private[ReasonNote]
    kind: ReasonKind = strawberry.field(description="The kind of reason.")

    @strawberry.field(description="The reason in words, ready to show below a title.")
    @lasting
    def text(self, info: Info[Context, None], locale: LocaleArgument = None) -> str:
        return reason_text(self.note, info.context.viewer.locales(locale))

    @strawberry.field(description="The title that the viewer watched or liked, where the reason rests on one.")
    @lasting
    def because(self) -> Title | None:
        return None if self.note.because_id is None else title_of(self.note.because_id)


def reason_of(note: ReasonNote | None) -> Reason | None:
    """Return the GraphQL form of a reason."""
    return None if note is None else Reason(note=note, kind=note.kind)


@strawberry.type(description="A title with a score.")
class ScoredTitle:
    title: Title | None = strawberry.field(description="The title.")
    score: float = strawberry.field(
        description="Higher is better. Likeness and taste lie between 0 and 1; a chart's score has no upper bound."
    )
    reason: Reason | None = strawberry.field(description="Why it is here.")


def scored_title(entry: RowEntry) -> ScoredTitle:
    """Return the GraphQL form of a ranked entry."""
    return ScoredTitle(title=title_of(entry.title_id), score=entry.score, reason=reason_of(entry.reason))


@strawberry.type(description="A title's place in the chart of a period.")
class Trend:
    score: float = strawberry.field(description="What the chart is ordered by; comparable within one period only.")
    rank: int = strawberry.field(description="Place in the chart, from 1.")
    previous_rank: int | None = strawberry.field(description="Place in the chart before; null for a newcomer.")
    computed_at: datetime = strawberry.field(description="When the chart was computed: at most six hours ago.")
