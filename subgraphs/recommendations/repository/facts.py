"""What other domains told us, written in batches of at most 500 rows. Repetition and disorder change nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from subgraphs.recommendations.models.facts import CollectedTitles, Engagement, Entitlement, TitleFeatures
from subgraphs.recommendations.models.tables import (
    AccountTier,
    ClearedHistory,
    Collection,
    Model,
    PlayDay,
    Title,
    TitleEngagement,
)
from subgraphs.shared.postgres import ReadSession, WriteSession
from subgraphs.shared.values import Tier

BATCH_SIZE = 500
KEPT_ACTORS = 10


@dataclass(frozen=True, slots=True)
class WrittenTitles:
    """How many titles were not known before, and how many known ones got a newer version."""

    added: int
    changed: int


async def _upsert(
    session: WriteSession,
    table: type[Model],
    rows: Sequence[dict[str, Any]],
    *,
    keys: tuple[str, ...],
    newer: Callable[[Any], sa.ColumnElement[bool]],
    merge: Callable[[Any, Any], Any] = lambda _column, fresh: fresh,
    returning: Any = None,
) -> list[Any]:
    """Insert the rows; where a key exists, and the given row is newer than it, overwrite just the columns given.

    Args:
        session: The transaction.
        table: Where to write.
        rows: All with the same columns, each key once.
        keys: The primary key.
        newer: The condition that the row given, `excluded`, is newer than the one there.
        merge: What a column becomes, from the one there and the one given.
        returning: An expression; its value for each row that was written is returned.
    """
    columns = table.__table__.c  # type: ignore[attr-defined]  # SQLModel adds it
    statement = insert(table.__table__)  # type: ignore[attr-defined]  # SQLModel adds it
    written: list[Any] = []
    for start in range(0, len(rows), BATCH_SIZE):
        batch = rows[start : start + BATCH_SIZE]
        upsert = statement.on_conflict_do_update(
            index_elements=keys,
            set_={name: merge(columns[name], statement.excluded[name]) for name in batch[0] if name not in keys},
            where=newer(statement.excluded),
        ).returning(sa.literal(1) if returning is None else returning)
        found = await session.execute(upsert, batch)
        written.extend(found.scalars())
    return written


async def upsert_titles(session: WriteSession, titles: Sequence[TitleFeatures]) -> WrittenTitles:
    """Write the features of the titles, each in its highest version."""
    newest: dict[str, TitleFeatures] = {}
    for title in titles:
        known = newest.get(title.title_id)
        if known is None or known.version < title.version:
            newest[title.title_id] = title
    written = await _upsert(
        session,
        Title,
        [_title_row(title) for title in newest.values()],
        keys=("title_id",),
        newer=lambda fresh: col(Title.version) < fresh.version,
        returning=sa.literal_column("xmax::text::bigint <> 0"),
    )
    return WrittenTitles(added=written.count(False), changed=written.count(True))


def _title_row(title: TitleFeatures) -> dict[str, Any]:
    directors = [person for person in title.people if person.role == "DIRECTOR"]
    actors = [person for person in title.people if person.role == "ACTOR"][:KEPT_ACTORS]
    kept = {(person.person_id, person.role): person for person in (*directors, *actors)}.values()
    return {
        "title_id": title.title_id,
        "version": title.version,
        "published": title.published,
        "kind": title.kind,
        "names": dict(title.names),
        "genres": [genre.slug for genre in title.genres],
        "genre_names": {genre.slug: dict(genre.names) for genre in title.genres},
        "people": list(dict.fromkeys(person.person_id for person in kept)),
        "credits": [{"id": person.person_id, "name": person.name, "role": person.role} for person in kept],
        "languages": list(title.languages),
        "release_date": title.release_date,
        "age_floor": title.age_floor,
        "required_tier": title.required_tier.value,
        "available_from": title.available_from,
        "available_until": title.available_until,
        "countries": None if title.countries is None else list(title.countries),
    }


async def upsert_plays(session: WriteSession, days: Sequence[PlayDay]) -> set[str]:
    """Raise the contributions of profile, title and day to the given ones; return the profiles whose weights that
    changed: a play that merely goes on changes nobody's rows. Days up to a cleared history are skipped by the caller.
    """
    written = await _upsert(
        session,
        PlayDay,
        [day.model_dump() for day in days],
        keys=("profile_id", "title_id", "day"),
        newer=lambda fresh: sa.or_(
            col(PlayDay.weight) < fresh.weight,
            col(PlayDay.completion) < fresh.completion,
            col(PlayDay.last_at) < fresh.last_at,
        ),
        merge=lambda column, fresh: sa.func.greatest(column, fresh),
        returning=sa.literal_column("CASE WHEN old.weight IS DISTINCT FROM new.weight THEN new.profile_id END"),
    )
    return {profile_id for profile_id in written if profile_id is not None}


async def cleared_at_by_profile(session: WriteSession, profile_ids: Sequence[str]) -> dict[str, datetime]:
    """Return when each of the profiles last cleared its history; those that never did are missing."""
    found = await session.execute(
        sa.select(col(ClearedHistory.profile_id), col(ClearedHistory.cleared_at)).where(
            col(ClearedHistory.profile_id).in_(profile_ids)
        )
    )
    return {line.profile_id: line.cleared_at for line in found}


async def upsert_ratings(session: WriteSession, ratings: Sequence[Engagement]) -> None:
    """Write the newest rating of each profile and title."""
    rows = [
        {"profile_id": said.profile_id, "title_id": said.title_id, "rating": said.value or 0, "rated_at": said.at}
        for said in _newest(ratings)
    ]
    await _upsert(
        session,
        TitleEngagement,
        rows,
        keys=("profile_id", "title_id"),
        newer=lambda fresh: sa.or_(
            col(TitleEngagement.rated_at).is_(None), col(TitleEngagement.rated_at) < fresh.rated_at
        ),
    )


async def upsert_watchlist(session: WriteSession, changes: Sequence[Engagement]) -> None:
    """Write whether each title is on each profile's list, as said last."""
    rows = [
        {
            "profile_id": said.profile_id,
            "title_id": said.title_id,
            "is_watchlisted": said.kind == "WATCHLISTED",
            "watchlisted_at": said.at,
        }
        for said in _newest(changes)
    ]
    await _upsert(
        session,
        TitleEngagement,
        rows,
        keys=("profile_id", "title_id"),
        newer=lambda fresh: sa.or_(
            col(TitleEngagement.watchlisted_at).is_(None), col(TitleEngagement.watchlisted_at) < fresh.watchlisted_at
        ),
    )


