"""What playback adds to Title and Playable: may it be played, and how far the active profile has come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

from subgraphs.playback.context import Context, Info
from subgraphs.playback.models import rows
from subgraphs.playback.models.rows import Licence
from subgraphs.playback.service.access import decide_access
from subgraphs.playback.types.access import AccessDecision
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.values import UNRATED_AGE_FLOOR, age_floor


@strawberry.type(description="How far the active profile has come in something.")
class Progress:
    row: strawberry.Private[rows.Progress]

    @strawberry.field(description="Where the profile stopped, in seconds from the beginning.")
    def position_seconds(self) -> int:
        return self.row.position_seconds

    @strawberry.field(description="Length in seconds; 0 when nobody knows it.")
    def duration_seconds(self) -> int:
        return self.row.duration_seconds

    @strawberry.field(description="Position as a percentage of the length, to one decimal.")
    def percent(self) -> float:
        return self.row.percent

    @strawberry.field(description="Whether it was ever seen up to 90 % or further.")
    def watched(self) -> bool:
        return self.row.watched

    @strawberry.field(description="When the position last changed.")
    def updated_at(self) -> datetime:
        return self.row.updated_at

    @strawberry.field(description="What was played: of a show, the episode.")
    def playable(self) -> "Annotated[Playable, strawberry.lazy('subgraphs.playback.types.entities')] | None":
        return Playable(id=strawberry.ID(self.row.playable_id), licence=None)


@strawberry.federation.type(keys=["id"], description="Something that plays: a film, an episode, an event.")
class Playable:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    licence: strawberry.Private[Licence | None]

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the playables that may ever be played by somebody; null for others."""
        ids = [str(reference.get("id")) for reference in references]
        licences = await info.context.loaders.licence_by_playable.load_many(ids)
        return [
            None if licence is None else cls(id=strawberry.ID(each), licence=licence)
            for each, licence in zip(ids, licences, strict=True)
        ]

    @strawberry.field(
        description="How far the active profile has come; null without a profile or before the first play."
    )
    async def progress(self, info: Info) -> Progress | None:
        licence = self.licence or await info.context.loaders.licence_by_playable.load(str(self.id))
        return await _progress(str(self.id), licence, info.context)

    @strawberry.field(description="Whether the viewer may play it now; null when it is not published.")
    async def access(self, info: Info) -> AccessDecision | None:
        licence = self.licence or await info.context.loaders.licence_by_playable.load(str(self.id))
        return _access(licence, info.context)


@strawberry.federation.interface_object(
    keys=["id"], description="A film, a show or a sports event, as playback knows it."
)
class Title:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    licence: strawberry.Private[Licence]

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the titles that catalog told us of; null for others."""
        ids = [str(reference.get("id")) for reference in references]
        licences = await info.context.loaders.licence_by_title.load_many(ids)
        return [
            None if licence is None else cls(id=strawberry.ID(each), licence=licence)
            for each, licence in zip(ids, licences, strict=True)
        ]

    @strawberry.field(
        description="How far the active profile has come in what it played last of the title; null without a profile "
        "or before the first play."
    )
    async def progress(self, info: Info) -> Progress | None:
        return await _progress(str(self.id), self.licence, info.context)

    @strawberry.field(description="Whether the viewer may play it now; for a show, its first episode.")
    def access(self, info: Info) -> AccessDecision | None:
        return _access(self.licence, info.context)


def _access(licence: Licence | None, context: Context) -> AccessDecision | None:
    if licence is None:
        return None
    return AccessDecision.of(decide_access(licence, context.viewer, now=context.now))


async def _progress(asked: str, licence: Licence | None, context: Context) -> Progress | None:
    """Return the progress, unless the profile's limit hides the title by now."""
    limit = context.viewer.age_limit
    rights = None if licence is None else licence.rights
    if limit < UNRATED_AGE_FLOOR and (rights is None or age_floor(rights.maturity_rating) > limit):
        return None
    row = await context.loaders.progress_by_id.load(asked)
    return None if row is None else Progress(row=row)
