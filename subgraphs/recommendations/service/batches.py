"""What workers call: facts of other domains come in, charts and rows go out. Every method is one transaction.

All is idempotent and safe in any order. Rows in Valkey are dropped after the commit, never before.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from subgraphs.recommendations.config import Settings
from subgraphs.recommendations.events import TrendingComputed
from subgraphs.recommendations.models.facts import Choice, CollectedTitles, Engagement, Entitlement, Play, TitleFeatures
from subgraphs.recommendations.models.tables import PlayDay
from subgraphs.recommendations.models.words import TrendPeriod
from subgraphs.recommendations.repository import definitions, facts, trends
from subgraphs.recommendations.repository import privacy as privacy_statements
from subgraphs.recommendations.repository.row_cache import RowCache
from subgraphs.recommendations.service import privacy
from subgraphs.recommendations.service.boards import RowReader, all_board_keys
from subgraphs.shared import outbox
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.postgres import Database, WriteSession
from subgraphs.shared.privacy import DataSubject, Records
from subgraphs.shared.redis import Cache

LEAST_SECONDS = 30
"""A play counts from here on."""


class Batches:
    """The batch functions of this subgraph."""

    def __init__(self, database: Database, cache: Cache, *, clock: Clock) -> None:
        self._database = database
        self._row_cache = RowCache(cache)
        self._reader = RowReader(database, self._row_cache, clock=clock)
        self._clock = clock

    async def project_titles(self, titles: Sequence[TitleFeatures]) -> None:
        """Keep the features of the titles. New titles make the rows that are the same for everyone stale at once; a
        change of a known one, which may have to disappear, makes personal rows stale too."""
        async with self._database.writing() as session:
            written = await facts.upsert_titles(session, titles)
        if written.changed:
            await self._row_cache.drop_all_rows()
        elif written.added:
            await self._row_cache.drop_boards()

    async def project_collections(self, changed: Sequence[CollectedTitles]) -> None:
        """Keep the titles of the collections, and take those that were deleted out of trays; the rows that are the same
        for everyone are stale at once."""
        if not changed:
            return
        async with self._database.writing() as session:
            await facts.upsert_collections(session, changed)
            await definitions.remove_collections(session, [each.collection_id for each in changed if each.is_deleted])
        await self._row_cache.drop_boards()

    async def drop_boards(self) -> None:
        """Have every page read its trays anew."""
        await self._row_cache.drop_boards()

    async def project_entitlements(self, entitlements: Sequence[Entitlement]) -> None:
        """Keep the tiers of the accounts."""
        if not entitlements:
            return
        async with self._database.writing() as session:
            await facts.upsert_entitlements(session, entitlements)
        await self._row_cache.drop_tiers(sorted({held.user_id for held in entitlements}))

    async def record_plays(self, plays: Sequence[Play]) -> set[str]:
        """Count the plays and return the profiles whose rows are stale now (see `refresh_rows`).

        Those are the profiles that began a title today, or came to its half or its end.
        """
        days = play_days(plays)
        if not days:
            return set()
        async with self._database.writing() as session:
            changed = await record_play_days(session, days)
        await self._row_cache.drop_personal(sorted(changed))
        return changed

    async def record_engagement(self, said: Sequence[Engagement]) -> set[str]:
        """Keep ratings, listings and cleared histories; return the profiles whose rows are stale now."""
        if not said:
            return set()
        async with self._database.writing() as session:
            await record_engagement(session, said)
        profile_ids = {fact.profile_id for fact in said}
        await self._row_cache.drop_personal(sorted(profile_ids))
        return profile_ids

    async def record_choices(self, choices: Sequence[Choice]) -> None:
        """Keep who objects to personal rows; the rows of all of them are ranked anew when they are next read."""
        if not choices:
            return
        async with self._database.writing() as session:
            await privacy_statements.upsert_choices(session, choices)
        await self._row_cache.drop_personal(sorted({choice.profile_id for choice in choices}))

    async def export_account(self, subject: DataSubject) -> Records:
        """Return what ranking knows of the account's profiles."""
        return await privacy.export_account(self._database, subject)

    async def forget_accounts(self, subjects: Sequence[DataSubject]) -> None:
        """Delete everything that is kept of the accounts and profiles; what is gone already is no error."""
        await self._forget(
            user_ids=[subject.user_id for subject in subjects],
            profile_ids=[each for subject in subjects for each in subject.profile_ids],
        )

    async def forget_profiles(self, profile_ids: Sequence[str]) -> None:
        """Delete everything that is kept of the profiles."""
        await self._forget(user_ids=[], profile_ids=profile_ids)

    async def _forget(self, *, user_ids: Sequence[str], profile_ids: Sequence[str]) -> None:
        async with self._database.writing() as session:
            await privacy_statements.delete_everything_of(session, user_ids=user_ids, profile_ids=profile_ids)
        await self._row_cache.forget(user_ids=user_ids, profile_ids=profile_ids)

    async def forget_plays(self, *, before: datetime) -> int:
        """Delete what was watched before the moment and return how many rows."""
        async with self._database.writing() as session:
            return await privacy_statements.delete_plays_before(session, before)

    async def compute_trending(self) -> None:
        """Compute the charts of all periods and rank every board by them; publish the week's chart."""
        at = self._clock()
        async with self._database.writing() as session:
            await compute_trending(session, at=at)
        await self._row_cache.mark_computed(at)
        await self.refresh_boards()

    async def refresh_boards(self) -> None:
        """Rank every board of every page anew."""
        stamp = await self._row_cache.stamp()
        for key in all_board_keys():
            await self._reader.rank_board(key, stamp=stamp)

    async def refresh_rows(self, profile_ids: Sequence[str]) -> None:
        """Rank the personal rows of these profiles anew, so that their next page read finds them.

        Profiles that have not looked at a page for a day are skipped: theirs are ranked when they come back.
        """
        stamp = await self._row_cache.stamp()
        stale = await self._row_cache.stale_personal(profile_ids)
        for profile_id, (counter, age_limit) in stale.items():
            await self._reader.rank_personal(
                profile_id, age_limit=age_limit, generation=stamp.generation, counter=counter
            )

    async def trending_computed_at(self) -> datetime | None:
        """Return when the charts were computed last; None when never."""
        marked = await self._row_cache.computed_at()
        if marked is not None:
            return marked
        async with self._database.reading() as session:
            return await trends.computed_at(session)


