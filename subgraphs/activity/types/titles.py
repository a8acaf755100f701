"""What activity adds to Title: the active profile's marks, and what the play button plays."""

from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Annotated, TypeVar

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet

from subgraphs.activity.context import Info
from subgraphs.activity.models.figures import DateRange
from subgraphs.activity.models.states import TitleMarks
from subgraphs.activity.service.figures import checked_range, require_analyst
from subgraphs.activity.service.rules import average_of_five, up_next
from subgraphs.activity.types.figures import ADMIN, DateRangeInput, TitleAnalytics
from subgraphs.shared.graphql.kept import keeps_answers, lasting
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently

Seen = TypeVar("Seen")
Days = Annotated[DateRangeInput, strawberry.argument(description="Which days.")]

NO_MARKS = TitleMarks(states={}, rating=None, in_watchlist=False)
"""What somebody without a profile sees."""

TITLE_TYPES = ("Movie", "Show", "SportsEvent")


@keeps_answers()
@strawberry.federation.type(
    keys=[Key(fields=FieldSet("id"), resolvable=False)], description="Something that plays; described elsewhere."
)
class Playable:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")


@strawberry.type(description="What all profiles together think of a title.")
class RatingSummary:
    up: int = strawberry.field(description="How many like it.")
    down: int = strawberry.field(description="How many do not.")
    average5: float | None = strawberry.field(
        description="On a scale from 1, nobody likes it, to 5, to one decimal; null before anybody rated it."
    )


# One object for all whose marks say the same, where nothing is known of what plays (`_title_of`).
@keeps_answers()
@strawberry.federation.interface_object(
    keys=["id"], description="A film, a show or a sports event, as the active profile sees it."
)
class Title:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    playable_ids: list[strawberry.ID] = strawberry.federation.field(
        external=True, default_factory=list, description="What plays, in playing order."
    )

    marks: strawberry.Private[TitleMarks | None] = None
    """Read ahead for a page of titles; None for a title in one of our own lists, where nobody may ask."""

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> "Sequence[Title | None]":
        """Return a title for every id that can be one's. Whether it exists is known to the catalogue."""
        texts = [str(reference.get("id")) for reference in references]
        ids = [
            text if found else None
            for text, found in zip(texts, decode_ids_leniently(texts, *TITLE_TYPES), strict=True)
        ]
        known = list(dict.fromkeys(each for each in ids if each is not None))
        marks = dict(zip(known, await info.context.loaders.marks_by_title.load_many(known), strict=True))
        return [
            None if each is None else _title(each, reference.get("playableIds"), marks[each] or NO_MARKS)
            for reference, each in zip(references, ids, strict=True)
        ]

    def _see(self, info: Info, look: Callable[[TitleMarks], Seen]) -> Seen | Awaitable[Seen]:
        """Return what the look finds: at once where the marks are there, else when they have been read."""
        return look(self.marks) if self.marks is not None else self._see_later(info, look)

    async def _see_later(self, info: Info, look: Callable[[TitleMarks], Seen]) -> Seen:
        return look(await info.context.loaders.marks_by_title.load(str(self.id)) or NO_MARKS)

    @strawberry.field(
        graphql_type=bool | None,
        description="Whether the active profile has it on its list; false without a profile.",
    )
    @lasting
    def in_watchlist(self, info: Info) -> bool | Awaitable[bool]:
        return self._see(info, lambda marks: marks.in_watchlist)

    @strawberry.field(
        graphql_type=int | None,
        description="The active profile's rating: 1 likes it, -1 does not, 0 has none; null without a profile.",
    )
    @lasting
    def my_rating(self, info: Info) -> int | Awaitable[int | None] | None:
        return self._see(info, lambda marks: marks.rating)

    @strawberry.federation.field(
        graphql_type=Playable | None,
        requires=["playableIds"],
        description="What the play button plays: what the active profile has not finished, else what follows, else "
        "the beginning; null when there is nothing to play.",
    )
    def up_next(self, info: Info) -> Playable | Awaitable[Playable | None] | None:
        return self._see(info, self._next)

    @strawberry.federation.field(
        tags=ADMIN, description="How it was watched over some days; for who holds the scope `analytics:read`."
    )
    async def analytics(self, info: Info, range: Days) -> TitleAnalytics | None:
        require_analyst(info.context.viewer)
        days = checked_range(DateRange(range.from_, range.to))
        return TitleAnalytics.of(await info.context.loaders.figures_by_title.load((str(self.id), days)))

    @strawberry.field(description="What all profiles together think of it.")
    async def rating_summary(self, info: Info) -> RatingSummary | None:
        counts = await info.context.loaders.ratings_by_title.load(str(self.id))
        return RatingSummary(up=counts.up, down=counts.down, average5=average_of_five(counts.up, counts.down))

    @strawberry.field(
        description="How often it was watched. Each viewing counts, also when it is gone from its viewer's history."
    )
    async def view_count(self, info: Info) -> int | None:
        return await info.context.loaders.views_by_title.load(str(self.id))

    def _next(self, marks: TitleMarks) -> Playable | None:
        playable_id = up_next([str(each) for each in self.playable_ids], marks.states)
        return None if playable_id is None else Playable(id=strawberry.ID(playable_id))


def _title(title_id: str, playable_ids: list[strawberry.ID] | None, marks: TitleMarks) -> Title:
    if not playable_ids:
        return _title_of(title_id, marks)
    return Title(id=strawberry.ID(title_id), playable_ids=playable_ids, marks=marks)


# 8 MB in each process when full, with the answers that are kept of them.
@lru_cache(maxsize=8192)
def _title_of(title_id: str, marks: TitleMarks) -> Title:
    return Title(id=strawberry.ID(title_id), marks=marks)
