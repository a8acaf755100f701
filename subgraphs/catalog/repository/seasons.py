"""Seasons and episodes: by id, of a show, of a season page by page, and the neighbours of an episode.

An episode above the viewer's age limit is absent: it is not counted, not listed and nobody's neighbour.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import Episode, Playable, Season, Title, table
from subgraphs.catalog.repository.cards import EpisodeCard, SeasonCard, any_of, read_texts, texts_of
from subgraphs.catalog.repository.playables import playable_columns, read_playable
from subgraphs.catalog.repository.visibility import Audience, playable_allowed, reachable
from subgraphs.shared.postgres import ReadSession

_titles = table(Title).c
_seasons = table(Season).c
_episodes = table(Episode).c
_playables = table(Playable).c


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The episodes before and after one, in playing order across the seasons of its show."""

    previous: UUID | None
    next: UUID | None


async def seasons_by_title(
    session: ReadSession, title_ids: Collection[UUID], *, audience: Audience
) -> dict[UUID, list[SeasonCard]]:
    """Return the seasons of each reachable title, by number."""
    grouped: dict[UUID, list[SeasonCard]] = {}
    statement = _seasons_visible_to(audience).where(_titles.id == any_of(title_ids)).order_by(_seasons.number)
    for row in await session.execute(statement):
        grouped.setdefault(row.title_id, []).append(_season(row))
    return grouped


async def seasons_by_id(session: ReadSession, ids: Collection[UUID], *, audience: Audience) -> dict[UUID, SeasonCard]:
    """Return the seasons of reachable titles by id; unknown and hidden ones are left out."""
    statement = _seasons_visible_to(audience).where(_seasons.id == any_of(ids))
    return {row.id: _season(row) for row in await session.execute(statement)}


async def episodes_by_season(
    session: ReadSession, season_ids: Collection[UUID], *, audience: Audience, limit: int, after_number: int
) -> dict[UUID, list[EpisodeCard]]:
    """Return for each season at most `limit` episodes with a number above `after_number`, by number."""
    rank = sa.func.row_number().over(partition_by=_episodes.season_id, order_by=_episodes.number).label("rank")
    ranked = (
        _episodes_visible_to(audience, rank)
        .where(_episodes.season_id == any_of(season_ids), _episodes.number > after_number)
        .subquery()
    )
    statement = sa.select(ranked).where(ranked.c.rank <= limit).order_by(ranked.c.season_id, ranked.c.rank)
    grouped: dict[UUID, list[EpisodeCard]] = {}
    for row in await session.execute(statement):
        grouped.setdefault(row.season_id, []).append(_episode(row))
    return grouped


async def episodes_by_id(session: ReadSession, ids: Collection[UUID], *, audience: Audience) -> dict[UUID, EpisodeCard]:
    """Return the episodes of reachable titles by id; unknown and hidden ones are left out."""
    statement = _episodes_visible_to(audience).where(_episodes.id == any_of(ids))
    return {row.season_episode_id: _episode(row) for row in await session.execute(statement)}


async def neighbours_by_episode(
    session: ReadSession, ids: Collection[UUID], *, audience: Audience
) -> dict[UUID, Neighbours]:
    """Return the neighbours of each episode, in one statement."""
    own, other = table(Playable).alias("own"), table(Playable).alias("other")

    def nearest(*, forwards: bool) -> sa.ScalarSelect[Any]:
        beyond = other.c.position > own.c.position if forwards else other.c.position < own.c.position
        return (
            sa.select(other.c.episode_id)
            .where(
                other.c.title_id == own.c.title_id,
                other.c.episode_id.is_not(None),
                other.c.age_floor <= audience.age_limit,
                beyond,
            )
            .order_by(other.c.position.asc() if forwards else other.c.position.desc())
            .limit(1)
            .correlate(own)
            .scalar_subquery()
        )

    statement = sa.select(own.c.episode_id, nearest(forwards=False), nearest(forwards=True)).where(
        own.c.episode_id == any_of(ids)
    )
    return {episode: Neighbours(before, after) for episode, before, after in await session.execute(statement)}


def _seasons_visible_to(audience: Audience) -> sa.Select[Any]:
    episode_count = (
        sa.select(sa.func.count())
        .select_from(table(Episode))
        .join(table(Playable), _playables.episode_id == _episodes.id)
        .where(_episodes.season_id == _seasons.id, playable_allowed(audience))
        .scalar_subquery()
    )
    return (
        sa.select(*table(Season).c, texts_of(_seasons.id).label("texts"), episode_count.label("episode_count"))
        .join_from(table(Season), table(Title), _titles.id == _seasons.title_id)
        .where(reachable(audience))
    )


def _episodes_visible_to(audience: Audience, *more: sa.ColumnElement[Any]) -> sa.Select[Any]:
    columns: Sequence[sa.ColumnElement[Any]] = (
        _episodes.id.label("season_episode_id"),
        _episodes.number,
        _episodes.air_date,
        _episodes.season_id,
        *playable_columns(audience),
        *more,
    )
    return (
        sa.select(*columns)
        .select_from(table(Episode))
        .join(table(Playable), _playables.episode_id == _episodes.id)
        .join(table(Title), _titles.id == _playables.title_id)
        .where(reachable(audience), playable_allowed(audience))
    )


def _season(row: Any) -> SeasonCard:
    return SeasonCard(row.id, row.title_id, row.number, row.release_date, read_texts(row.texts), row.episode_count)


def _episode(row: Any) -> EpisodeCard:
    return EpisodeCard(row.season_episode_id, row.number, row.air_date, row.season_id, read_playable(row))
