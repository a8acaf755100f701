"""Playables by id, with what they take from their title and episode; their markers."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import Marker, MarkerKind, Playable, PlayableKind, Title, table
from subgraphs.catalog.repository.cards import (
    PlayableCard,
    any_of,
    genre_ids_of,
    images_of,
    read_images,
    read_rating,
    read_texts,
    texts_of,
)
from subgraphs.catalog.repository.visibility import Audience, effective_tier
from subgraphs.shared.postgres import ReadSession
from subgraphs.shared.values import Tier

_playables = table(Playable).c
_titles = table(Title).c
_markers = table(Marker)
_owner = sa.func.coalesce(_playables.episode_id, _playables.title_id, type_=sa.Uuid)

_COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    _playables.id,
    _playables.kind,
    _playables.title_id,
    _playables.episode_id,
    _playables.duration_seconds,
    _playables.maturity_rating,
    _titles.original_name,
    genre_ids_of(_titles.id).label("genre_ids"),
    texts_of(_owner).label("texts"),
    images_of(_owner).label("images"),
)


def playable_columns(audience: Audience | None) -> tuple[sa.ColumnElement[Any], ...]:
    """Return what `read_playable` reads; the statement joins playables and titles. Without an audience, the tier is
    the title's own."""
    tier = _titles.required_tier if audience is None else effective_tier(audience)
    return (*_COLUMNS, tier.label("required_tier"))


@dataclass(frozen=True, slots=True)
class MarkerCard:
    """A moment or stretch of a playable, in milliseconds; `position` is its place by time."""

    playable_id: UUID
    position: int
    kind: MarkerKind
    start_ms: int
    end_ms: int | None
    label: str | None


async def markers_by_playable(session: ReadSession, ids: Collection[UUID]) -> dict[UUID, list[MarkerCard]]:
    """Return the markers of each playable by time; whether the viewer may see it was asked before."""
    statement = sa.select(_markers).where(_markers.c.playable_id == any_of(ids))
    grouped: dict[UUID, list[MarkerCard]] = {}
    for row in await session.execute(statement.order_by(_markers.c.playable_id, _markers.c.position)):
        card = MarkerCard(row.playable_id, row.position, MarkerKind(row.kind), row.start_ms, row.end_ms, row.label)
        grouped.setdefault(row.playable_id, []).append(card)
    return grouped


def read_playable(row: Any) -> PlayableCard:
    """Return the playable of a row with `playable_columns`."""
    return PlayableCard(
        id=row.id,
        kind=PlayableKind(row.kind),
        title_id=row.title_id,
        episode_id=row.episode_id,
        duration_seconds=row.duration_seconds,
        maturity_rating=read_rating(row.maturity_rating),
        required_tier=Tier(row.required_tier),
        genre_ids=row.genre_ids or [],
        original_name=row.original_name,
        texts=read_texts(row.texts),
        images=read_images(row.images),
    )