@asynccontextmanager
async def open_service(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[Batches]:
    """Open the stores for the time of the block."""
    database = Database(
        settings.database_url,
        settings.recommendations_database,
        pool_size=settings.database_pool_size,
        timeout_seconds=settings.store_timeout_seconds,
    )
    cache = Cache(settings.redis_url, "recommendations", timeout_seconds=settings.store_timeout_seconds)
    try:
        yield Batches(database, cache, clock=clock)
    finally:
        await cache.close()
        await database.close()


def play_days(plays: Sequence[Play]) -> list[PlayDay]:
    """Return the contributions of the plays: one for each profile, title and UTC day, at its furthest.

    A start counts 1, the half 2, 90 % 3. Plays that have not reached 30 s do not count.
    """
    days: dict[tuple[str, str, datetime], PlayDay] = {}
    for play in plays:
        if play.position_seconds < LEAST_SECONDS or play.duration_seconds <= 0:
            continue
        completion = min(1.0, play.position_seconds / play.duration_seconds)
        at = play.at.astimezone(UTC)
        key = (play.profile_id, play.title_id, at.replace(hour=0, minute=0, second=0, microsecond=0))
        known = days.get(key)
        furthest = max(completion, known.completion if known else 0.0)
        days[key] = PlayDay(
            profile_id=play.profile_id,
            title_id=play.title_id,
            day=at.date(),
            weight=weight_of(furthest),
            completion=furthest,
            last_at=max(at, known.last_at) if known else at,
        )
    return list(days.values())


def weight_of(completion: float) -> int:
    """Return what a play contributes: 1 for a start, 2 from the half, 3 from 90 %."""
    if completion >= 0.9:  # the rule's own numbers
        return 3
    return 2 if completion >= 0.5 else 1  # the rule's own numbers


async def record_play_days(session: WriteSession, days: Sequence[PlayDay]) -> set[str]:
    """Write the contributions that no cleared history has forgotten; return the profiles whose rows are stale now."""
    cleared = await facts.cleared_at_by_profile(session, sorted({day.profile_id for day in days}))
    remembered = [day for day in days if day.profile_id not in cleared or day.last_at > cleared[day.profile_id]]
    return await facts.upsert_plays(session, remembered) if remembered else set()


async def record_engagement(session: WriteSession, said: Sequence[Engagement]) -> None:
    """Write what profiles said; unknown kinds are left alone."""
    about_titles = [fact for fact in said if fact.title_id is not None]
    await facts.upsert_ratings(session, [fact for fact in about_titles if fact.kind == "RATED"])
    await facts.upsert_watchlist(
        session, [fact for fact in about_titles if fact.kind in {"WATCHLISTED", "UNWATCHLISTED"}]
    )
    cleared: dict[str, datetime] = {}
    for fact in said:
        if fact.kind == "HISTORY_CLEARED":
            cleared[fact.profile_id] = max(fact.at, cleared.get(fact.profile_id, fact.at))
    await facts.clear_histories(session, cleared)


async def compute_trending(session: WriteSession, *, at: datetime) -> None:
    """Replace all charts in the session's transaction and publish the week's."""
    for period in TrendPeriod:
        await trends.store_chart(session, period, at=at)
    await trends.copy_chart_to_titles(session)
    ranks = await trends.ranks_of(session, TrendPeriod.D7)
    await outbox.publish(
        session, [TrendingComputed(occurred_at=at, computed_at=at, period=TrendPeriod.D7.value, ranks=ranks)]
    )
