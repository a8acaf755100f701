"""Playables by id, with what they take from their title and episode."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import Playable, PlayableKind, Title, table
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
from subgraphs.catalog.repository.visibility import Audience, playable_allowed, reachable
from subgraphs.shared.postgres import ReadSession
from subgraphs.shared.values import Tier

_playables = table(Playable).c
_titles = table(Title).c
_owner = sa.func.coalesce(_playables.episode_id, _playables.title_id, type_=sa.Uuid)

PLAYABLE_COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    _playables.id,
    _playables.kind,
    _playables.title_id,
    _playables.episode_id,
    _playables.duration_seconds,
    _playables.maturity_rating,
    _titles.required_tier,
    _titles.original_name,
    genre_ids_of(_titles.id).label("genre_ids"),
    texts_of(_owner).label("texts"),
    images_of(_owner).label("images"),
)
"""What `read_playable` reads; the statement joins playables and titles."""


async def playable_cards_by_id(
    session: ReadSession, ids: Collection[UUID], *, audience: Audience
) -> dict[UUID, PlayableCard]:
    """Return the playables of reachable titles by id, in one statement; unknown and hidden ones are left out."""
    statement = (
        sa.select(*PLAYABLE_COLUMNS)
        .join_from(table(Playable), table(Title), _titles.id == _playables.title_id)
        .where(
            _playables.id == any_of(ids),
            reachable(audience),
            playable_allowed(audience),
        )
    )
    return {row.id: read_playable(row) for row in await session.execute(statement)}


def read_playable(row: Any) -> PlayableCard:
    """Return the playable of a row with PLAYABLE_COLUMNS."""
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
