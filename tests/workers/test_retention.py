"""What was kept long enough goes, to the day; what is younger stays."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.activity.service import Watching
from subgraphs.billing.service import start_subscription
from subgraphs.recommendations.service import Play
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import outbox_table
from subgraphs.shared.postgres import async_url
from subgraphs.shared.privacy import DataSubject
from subgraphs.users.events import MailKind, MailRequested, NotificationKind, NotificationRequested
from subgraphs.users.models import AuditAction
from subgraphs.users.service import audit
from tests.workers.conftest import NOW, MovableClock, put_into_outbox
from tests.workers.person import Person, seed_account
from workers.config import Settings
from workers.draining import drain_all
from workers.retention import RULES, Rule, enforce_retention
from workers.services import Services

PROFILE = encode_id("Profile", uuid4())
KEEP = {rule.data_class: rule.keep for rule in RULES}


async def rows(services: Services, database: str, table: str, where: str = "true") -> int:
    async with services.outboxes[database].reading() as session:
        return int((await session.execute(sa.text(f"SELECT count(*) FROM {table} WHERE {where}"))).scalar_one())


async def around(services: Services, clock: MovableClock, data_class: str, count: Any) -> list[int]:
    """Return what there is a second before the class's time is over, and a second after."""
    found = []
    for step in (KEEP[data_class] - timedelta(seconds=1), timedelta(seconds=2)):
        clock.now += step
        await enforce_retention(services)
        found.append(await count())
    return found


def watching(at: datetime, *, profile_id: str = PROFILE) -> Watching:
    return Watching(
        profile_id=profile_id,
        title_id="movie-1",
        playable_id="playable-1",
        session_id=str(uuid4()),
        position_seconds=600,
        duration_seconds=1000,
        watch_seconds=60,
        device_type="WEB",
        at=at,
    )


@pytest.mark.requirement("IN-PRIV-2")
async def test_viewing_history_and_positions_go_after_two_years(services: Services, clock: MovableClock) -> None:
    await services.activity.record_watching([watching(NOW)])

    async def count() -> int:
        return int(await services.activity.has_history(PROFILE))

    assert await around(services, clock, "viewing history", count) == [1, 0]
    assert KEEP["viewing history"] == KEEP["resume positions"] == KEEP["taste"] == timedelta(days=730)


async def test_taste_goes_after_two_years(services: Services, worker_settings: Settings, clock: MovableClock) -> None:
    play = Play(profile_id=PROFILE, title_id="movie-1", position_seconds=900, duration_seconds=1000, at=NOW)
    await services.recommendations.record_plays([play])

    async def count() -> int:
        return await rows(services, "recommendations", "plays")

    assert await around(services, clock, "taste", count) == [1, 0]


