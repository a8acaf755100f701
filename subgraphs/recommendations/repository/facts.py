"""What other domains told us, written in batches of at most 500 rows. Repetition and disorder change nothing."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from subgraphs.recommendations.models.facts import Engagement, Entitlement, TitleFeatures
from subgraphs.recommendations.models.tables import AccountTier, ClearedHistory, PlayDay, Title, TitleEngagement
from subgraphs.shared.postgres import ReadSession, WriteSession
from subgraphs.shared.values import Tier

BATCH_SIZE = 500
KEPT_ACTORS = 10

Item = TypeVar("Item")


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + BATCH_SIZE] for start in range(0, len(items), BATCH_SIZE))


async def upsert_titles(session: WriteSession, titles: Sequence[TitleFeatures]) -> bool:
    """Write the features of the titles, each in its highest version; return whether any title known before changed."""
    newest: dict[str, TitleFeatures] = {}
    for title in titles:
        known = newest.get(title.title_id)
        if known is None or known.version < title.version:
            newest[title.title_id] = title
    replaced = False
    for batch in _batches(list(newest.values())):
        statement = insert(Title).values([_title_row(title) for title in batch])
        columns = [name for name in statement.excluded.keys() if name not in {"title_id", "trend_rank", "trend_score"}]  # noqa: SIM118  # columns, not a mapping
        written: sa.Result[Any] = await session.execute(
            statement.on_conflict_do_update(
                index_elements=["title_id"],
                set_={name: statement.excluded[name] for name in columns},
                where=col(Title.version) < statement.excluded.version,
            ).returning(sa.literal_column("xmax::text::bigint <> 0"))
        )
        replaced = any(written.scalars().all()) or replaced
    return replaced


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
    """Raise the contributions of profile, title and day to the given ones; return the profiles for whom that changed
    anything. Days up to a cleared history are skipped by the caller."""
    changed: set[str] = set()
    for batch in _batches(days):
        statement = insert(PlayDay).values([day.model_dump() for day in batch])
        fresh = statement.excluded
        written = await session.execute(
            statement.on_conflict_do_update(
                index_elements=["profile_id", "title_id", "day"],
                set_={
                    "weight": sa.func.greatest(col(PlayDay.weight), fresh.weight),
                    "completion": sa.func.greatest(col(PlayDay.completion), fresh.completion),
                    "last_at": sa.func.greatest(col(PlayDay.last_at), fresh.last_at),
                },
                where=sa.or_(
                    col(PlayDay.weight) < fresh.weight,
                    col(PlayDay.completion) < fresh.completion,
                    col(PlayDay.last_at) < fresh.last_at,
                ),
            ).returning(col(PlayDay.profile_id))
        )
        changed.update(written.scalars())
    return changed


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
    for batch in _batches(_newest(ratings)):
        statement = insert(TitleEngagement).values(
            [
                {
                    "profile_id": said.profile_id,
                    "title_id": said.title_id,
                    "rating": said.value or 0,
                    "rated_at": said.at,
                    "is_watchlisted": False,
                }
                for said in batch
            ]
        )
        fresh = statement.excluded
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["profile_id", "title_id"],
                set_={"rating": fresh.rating, "rated_at": fresh.rated_at},
                where=sa.or_(col(TitleEngagement.rated_at).is_(None), col(TitleEngagement.rated_at) < fresh.rated_at),
            )
        )


async def upsert_watchlist(session: WriteSession, changes: Sequence[Engagement]) -> None:
    """Write whether each title is on each profile's list, as said last."""
    for batch in _batches(_newest(changes)):
        statement = insert(TitleEngagement).values(
            [
                {
                    "profile_id": said.profile_id,
                    "title_id": said.title_id,
                    "rating": 0,
                    "is_watchlisted": said.kind == "WATCHLISTED",
                    "watchlisted_at": said.at,
                }
                for said in batch
            ]
        )
        fresh = statement.excluded
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["profile_id", "title_id"],
                set_={"is_watchlisted": fresh.is_watchlisted, "watchlisted_at": fresh.watchlisted_at},
                where=sa.or_(
                    col(TitleEngagement.watchlisted_at).is_(None),
                    col(TitleEngagement.watchlisted_at) < fresh.watchlisted_at,
                ),
            )
        )


def _newest(said: Sequence[Engagement]) -> list[Engagement]:
    """Return the newest fact of each profile and title: a statement may touch a row only once."""
    newest: dict[tuple[str, str | None], Engagement] = {}
    for fact in sorted(said, key=lambda fact: fact.at):
        newest[fact.profile_id, fact.title_id] = fact
    return list(newest.values())


async def clear_histories(session: WriteSession, cleared_at: dict[str, datetime]) -> None:
    """Forget what the profiles played up to the moment each cleared its history."""
    for profile_id, moment in cleared_at.items():
        statement = insert(ClearedHistory).values(profile_id=profile_id, cleared_at=moment)
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["profile_id"],
                set_={"cleared_at": sa.func.greatest(col(ClearedHistory.cleared_at), statement.excluded.cleared_at)},
            )
        )
        await session.execute(
            sa.delete(PlayDay).where(col(PlayDay.profile_id) == profile_id, col(PlayDay.last_at) <= moment)
        )


async def upsert_entitlements(session: WriteSession, entitlements: Sequence[Entitlement]) -> None:
    """Write the tier of each account, in its highest version."""
    newest: dict[str, Entitlement] = {}
    for entitlement in sorted(entitlements, key=lambda entitlement: entitlement.version):
        newest[entitlement.user_id] = entitlement
    for batch in _batches(list(newest.values())):
        statement = insert(AccountTier).values(
            [
                {"user_id": held.user_id, "tier": held.tier.value, "until": held.until, "version": held.version}
                for held in batch
            ]
        )
        fresh = statement.excluded
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id"],
                set_={"tier": fresh.tier, "until": fresh.until, "version": fresh.version},
                where=col(AccountTier.version) < fresh.version,
            )
        )


async def tier_of(session: ReadSession, user_id: str) -> tuple[Tier, datetime | None]:
    """Return the tier of an account and until when it holds; FREE for one without an entitlement."""
    found = (
        await session.execute(
            sa.select(col(AccountTier.tier), col(AccountTier.until)).where(col(AccountTier.user_id) == user_id)
        )
    ).first()
    return (Tier.FREE, None) if found is None else (Tier(found.tier), found.until)
