"""Titles that share genres, people or languages with others, found by the inverted indexes on genres and people.

Every part of a pool is limited and read in trend order, so that a pool stays small in a catalogue of any size.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col

from subgraphs.recommendations.models.tables import PersonalizationChoice, PlayDay, Title, TitleEngagement
from subgraphs.recommendations.models.traits import Signal, Traits
from subgraphs.recommendations.repository.visibility import Audience, in_trend_order, visible_to
from subgraphs.shared.postgres import ReadSession

POOL_SIZE = 150
_TRAITS = [field.name for field in fields(Traits)]


async def visible_title_ids(session: ReadSession, title_ids: Sequence[str], *, audience: Audience) -> set[str]:
    """Return those of the ids that exist and that the audience may see."""
    found = await session.execute(
        sa.select(col(Title.title_id)).where(col(Title.title_id).in_(title_ids), *visible_to(audience))
    )
    return set(found.scalars())


async def neighbours_of(
    session: ReadSession, title_ids: Sequence[str], *, audience: Audience, unseen_by: str | None = None
) -> dict[str, tuple[Traits, list[Traits]]]:
    """Return each title's traits and those of the titles that may resemble it, in one statement.

    Args:
        session: Where to read.
        title_ids: The titles; one that the audience may not see is missing from the result.
        audience: Who may see the neighbours.
        unseen_by: A profile; what it has played or disliked is left out.
    """
    seed: Any = aliased(Title, name="seed")
    near: Any = aliased(Title, name="near")
    allowed = [*visible_to(audience, near), near.title_id != seed.title_id, *_unseen(near, unseen_by)]

    def pool(*shared: Any) -> Any:
        chosen = sa.select(near).where(*allowed, *shared).order_by(*in_trend_order(near)).limit(POOL_SIZE)
        return chosen.correlate(seed)

    itself = sa.select(near).where(near.title_id == seed.title_id).correlate(seed)
    candidates = sa.union_all(
        itself,
        pool(near.people.overlap(seed.people)),
        pool(near.genres.contains(seed.genres), sa.func.cardinality(seed.genres) > 0),
        pool(near.genres.overlap(seed.genres)),
    ).lateral()
    found = await session.execute(
        sa.select(seed.title_id.label("seed_id"), *(candidates.c[name] for name in _TRAITS))
        .select_from(seed)
        .join(candidates, sa.true())
        .where(seed.title_id.in_(title_ids), *visible_to(audience, seed))
    )
    pools: dict[str, dict[str, Traits]] = defaultdict(dict)
    for line in found:
        pools[line.seed_id][line.title_id] = _traits(line)
    return {seed_id: (pool.pop(seed_id), list(pool.values())) for seed_id, pool in pools.items()}


async def titles_sharing(
    session: ReadSession,
    *,
    genres: Sequence[str],
    people: Sequence[str],
    languages: Sequence[str],
    audience: Audience,
    unseen_by: str,
) -> list[Traits]:
    """Return titles with any of the genres, people or languages that the profile has not played nor disliked."""
    title: Any = Title
    shared = [
        features.overlap(list(wanted))
        for features, wanted in ((title.people, people), (title.genres, genres), (title.languages, languages))
        if wanted
    ]
    pools = [
        sa.select(*(getattr(Title, name) for name in _TRAITS))
        .where(*visible_to(audience), condition, *_unseen(Title, unseen_by))
        .order_by(*in_trend_order())
        .limit(2 * POOL_SIZE)
        for condition in shared
    ]
    if not pools:
        return []
    found = await session.execute(sa.union_all(*pools))
    return list({line.title_id: _traits(line) for line in found}.values())


async def signals_of(session: ReadSession, profile_id: str, *, age_limit: int, limit: int) -> list[Signal]:
    """Return what the profile did, title by title, the latest first; without titles that it may no longer see.

    Nothing for a profile that objects to personal rows: whatever is made of signals then has none.
    """
    objects = sa.exists().where(
        col(PersonalizationChoice.profile_id) == profile_id, col(PersonalizationChoice.is_opted_out).is_(True)
    )
    played = (
        sa.select(
            col(PlayDay.title_id),
            sa.func.max(col(PlayDay.weight)).label("weight"),
            sa.func.max(col(PlayDay.last_at)).label("played_at"),
        )
        .where(col(PlayDay.profile_id) == profile_id)
        .group_by(col(PlayDay.title_id))
        .subquery()
    )
    said = sa.select(TitleEngagement).where(col(TitleEngagement.profile_id) == profile_id).subquery()
    last_at = sa.func.greatest(played.c.played_at, said.c.rated_at, said.c.watchlisted_at).label("last_at")
    found = await session.execute(
        sa.select(
            *(getattr(Title, name) for name in _TRAITS),
            sa.func.coalesce(played.c.weight, 0).label("weight"),
            last_at,
            sa.func.coalesce(said.c.rating, 0).label("rating"),
            sa.func.coalesce(said.c.is_watchlisted, sa.false()).label("is_watchlisted"),
        )
        .select_from(played.join(said, played.c.title_id == said.c.title_id, full=True))
        .join(Title, col(Title.title_id) == sa.func.coalesce(played.c.title_id, said.c.title_id))
        .where(col(Title.published).is_(True), col(Title.age_floor) <= age_limit, ~objects)
        .order_by(last_at.desc(), col(Title.title_id))
        .limit(limit)
    )
    return [Signal(_traits(line), line.weight, line.last_at, line.rating, line.is_watchlisted) for line in found]


def _unseen(title: Any, profile_id: str | None) -> list[sa.ColumnElement[bool]]:
    if profile_id is None:
        return []
    played = sa.exists().where(col(PlayDay.profile_id) == profile_id, col(PlayDay.title_id) == col(title.title_id))
    disliked = sa.exists().where(
        col(TitleEngagement.profile_id) == profile_id,
        col(TitleEngagement.title_id) == col(title.title_id),
        col(TitleEngagement.rating) < 0,
    )
    return [~played, ~disliked]


def _traits(line: Any) -> Traits:
    return Traits(**{name: getattr(line, name) for name in _TRAITS})
