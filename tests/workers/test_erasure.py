"""A person who wants to be gone is gone: from every table, collection, key and file, and from nobody else's."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from subgraphs.users.events import ProfileDeleted
from subgraphs.users.models import User
from subgraphs.users.service.privacy import deletion
from tests.workers.conftest import NOW, MovableClock, put_into_outbox
from tests.workers.person import Apps, Person, find, open_apps, personal_of, personal_tables, seed, seed_account
from tests.workers.test_retention import watching
from workers.config import Settings
from workers.draining import drain_all
from workers.housekeeping import trim_streams
from workers.privacy import purge_accounts
from workers.retention import enforce_retention
from workers.services import Services

EVERYWHERE = {
    *(f"mongo:{name}" for name in ("progress", "watch_states", "history", "watchlist", "ratings", "dismissals")),
    *("mongo:history_clearings", "valkey:users", "valkey:playback", "valkey:activity", "valkey:recommendations"),
}
TOLD_ELSEWHERE = {"postgres:users.account_deletions", "postgres:users.account_purges"}
"""Filled by the deletion itself."""
KEPT = {"postgres:users.audit_entries"}
"""A random id that leads to nobody, for a year."""


@pytest.fixture(name="apps")
async def _apps(services: Services, worker_settings: Settings, clock: MovableClock) -> AsyncIterator[Apps]:
    async with open_apps(worker_settings, clock) as apps:
        yield apps


async def ask_for_deletion(person: Person, services: Services) -> None:
    async with services.outboxes["users"].writing() as session:
        user = (await session.execute(sa.select(User).where(sa.column("id") == person.user_uuid))).scalar_one()
        await deletion.request(session, user, now=services.clock())


async def purge_all(services: Services) -> int:
    purged = await purge_accounts(services)
    await drain_all(services)
    return purged


@pytest.mark.requirement("IN-GDPR-1")
@pytest.mark.requirement("NFR-SEC-006")
async def test_after_90_days_and_a_sweep_no_store_holds_a_trace_of_the_person(
    services: Services, apps: Apps, worker_settings: Settings, clock: MovableClock
) -> None:
    # Streams name their entries by the real time, and trimming compares with it.
    clock.now = datetime.now(UTC)
    person, other = Person(), Person()
    await seed(person, services, apps, worker_settings, clock)
    await seed(other, services, apps, worker_settings, clock)
    personal = personal_of(worker_settings)
    before = await find(person.traces(personal), worker_settings)
    others_before = await find(other.traces(personal), worker_settings)
    await ask_for_deletion(person, services)
    await drain_all(services)

    clock.advance(days=90, seconds=-1)
    early = await purge_all(services)
    clock.advance(seconds=1)
    purged = await purge_all(services)
    clock.advance(hours=27)
    swept = await purge_all(services)
    clock.advance(hours=2)
    await enforce_retention(services)
    await trim_streams(services)

    after = await find(person.traces(personal), worker_settings)
    others_after = await find(other.traces(personal), worker_settings)
    assert before >= EVERYWHERE | (await personal_tables(worker_settings) - TOLD_ELSEWHERE)
    assert "postgres:users.outbox" in before
    assert (early, purged, swept) == (0, 1, 1)
    assert after == KEPT
    assert others_before - others_after <= {
        # Of the other person, what is kept for less than 91 days.
        *("postgres:users.outbox", "postgres:users.mails", "postgres:users.email_tokens", "postgres:billing.outbox"),
        *("postgres:playback.playback_sessions", "valkey:playback"),
    }
    assert await find([person.marker], worker_settings) == set()


async def test_a_person_who_changes_their_mind_stays(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    person = Person()
    await seed_account(person, services, worker_settings, now=clock())
    await ask_for_deletion(person, services)
    async with services.outboxes["users"].writing() as session:
        user = (await session.execute(sa.select(User).where(sa.column("id") == person.user_uuid))).scalar_one()
        canceled = await deletion.cancel(session, user, now=clock())
        again = await deletion.cancel(session, user, now=clock())

    clock.advance(days=91)
    purged = await purge_all(services)

    assert (canceled, again, purged) == (True, False, 0)
    assert "postgres:users.profiles" in await find(person.traces(personal_of(worker_settings)), worker_settings)


async def test_purging_twice_at_once_removes_an_account_once(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    person = Person()
    await seed_account(person, services, worker_settings, now=clock())
    await ask_for_deletion(person, services)
    clock.advance(days=90)

    first = await purge_accounts(services)
    second = await purge_accounts(services)

    assert (first, second) == (1, 0)
    assert timedelta(days=90) == deletion.GRACE


async def test_a_deleted_profile_is_forgotten_and_its_account_is_not(services: Services) -> None:
    gone, stays = Person(), Person()
    for person in (gone, stays):
        await services.activity.record_watching([watching(NOW, profile_id=person.profile_id)])

    deleted = ProfileDeleted(occurred_at=NOW, user_id=gone.user_id, profile_id=gone.profile_id)
    await put_into_outbox(services, "users", deleted)
    moved = await drain_all(services)

    assert moved == 1
    assert [await services.activity.has_history(person.profile_id) for person in (gone, stays)] == [False, True]
