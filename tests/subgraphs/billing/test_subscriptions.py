"""Starting subscriptions, and the events that tell of them."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from subgraphs.billing.errors import AlreadySubscribedError, UnknownPlanError
from subgraphs.billing.models import Subscription
from subgraphs.billing.service import Entitlement, announce, entitlement_of_user, start_subscription
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import PendingEvent, pending_events
from subgraphs.shared.postgres import Database
from subgraphs.shared.values import Tier
from tests.subgraphs.billing.conftest import NOW

USER = encode_id("User", uuid4())
DAY = timedelta(days=1)


async def start(database: Database, plan_code: str = "monthly", user_id: str = USER) -> Subscription:
    async with database.writing() as session:
        return await start_subscription(session, user_id, plan_code=plan_code, now=NOW)


async def events(database: Database, topic: str = "billing.entitlement_changed") -> list[PendingEvent]:
    async with database.writing() as session:
        return [event for event in await pending_events(session, limit=100) if event.topic == topic]


async def count(database: Database) -> int:
    async with database.reading() as session:
        return int((await session.execute(sa.text("SELECT count(*) FROM subscriptions"))).scalar_one())


@pytest.mark.requirement("CS-16")
@pytest.mark.parametrize(("code", "days"), [("monthly", 30), ("quarterly", 90), ("annual", 365)])
async def test_a_period_lasts_the_days_of_its_plan_exactly(database: Database, code: str, days: int) -> None:
    subscription = await start(database, code)

    assert subscription.current_period_start == NOW
    assert subscription.current_period_end == NOW + days * DAY


async def test_starting_announces_the_entitlement_in_the_same_transaction(database: Database) -> None:
    await start(database)

    published = await events(database)
    (told,) = await events(database, "billing.subscription_changed")

    payload = {key: published[0].payload[key] for key in ("user_id", "tier", "until", "version", "occurred_at")}
    assert payload == {
        "user_id": USER,
        "tier": "PREMIUM",
        "until": "2026-03-31T09:30:00Z",
        "version": 1,
        "occurred_at": "2026-03-01T09:30:00Z",
    }
    assert {key: told.payload[key] for key in ("user_id", "news", "plan", "next_plan", "until")} == {
        "user_id": USER,
        "news": "STARTED",
        "plan": "Premium monthly",
        "next_plan": None,
        "until": "2026-03-31T09:30:00Z",
    }


async def test_a_period_that_is_over_already_announces_free(database: Database) -> None:
    async with database.writing() as session:
        await start_subscription(session, USER, plan_code="monthly", now=NOW, starts_at=NOW - 30 * DAY)
    async with database.reading() as session:
        entitlement = await entitlement_of_user(session, USER, now=NOW, grace=timedelta(0))

    payload = (await events(database))[0].payload
    assert entitlement == Entitlement(Tier.FREE, None)
    assert (payload["tier"], payload["until"]) == ("FREE", None)


async def test_each_announcement_has_the_next_version(database: Database) -> None:
    await start(database)

    async with database.writing() as session:
        await announce(session, USER, Entitlement(Tier.FREE, None), now=NOW)

    assert [(event.payload["version"], event.payload["tier"]) for event in await events(database)] == [
        (1, "PREMIUM"),
        (2, "FREE"),
    ]


async def test_a_second_subscription_is_refused_also_in_a_race(database: Database) -> None:
    outcomes = await asyncio.gather(*(start(database) for _ in range(5)), return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadySubscribedError"] * 4 + ["Subscription"]
    assert await count(database) == 1
    assert len(await events(database)) == 1


async def test_an_ended_subscription_makes_room_for_another(database: Database) -> None:
    await start(database)
    async with database.writing() as session:
        await session.execute(sa.text("UPDATE subscriptions SET status = 'CANCELED'"))

    again = await start(database, "annual")

    async with database.reading() as session:
        entitlement = await entitlement_of_user(session, USER, now=NOW, grace=timedelta(0))
    assert entitlement == Entitlement(Tier.PREMIUM, again.current_period_end)


async def test_an_unknown_plan_is_refused_and_nothing_changes(database: Database) -> None:
    with pytest.raises(UnknownPlanError):
        await start(database, "weekly")

    assert await count(database) == 0
    assert await events(database) == []


async def test_a_failure_after_the_start_takes_the_event_back(database: Database) -> None:
    async def start_and_fail() -> None:
        async with database.writing() as session:
            await start_subscription(session, USER, plan_code="monthly", now=NOW)
            raise AlreadySubscribedError

    with pytest.raises(AlreadySubscribedError):
        await start_and_fail()

    assert await count(database) == 0
    assert await events(database) == []
