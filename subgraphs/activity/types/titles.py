"""What activity adds to Title: the active profile's marks, and what the play button plays."""

from collections.abc import Sequence
from typing import Self

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet

from subgraphs.activity.context import Info
from subgraphs.activity.service.rules import up_next
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently

TITLE_TYPES = ("Movie", "Show", "SportsEvent")


@strawberry.federation.type(
    keys=[Key(fields=FieldSet("id"), resolvable=False)], description="Something that plays; described elsewhere."
)
class Playable:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")


@strawberry.federation.interface_object(
    keys=["id"], description="A film, a show or a sports event, as the active profile sees it."
)
class Title:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    playable_ids: list[strawberry.ID] = strawberry.federation.field(
        external=True, default_factory=list, description="What plays, in playing order."
    )

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:  # noqa: ARG003  # the same in every entity
        """Return a title for every id that can be one's. Whether it exists is known to the catalogue."""
        ids = decode_ids_leniently([str(reference.get("id")) for reference in references], *TITLE_TYPES)
        return [
            None
            if global_id is None
            else cls(id=strawberry.ID(str(global_id)), playable_ids=reference.get("playableIds") or [])
            for reference, global_id in zip(references, ids, strict=True)
        ]

    @strawberry.field(description="Whether the active profile has it on its list; false without a profile.")
    async def in_watchlist(self, info: Info) -> bool | None:
        marks = await info.context.loaders.marks_by_title.load(str(self.id))
        return marks is not None and marks.in_watchlist

    @strawberry.field(
        description="The active profile's rating: 1 likes it, -1 does not, 0 has none; null without a profile."
    )
    async def my_rating(self, info: Info) -> int | None:
        marks = await info.context.loaders.marks_by_title.load(str(self.id))
        return None if marks is None else marks.rating

    @strawberry.federation.field(
        requires=["playableIds"],
        description="What the play button plays: what the active profile has not finished, else what follows, else "
        "the beginning; null when there is nothing to play.",
    )
    async def up_next(self, info: Info) -> Playable | None:
        marks = await info.context.loaders.marks_by_title.load(str(self.id))
        playable_id = up_next([str(each) for each in self.playable_ids], {} if marks is None else marks.states)
        return None if playable_id is None else Playable(id=strawberry.ID(playable_id))
