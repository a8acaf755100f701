"""What playback adds to Title and Playable: may it be played, and how far the active profile has come."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self

import strawberry

from subgraphs.playback.context import Context, Info
from subgraphs.playback.models import rows
from subgraphs.playback.models.rows import Licence
from subgraphs.playback.service.access import decide_access
from subgraphs.playback.types.access import AccessDecision
from subgraphs.shared.graphql.kept import keeps_answers
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.identity import Viewer
from subgraphs.shared.values import UNRATED_AGE_FLOOR, age_floor

_MOST_DECISIONS = 16
"""Kept of one licence: viewers differ by country and age limit."""


@keeps_answers()
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
        return None if licence is None else _decider(info.context)(licence).access


# Without progress, one object for everybody on whom the same is decided (`_Decided`).
@keeps_answers()
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
        context = info.context
        loaders, viewer = context.loaders, context.viewer
        # Both are under way before either is waited for.
        loading = loaders.licence_by_title.load_many(ids), loaders.progress_by_id.load_many(ids)
        licences, progress = await loading[0], await loading[1]
        played = await _licences_of_played(progress, context)
        decide = _decider(context)
        found: list[Self | None] = []
        for each, licence, row in zip(ids, licences, progress, strict=True):
            if licence is None:
                found.append(None)
                continue
            decided = decide(licence)
            shown = None if row is None else _progress(row, played.get(row.playable_id), viewer)
            if shown is not None:
                found.append(cls(id=strawberry.ID(each), progress=shown, access=decided.access))
                continue
            if decided.title is None:
                decided.title = cls(id=strawberry.ID(each), progress=None, access=decided.access)
            found.append(decided.title)
        return found


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


@dataclass(slots=True)
class _Decided:
    """A decision on access, from when until when it holds (None: for ever), and the title without progress that says
    it: a title's licence is of that title alone."""

    since: datetime
    until: datetime | None
    access: AccessDecision
    title: Any = None


def _decider(context: Context) -> Callable[[Licence], _Decided]:
    """Return what decides for the viewer: anew only when a window or the subscription has begun or ended since."""
    viewer, now = context.viewer, context.now
    key = viewer.country, viewer.age_limit, viewer.is_anonymous, viewer.is_kids  # all that is asked of a viewer

    def decide(licence: Licence) -> _Decided:
        known: _Decided | None = licence.decided.get(key)
        if known is not None and known.since <= now and (known.until is None or now < known.until):
            return known
        if len(licence.decided) >= _MOST_DECISIONS:
            licence.decided.clear()
        changes = min((each for each in licence.moments() if each > now), default=None)
        decided = _Decided(now, changes, AccessDecision.of(decide_access(licence, viewer, now=now)))
        licence.decided[key] = decided
        return decided

    return decide


def _progress(row: rows.Progress | None, licence: Licence | None, viewer: Viewer) -> Progress | None:
    """Return the progress, unless the profile's limit hides the title by now."""
    rights = None if licence is None else licence.rights
    is_limited = viewer.age_limit < UNRATED_AGE_FLOOR
    if row is None or (is_limited and (rights is None or age_floor(rights.maturity_rating) > viewer.age_limit)):
        return None
    return Progress.of(row)
