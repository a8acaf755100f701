"""A listener is told of commits, of nothing else, and comes back after its connection was lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.listening import Listener
from subgraphs.shared.outbox import CHANNEL
from subgraphs.shared.postgres import Database, async_url
from subgraphs.shared.prepared import Prepared
from subgraphs.shared.redis import Cache
from subgraphs.shared.streams import append, newest_entries, wait_for_entries
from subgraphs.shared.telemetry import count_statements
from tests.support.servers import DatabaseFactory

_AN_HOUR = 3600.0
_PATIENCE_SECONDS = 30
_SELF = Prepared(sa.select(sa.func.pg_backend_pid().label("pid")))


@pytest.fixture
async def database(make_database: DatabaseFactory) -> AsyncIterator[Database]:
    fresh = await make_database("listening", migrate=False)
    database = Database(fresh.server_url, fresh.name)
    yield database
    await database.close()


@pytest.fixture
async def listener(make_database: DatabaseFactory, database: Database) -> AsyncIterator[Listener]:
    server_url = (await make_database("listening", migrate=False)).server_url
    listener = Listener(async_url(server_url, database.name), CHANNEL, timeout_seconds=10)
    yield listener
    await listener.close()


async def tell(database: Database, *, roll_back: bool = False) -> None:
    async with database.writing() as session:
        await session.execute(sa.text("SELECT pg_notify('outbox', '')"))
        if roll_back:
            await session.rollback()


async def is_told(listener: Listener) -> bool:
    """Whether it was told by now: what the server said comes before the answer to a later statement."""
    await listener.fetch(_SELF)
    waiting = asyncio.create_task(listener.wait(seconds=_AN_HOUR))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    told = waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return told


async def test_a_commit_is_told_once_and_a_change_taken_back_never(database: Database, listener: Listener) -> None:
    await listener.fetch(_SELF)

    await tell(database, roll_back=True)
    after_rolling_back = await is_told(listener)
    await tell(database)
    await tell(database)
    after_commits = await is_told(listener)

    assert (after_rolling_back, after_commits) == (False, True)
    assert not await is_told(listener)


async def test_waiting_ends_with_the_commit(database: Database, listener: Listener) -> None:
    with count_statements() as statements:
        await listener.fetch(_SELF)

    async with asyncio.timeout(_PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(listener.wait(seconds=_AN_HOUR))
        await asyncio.sleep(0)
        await tell(database)

    assert statements == {f"postgres:{database.name}": 1}


async def test_waiting_ends_after_its_time_though_nothing_was_told(listener: Listener) -> None:
    await listener.fetch(_SELF)

    async with asyncio.timeout(_PATIENCE_SECONDS):
        await listener.wait(seconds=0.01)


async def test_a_lost_connection_ends_the_waiting_and_the_next_look_listens_again(
    database: Database, listener: Listener
) -> None:
    before = (await listener.fetch(_SELF))[0][0]

    async with asyncio.timeout(_PATIENCE_SECONDS), asyncio.TaskGroup() as group:
        group.create_task(listener.wait(seconds=_AN_HOUR))
        async with database.reading() as session:
            await session.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": before})
    after = (await listener.fetch(_SELF))[0][0]
    await tell(database)

    assert after != before
    assert await is_told(listener)


async def test_a_server_that_does_not_answer_is_said_to(database: Database) -> None:
    nowhere = Listener(async_url("postgresql://nobody@127.0.0.1:1", database.name), CHANNEL, timeout_seconds=1)

    with pytest.raises(ServiceUnavailableError):
        await nowhere.fetch(_SELF)


async def test_waiting_for_a_stream_ends_with_its_next_entry(redis_url: str) -> None:
    cache = Cache(redis_url, "tests", timeout_seconds=4 * _PATIENCE_SECONDS)
    streams = [cache.key("stream", number) for number in ("one", "two")]
    try:
        await append(cache, streams[0], {"number": 1})
        before = await newest_entries(cache, streams)

        async with asyncio.timeout(_PATIENCE_SECONDS):
            await wait_for_entries(cache, before, seconds=0.01)  # nothing comes
            async with asyncio.TaskGroup() as group:
                group.create_task(wait_for_entries(cache, before, seconds=_AN_HOUR))
                await append(cache, streams[1], {"number": 2})
        after = await newest_entries(cache, streams)
    finally:
        await cache.run(lambda client: client.delete(*streams))
        await cache.close()

    assert before[streams[1]] == "0-0"
    assert after[streams[0]] == before[streams[0]]
    assert after[streams[1]] != "0-0"