def _newest(said: Sequence[Engagement]) -> list[Engagement]:
    """Return the newest fact of each profile and title: a statement may touch a row only once."""
    newest: dict[tuple[str, str | None], Engagement] = {}
    for fact in sorted(said, key=lambda fact: fact.at):
        newest[fact.profile_id, fact.title_id] = fact
    return list(newest.values())


async def clear_histories(session: WriteSession, cleared_at: dict[str, datetime]) -> None:
    """Forget what the profiles played up to the moment each cleared its history."""
    await _upsert(
        session,
        ClearedHistory,
        [{"profile_id": profile_id, "cleared_at": moment} for profile_id, moment in cleared_at.items()],
        keys=("profile_id",),
        newer=lambda fresh: col(ClearedHistory.cleared_at) < fresh.cleared_at,
    )
    for profile_id, moment in cleared_at.items():
        await session.execute(
            sa.delete(PlayDay).where(col(PlayDay.profile_id) == profile_id, col(PlayDay.last_at) <= moment)
        )


async def upsert_collections(session: WriteSession, changed: Sequence[CollectedTitles]) -> None:
    """Write the titles of each collection, in its highest version."""
    newest: dict[str, CollectedTitles] = {}
    for collected in sorted(changed, key=lambda collected: collected.version):
        newest[collected.collection_id] = collected
    await _upsert(
        session,
        Collection,
        [
            {"collection_id": each.collection_id, "version": each.version, "title_ids": list(each.title_ids)}
            for each in newest.values()
        ],
        keys=("collection_id",),
        newer=lambda fresh: col(Collection.version) < fresh.version,
    )


async def upsert_entitlements(session: WriteSession, entitlements: Sequence[Entitlement]) -> None:
    """Write the tier of each account, in its highest version."""
    newest: dict[str, Entitlement] = {}
    for entitlement in sorted(entitlements, key=lambda entitlement: entitlement.version):
        newest[entitlement.user_id] = entitlement
    await _upsert(
        session,
        AccountTier,
        [
            {"user_id": held.user_id, "tier": held.tier.value, "until": held.until, "version": held.version}
            for held in newest.values()
        ],
        keys=("user_id",),
        newer=lambda fresh: col(AccountTier.version) < fresh.version,
    )


async def tier_of(session: ReadSession, user_id: str) -> tuple[Tier, datetime | None]:
    """Return the tier of an account and until when it holds; FREE for one without an entitlement."""
    found = (
        await session.execute(
            sa.select(col(AccountTier.tier), col(AccountTier.until)).where(col(AccountTier.user_id) == user_id)
        )
    ).first()
    return (Tier.FREE, None) if found is None else (Tier(found.tier), found.until)
