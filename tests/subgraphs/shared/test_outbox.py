"""The outbox: an event is there exactly when its change is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.shared.events import Event
from subgraphs.shared.outbox import forget_relayed, mark_relayed, outbox_table, pending_events, publish
from subgraphs.shared.postgres import Database
from subgraphs.shared.telemetry import count_statements
from tests.support.servers import DatabaseFactory

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


class TitleTouched(Event):
    """A fact for these tests."""

    topic: ClassVar[str] = "tests.title_touched"

    number: int


@pytest.fixture
async def database(make_database: DatabaseFactory) -> AsyncIterator[Database]:
    fresh = await make_database("outbox", migrate=False)
    engine = create_async_engine(fresh.url)
    async with engine.begin() as connection:
        await connection.run_sync(outbox_table.create)
    await engine.dispose()
    database = Database(fresh.server_url, fresh.name)
    yield database
    await database.close()


async def tell(database: Database, *numbers: int) -> None:
    async with database.writing() as session:
        await publish(session, [TitleTouched(occurred_at=NOW, number=number) for number in numbers])


async def pending(database: Database) -> list[int]:
    async with database.writing() as session:
        return [event.payload["number"] for event in await pending_events(session, limit=10)]


async def test_events_are_kept_in_order_in_one_statement(database: Database) -> None:
    with count_statements() as statements:
        await tell(database, 1, 2, 3)

    async with database.writing() as session:
        events = await pending_events(session, limit=2)
    assert [(event.topic, event.payload["number"]) for event in events] == [
        ("tests.title_touched", 1),
        ("tests.title_touched", 2),
    ]
    assert events[0].payload["occurred_at"] == "2026-03-01T09:30:00Z"
    assert statements == {f"postgres:{database.name}": 1}


async def test_nothing_to_tell_costs_nothing(database: Database) -> None:
    with count_statements() as statements:
        await tell(database)

    assert statements == {}


async def test_a_change_that_fails_tells_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.writing() as session:
            await publish(session, [TitleTouched(occurred_at=NOW, number=1)])
            raise ValueError

    with pytest.raises(ValueError):
        await fail()

    assert await pending(database) == []


async def test_two_relays_never_hold_the_same_event(database: Database) -> None:
    await tell(database, 1, 2, 3)

    async with database.writing() as one, database.writing() as other:
        held_by_one = await pending_events(one, limit=2)
        held_by_other = await pending_events(other, limit=2)

    assert [event.payload["number"] for event in held_by_one] == [1, 2]
    assert [event.payload["number"] for event in held_by_other] == [3]


async def test_a_relayed_event_is_over_and_later_forgotten(database: Database) -> None:
    await tell(database, 1, 2)
    async with database.writing() as session:
        first = (await pending_events(session, limit=1))[0]
        await mark_relayed(session, [first.position], at=NOW)

    left = await pending(database)
    async with database.writing() as session:
        forgotten = [await forget_relayed(session, before=before) for before in (NOW, NOW + timedelta(seconds=1))]

    assert left == [2]
    assert forgotten == [0, 1]
    assert await pending(database) == [2]
