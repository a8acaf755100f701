"""The clients of PostgreSQL and Valkey: lost servers, sessions, streams."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from redis.asyncio.client import Pipeline
from sqlalchemy.exc import IntegrityError

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.postgres import Database, UnstorableTextError
from subgraphs.shared.redis import Cache
from subgraphs.shared.streams import acknowledge, append, read_batch
from subgraphs.shared.telemetry import count_statements
from tests.support.servers import DatabaseFactory


@pytest.fixture
async def database(make_database: DatabaseFactory) -> AsyncIterator[Database]:
    fresh = await make_database("kernel", migrate=False)
    database = Database(fresh.server_url, fresh.name)
    async with database.writing() as session:
        await session.execute(sa.text("CREATE TABLE notes (id int PRIMARY KEY)"))
    yield database
    await database.close()


@pytest.fixture
async def cache(redis_url: str) -> AsyncIterator[Cache]:
    cache = Cache(redis_url, "kernel")
    yield cache
    await cache.close()


@pytest.fixture
def dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_two(pipe: Pipeline) -> None:
    pipe.get("x")
    pipe.get("y")


async def count(database: Database) -> int:
    async with database.reading() as session:
        return int((await session.execute(sa.text("SELECT count(*) FROM notes"))).scalar_one())


async def test_a_block_that_ends_commits_and_one_that_raises_does_not(database: Database) -> None:
    async def write(number: int, *, fail: bool) -> None:
        async with database.writing() as session:
            await session.execute(sa.text("INSERT INTO notes VALUES (:id)"), {"id": number})
            if fail:
                raise ValueError

    await write(1, fail=False)
    with pytest.raises(ValueError):
        await write(2, fail=True)

    assert await count(database) == 1


async def test_a_broken_rule_of_the_database_is_no_lost_server(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            await session.execute(sa.text("INSERT INTO notes VALUES (1), (1)"))


async def test_a_database_that_is_away_is_named(dead_port: int) -> None:
    database = Database(f"postgresql://reelgraph@127.0.0.1:{dead_port}", "kernel", timeout_seconds=2)

    with pytest.raises(ServiceUnavailableError, match="The kernel database does not answer"):
        await database.ping()
    await database.close()


@pytest.mark.parametrize("state", ["08006", "53300", "57P01", "57P02", "57P03"])
async def test_a_server_that_stops_or_is_full_does_not_answer(database: Database, state: str) -> None:
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$"

    with pytest.raises(ServiceUnavailableError, match="database does not answer"):
        async with database.writing() as session:
            await session.execute(sa.text(statement))


async def test_a_lost_connection_is_an_unavailable_database_once_and_then_replaced(
    database: Database, postgres_server_url: str
) -> None:
    other = Database(postgres_server_url, database.name)

    async def lose_the_connection() -> None:
        async with database.reading() as session:
            pid = (await session.execute(sa.text("SELECT pg_backend_pid()"))).scalar_one()
            async with other.reading() as outside:
                await outside.execute(sa.text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": pid})
            await session.execute(sa.text("SELECT 1"))

    with pytest.raises(ServiceUnavailableError, match="database does not answer"):
        await lose_the_connection()
    await other.close()

    assert await count(database) == 0


async def test_a_server_that_still_starts_does_not_answer() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(4))
        request = await reader.readexactly(size - 4)
        if size == 8 and request == (80877103).to_bytes(4):  # the question whether TLS is spoken
            writer.write(b"N")
            await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)
        body = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
        writer.write(b"E" + (len(body) + 4).to_bytes(4) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = Database(f"postgresql://reelgraph@127.0.0.1:{port}", "kernel", timeout_seconds=2)

    with pytest.raises(ServiceUnavailableError, match="The kernel database does not answer"):
        await database.ping()
    await database.close()
    server.close()


async def test_a_text_with_nul_is_a_mistake_of_the_client_and_changes_nothing(database: Database) -> None:
    async def write() -> None:
        async with database.writing() as session:
            await session.execute(sa.text("INSERT INTO notes VALUES (1)"))
            await session.execute(sa.text("SELECT CAST(:text AS text)"), {"text": "a\0b"})

    with pytest.raises(UnstorableTextError, match="holds the character NUL"):
        await write()

    assert await count(database) == 0


async def test_a_cache_that_is_away_is_named(dead_port: int) -> None:
    cache = Cache(f"redis://127.0.0.1:{dead_port}/0", "kernel", timeout_seconds=2)

    with pytest.raises(ServiceUnavailableError, match="The cache does not answer"):
        await cache.run(lambda client: client.get("x"))
    with pytest.raises(ServiceUnavailableError, match="The cache does not answer"):
        await cache.pipeline(read_two)
    await cache.close()


async def test_values_arrive_as_they_were_sent(cache: Cache) -> None:
    values: list[Any] = ["a", "é ह \x00 \r\n", b"bytes", 7, -0.25, 1e300, "x" * 100_000, ""]

    def write(pipe: Pipeline) -> None:
        pipe.delete("packed")
        pipe.rpush("packed", *values)

    await cache.pipeline(write)
    found = await cache.run(lambda client: client.lrange("packed", 0, -1))

    assert found == ["a", "é ह \x00 \r\n", "bytes", "7", "-0.25", "1e+300", "x" * 100_000, ""]
    with pytest.raises(redis.DataError):
        await cache.run(lambda client: client.set("packed", None))  # type: ignore[arg-type]  # what it must refuse
    assert await cache.run(lambda client: client.llen("packed")) == 8


async def test_connections_that_the_server_closed_while_idle_are_replaced_unnoticed(
    cache: Cache, redis_url: str
) -> None:
    async def connection_ids() -> list[int]:
        return await asyncio.gather(*(cache.run(lambda client: client.client_id()) for _ in range(3)))

    before = await connection_ids()
    with redis.Redis.from_url(redis_url) as other:
        for connection_id in before:
            other.client_kill_filter(_id=str(connection_id))
    await asyncio.sleep(0.2)  # until the server's goodbye has come

    after = await connection_ids()

    assert len(set(before)) == len(set(after)) == 3
    assert set(before).isdisjoint(after)


async def test_statements_are_counted_by_store_and_only_inside_the_block(database: Database, cache: Cache) -> None:
    await count(database)

    with count_statements() as statements:
        await count(database)
        await cache.pipeline(read_two)
    await count(database)

    assert statements == {f"postgres:{database.name}": 1, "redis": 1}


async def test_a_group_reads_each_entry_once_and_every_group_all_of_them(cache: Cache) -> None:
    for number in range(3):
        await append(cache, "kernel:s", {"number": number})

    first = await read_batch(cache, "kernel:s", group="a", consumer="1", limit=2)
    second = await read_batch(cache, "kernel:s", group="a", consumer="2", limit=2)
    other = await read_batch(cache, "kernel:s", group="b", consumer="1", limit=10)
    await acknowledge(cache, "kernel:s", group="a", entry_ids=[entry.entry_id for entry in [*first, *second]])
    after = await read_batch(cache, "kernel:s", group="a", consumer="1", limit=2)

    numbers = [[entry.document["number"] for entry in batch] for batch in (first, second, other, after)]
    assert numbers == [[0, 1], [2], [0, 1, 2], []]
