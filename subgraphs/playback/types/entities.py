"""What playback adds to Title and Playable: may it be played, and how far the active profile has come."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Self

import strawberry

from subgraphs.playback.context import Context, Info
from subgraphs.playback.models import rows
from subgraphs.playback.models.rows import Licence
from subgraphs.playback.service.access import decide_access
from subgraphs.playback.types.access import AccessDecision
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.identity import Viewer
from subgraphs.shared.values import UNRATED_AGE_FLOOR, age_floor

_MOST_DECISIONS = 16
"""Kept of one licence: viewers differ by country and age limit."""


@strawberry.type(description="How far the active profile has come in something.")
class Progress:
    position_seconds: int = strawberry.field(description="Where the profile stopped, in seconds from the beginning.")
    duration_seconds: int = strawberry.field(description="Length in seconds; 0 when nobody knows it.")
    percent: float = strawberry.field(description="Position as a percentage of the length, to one decimal.")
    watched: bool = strawberry.field(description="Whether it was ever seen up to 90 % or further.")
    updated_at: datetime = strawberry.field(description="When the position last changed.")
    playable: "Annotated[Playable, strawberry.lazy('subgraphs.playback.types.entities')] | None" = strawberry.field(
        description="What was played: of a show, the episode."
    )

    @classmethod
    def of(cls, row: rows.Progress) -> Self:
        """Return the GraphQL form of a stored progress."""
        return cls(
            position_seconds=row.position_seconds,
            duration_seconds=row.duration_seconds,
            percent=row.percent,
            watched=row.watched,
            updated_at=row.updated_at,
            playable=Playable(id=strawberry.ID(row.playable_id)),
        )


@strawberry.federation.type(keys=["id"], description="Something that plays: a film, an episode, an event.")
class Playable:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the playables that may ever be played by somebody; null for others."""
        ids = [str(reference.get("id")) for reference in references]
        licences = await info.context.loaders.licence_by_playable.load_many(ids)
        return [
            None if licence is None else cls(id=strawberry.ID(each))
            for each, licence in zip(ids, licences, strict=True)
        ]

    @strawberry.field(
        description="How far the active profile has come; null without a profile or before the first play."
    )
    async def progress(self, info: Info) -> Progress | None:
        loaders = info.context.loaders
        licence = await loaders.licence_by_playable.load(str(self.id))
        return _progress(await loaders.progress_by_id.load(str(self.id)), licence, info.context.viewer)

    @strawberry.field(description="Whether the viewer may play it now; null when it is not published.")
    async def access(self, info: Info) -> AccessDecision | None:
        licence = await info.context.loaders.licence_by_playable.load(str(self.id))
        return None if licence is None else _access(licence, info.context)


@strawberry.federation.interface_object(
    keys=["id"], description="A film, a show or a sports event, as playback knows it."
)
class Title:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    progress: Progress | None = strawberry.field(
        description="How far the active profile has come in what it played last of the title; null without a profile "
        "or before the first play."
    )
    access: AccessDecision | None = strawberry.field(
        description="Whether the viewer may play it now; for a show, its first episode."
    )

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the titles that catalog told us of; null for others. A page of them is read and decided at once."""
        ids = [str(reference.get("id")) for reference in references]
        loaders = info.context.loaders
        licences, progress = await asyncio.gather(
            loaders.licence_by_title.load_many(ids), loaders.progress_by_id.load_many(ids)
        )
        played = await _licences_of_played(progress, info.context)
        return [
            None
            if licence is None
            else cls(
                id=strawberry.ID(each),
                progress=_progress(row, played.get(row.playable_id) if row else None, info.context.viewer),
                access=_access(licence, info.context),
            )
            for each, licence, row in zip(ids, licences, progress, strict=True)
        ]


async def _licences_of_played(
    progress: Sequence[rows.Progress | None], context: Context
) -> Mapping[str, Licence | None]:
    """Return the licence of each playable that was played: one statement for a limited profile, for others none.

    The episode that was played last may be stricter than the one that a show begins with.
    """
    if context.viewer.age_limit >= UNRATED_AGE_FLOOR:
        return {}
    ids = list({row.playable_id for row in progress if row is not None})
    return dict(zip(ids, await context.loaders.licence_by_playable.load_many(ids), strict=True))


def _access(licence: Licence, context: Context) -> AccessDecision:
    """Return the decision, made anew only when a window or the subscription has begun or ended since."""
    viewer, now = context.viewer, context.now
    key = viewer.country, viewer.age_limit, viewer.is_anonymous, viewer.is_kids  # all that is asked of a viewer
    known: tuple[datetime, datetime | None, AccessDecision] | None = licence.decided.get(key)
    if known is not None and known[0] <= now and (known[1] is None or now < known[1]):
        return known[2]
    decision = AccessDecision.of(decide_access(licence, viewer, now=now))
    if len(licence.decided) >= _MOST_DECISIONS:
        licence.decided.clear()
    changes = min((each for each in licence.moments() if each > now), default=None)
    licence.decided[key] = now, changes, decision
    return decision


def _progress(row: rows.Progress | None, licence: Licence | None, viewer: Viewer) -> Progress | None:
    """Return the progress, unless the profile's limit hides the title by now."""
    rights = None if licence is None else licence.rights
    is_limited = viewer.age_limit < UNRATED_AGE_FLOOR
    if row is None or (is_limited and (rights is None or age_floor(rights.maturity_rating) > viewer.age_limit)):
        return None
    return Progress.of(row)