@pytest.mark.requirement("IN-GDPR-2")
async def test_viewings_lose_their_person_after_90_days_and_stay_for_figures(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    engine = create_async_engine(  # playback has no outbox whose connection could be used
        async_url(worker_settings.database_url, worker_settings.playback_database), isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as connection:
        await connection.execute(
            sa.text(
                "INSERT INTO playback_sessions (id, user_id, profile_id, playable_id, title_id, device_type, format, "
                "max_quality, country, resume_position_seconds, started_at) "
                "VALUES (gen_random_uuid(), 'user', 'profile', 'p', 't', 'WEB', 'HLS', 'P720', 'IN', 0, :now)"
            ),
            {"now": NOW},
        )

        async def count() -> int:
            statement = sa.text("SELECT count(profile_id) + count(user_id) FROM playback_sessions")
            return int((await connection.execute(statement)).scalar_one())

        assert await around(services, clock, "viewing analytics", count) == [2, 0]
        left = (await connection.execute(sa.text("SELECT count(*) FROM playback_sessions"))).scalar_one()
    await engine.dispose()
    assert left == 1
    assert KEEP["viewing analytics"] == timedelta(days=90)


async def test_the_security_log_is_kept_for_a_year(services: Services, clock: MovableClock) -> None:
    async with services.outboxes["users"].writing() as session:
        await audit.record(session, AuditAction.LOGIN, origin=audit.SYSTEM, now=NOW)

    async def count() -> int:
        return await rows(services, "users", "audit_entries")

    assert await around(services, clock, "security log", count) == [1, 0]
    assert KEEP["security log"] >= timedelta(days=180)


async def test_letters_go_after_30_days_notices_and_complaints_later(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    await seed_account(Person(), services, worker_settings, now=NOW)
    await drain_all(services)

    async def letters() -> int:
        return await rows(services, "users", "mails")

    async def notices() -> int:
        return await rows(services, "users", "notifications")

    before = (await letters(), await notices())
    assert [bool(left) for left in await around(services, clock, "letters", letters)] == [True, False]
    clock.now = NOW
    assert [bool(left) for left in await around(services, clock, "notices", notices)] == [True, False]
    clock.now = NOW

    async def complaints() -> int:
        return await rows(services, "users", "grievances")

    assert await around(services, clock, "grievances", complaints) == [1, 0]
    assert min(before) > 0


class TestUnconfirmedAccounts:
    """What nobody ever got into goes after a month; whatever else stays for good."""

    async def register(self, services: Services, settings: Settings, *statements: str) -> Person:
        """Return a person who did not confirm the address, and what the statements then do to the account."""
        person = Person()
        await seed_account(person, services, settings, now=NOW)
        plain = (
            "UPDATE users SET email_verified = false WHERE id = :id",
            "DELETE FROM identities WHERE user_id = :id",
            "DELETE FROM phone_numbers WHERE user_id = :id",
        )
        async with services.outboxes["users"].writing() as session:
            for statement in (*plain, *statements):
                await session.execute(sa.text(statement), {"id": person.user_uuid})
        return person

    @pytest.mark.requirement("IN-PRIV-2")
    async def test_they_are_gone_from_everywhere_after_30_days(
        self, services: Services, worker_settings: Settings, clock: MovableClock
    ) -> None:
        person = await self.register(services, worker_settings)
        await drain_all(services)

        async def count() -> int:
            return await rows(services, "users", "users")

        counts = await around(services, clock, "unconfirmed accounts", count)
        await drain_all(services)

        assert counts == [1, 0]
        assert KEEP["unconfirmed accounts"] == timedelta(days=30)
        assert await rows(services, "users", "outbox", f"payload ->> 'user_id' = '{person.user_id}'") == 1
        async with services.outboxes["users"].reading() as session:
            topics = (await session.execute(sa.text("SELECT topic FROM outbox"))).scalars().all()
        assert set(topics) == {"users.account_deleted"}
        subject = DataSubject(person.user_id, (person.profile_id,))
        assert set(map(len, (await services.ads.export_account(subject)).values())) == {0}

    async def test_one_that_is_confirmed_used_bought_or_kept_in_another_way_stays(
        self, services: Services, worker_settings: Settings, clock: MovableClock
    ) -> None:
        confirmed = await self.register(
            services, worker_settings, "UPDATE users SET email_verified = true WHERE id = :id"
        )
        kept = [
            await self.register(services, worker_settings, f"UPDATE users SET {change} WHERE id = :id")
            for change in (
                "last_login_at = created_at",
                "status = 'SUSPENDED'",
                "roles = '{USER,CREATOR}'",
                "created_at = created_at + interval '1 day'",
            )
        ]
        linked = Person()
        await seed_account(linked, services, worker_settings, now=NOW)
        async with services.outboxes["users"].writing() as session:
            statement = sa.text("UPDATE users SET email_verified = false WHERE id = :id")
            await session.execute(statement, {"id": linked.user_uuid})
        buyers = [await self.register(services, worker_settings) for _ in range(2)]
        async with services.outboxes["billing"].writing() as session:
            for buyer in buyers:
                await start_subscription(session, buyer.user_id, plan_code="monthly", now=NOW)
            statement = sa.text("UPDATE subscriptions SET status = 'CANCELED' WHERE user_id = :id")
            await session.execute(statement, {"id": buyers[0].user_id})
        goes = await self.register(services, worker_settings)

        clock.advance(days=30, seconds=1)
        changed = await enforce_retention(services)

        async with services.outboxes["users"].reading() as session:
            left = set((await session.execute(sa.text("SELECT id FROM users"))).scalars())
        assert changed["unconfirmed accounts"] == 1
        assert left == {each.user_uuid for each in (confirmed, linked, *kept, *buyers)}
        assert goes.user_uuid not in left

    async def test_one_that_is_confirmed_at_the_last_moment_stays(
        self, services: Services, worker_settings: Settings, clock: MovableClock
    ) -> None:
        person = await self.register(services, worker_settings)
        clock.advance(days=31)
        found = await services.users.unconfirmed_accounts(before=clock())
        async with services.outboxes["users"].writing() as session:
            await session.execute(sa.text("UPDATE users SET email_verified = true"))

        assert found == [person.user_id]
        assert await services.users.purge_unconfirmed(found, before=clock()) == 0
        assert await rows(services, "users", "users") == 1

    async def test_they_are_found_page_by_page(
        self, services: Services, worker_settings: Settings, clock: MovableClock
    ) -> None:
        people = [await self.register(services, worker_settings) for _ in range(3)]
        clock.advance(days=31)

        first = await services.users.unconfirmed_accounts(before=clock(), limit=2)
        rest = await services.users.unconfirmed_accounts(before=clock(), after=first[-1], limit=2)

        assert sorted([*first, *rest]) == sorted(each.user_id for each in people)
        assert (len(first), len(rest)) == (2, 1)


async def test_events_about_people_are_gone_an_hour_after_they_were_relayed(
    services: Services, clock: MovableClock
) -> None:
    requests = [
        MailRequested(
            occurred_at=NOW,
            kind=MailKind.ACCOUNT_SUSPENDED,
            user_id=None,
            email="a@example.com",
            locale="en",
            dedup_key="1",
        ),
        NotificationRequested(
            occurred_at=NOW, kind=NotificationKind.SYSTEM, user_id=encode_id("User", uuid4()), dedup_key="1"
        ),
    ]
    await put_into_outbox(services, "users", *requests)
    clock.advance(hours=5)
    await enforce_retention(services)
    waiting = await rows(services, "users", outbox_table.name)
    await drain_all(services)

    async def count() -> int:
        return await rows(services, "users", outbox_table.name)

    assert waiting == 2
    assert await around(services, clock, "events about people", count) == [2, 0]


async def test_a_rule_that_fails_keeps_no_other_from_being_enforced(services: Services) -> None:
    async def fail(_services: Services, _before: datetime) -> int:
        raise ConnectionError

    async def succeed(_services: Services, _before: datetime) -> int:
        return 3

    rules = [Rule("broken", timedelta(1), fail), Rule("whole", timedelta(1), succeed)]

    assert await enforce_retention(services, rules=rules) == {"whole": 3}
