"""The line to Valkey: one connection for all, answers to whom they belong, and what happens when it fails."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from redis.asyncio.client import Pipeline

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.redis import Cache

_PATIENCE_SECONDS = 30
_SOON = 0.2


class Gate:
    """Stands between a cache and the server, and can keep, lose or spoil what the server answers."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self.url = ""
        self.connections = 0
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.asked = asyncio.Event()
        self.drops = 0
        """How many of the next questions get no answer but the end of their connection."""
        self.spoils = 0
        """How many of the next answers are not in Valkey's language."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        server_reader, server_writer = await asyncio.open_connection(*self._target)
        back = asyncio.create_task(self._answer(server_reader, writer))
        self._tasks.add(back)
        try:
            while data := await reader.read(65536):
                self.asked.set()
                if self.drops and b"HELLO" not in data and b"SETINFO" not in data:
                    self.drops -= 1
                    break
                server_writer.write(data)
        finally:
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)
            self._tasks.discard(back)
            server_writer.close()
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self.is_open.wait()
            if self.spoils:
                self.spoils -= 1
                data = b"what?\r\n"
            writer.write(data)


@pytest.fixture
async def gate(redis_url: str) -> AsyncIterator[Gate]:
    address = urlsplit(redis_url)
    gate = Gate(address.hostname or "", address.port or 0)
    gate_server = await asyncio.start_server(gate.serve, "127.0.0.1", 0)
    gate.url = f"redis://127.0.0.1:{gate_server.sockets[0].getsockname()[1]}{address.path}"
    yield gate
    gate_server.close()


@pytest.fixture
async def cache(gate: Gate) -> AsyncIterator[Cache]:
    cache = Cache(gate.url, "line", timeout_seconds=_PATIENCE_SECONDS)
    await cache.pipeline(_write)
    yield cache
    gate.is_open.set()
    await cache.close()


def _write(pipe: Pipeline) -> None:
    pipe.delete("line:list", "line:count", "line:stream")
    for number in range(50):
        pipe.set(f"line:{number}", f"value {number}")


async def _value(cache: Cache, number: int) -> Any:
    return await cache.run(lambda client: client.get(f"line:{number}"))


async def _values(cache: Cache, *numbers: int) -> list[Any]:
    return list(await asyncio.gather(*(_value(cache, number) for number in numbers)))


async def test_all_callers_share_a_connection_and_get_their_own_answers(cache: Cache, gate: Gate) -> None:
    def several(pipe: Pipeline) -> None:
        pipe.get("line:3")
        pipe.hgetall("line:nothing")
        pipe.exists("line:4")

    values, answers = await asyncio.gather(_values(cache, *range(50)), cache.pipeline(several))

    assert values == [f"value {number}" for number in range(50)]
    assert answers == ["value 3", {}, 1]
    assert gate.connections == 1


async def test_a_caller_that_is_cancelled_takes_no_answer_of_another(cache: Cache, gate: Gate) -> None:
    gate.is_open.clear()
    first, second = (asyncio.create_task(_value(cache, number)) for number in (1, 2))
    await asyncio.sleep(_SOON)

    first.cancel()
    third = asyncio.create_task(_value(cache, 3))
    await asyncio.sleep(0)
    gate.is_open.set()

    assert [await second, await third] == ["value 2", "value 3"]
    assert first.cancelled()
    assert gate.connections == 1


async def test_a_refused_command_is_the_error_of_who_sent_it(cache: Cache, gate: Gate) -> None:
    def wrong(pipe: Pipeline) -> None:
        pipe.rpush("line:list", "a")
        pipe.incr("line:list")
        pipe.rpush("line:list", "b")

    async def refused() -> None:
        with pytest.raises(redis.ResponseError, match="wrong kind of value"):
            await cache.run(lambda client: client.hgetall("line:1"))

    async def refused_among_others() -> None:
        with pytest.raises(redis.ResponseError, match=r"Command # 2 \(INCRBY line:list 1\)"):
            await cache.pipeline(wrong)

    _, _, value = await asyncio.gather(refused(), refused_among_others(), _value(cache, 7))

    assert value == "value 7"
    assert await cache.run(lambda client: client.lrange("line:list", 0, -1)) == ["a", "b"]
    assert gate.connections == 1


async def test_who_waits_for_a_stream_keeps_nobody_waiting(cache: Cache) -> None:
    waiting = asyncio.create_task(
        cache.run(lambda client: client.xread({"line:stream": "$"}, block=_PATIENCE_SECONDS * 1000))
    )
    await asyncio.sleep(_SOON)

    assert await _value(cache, 5) == "value 5"
    assert not waiting.done()

    await cache.run(lambda client: client.xadd("line:stream", {"d": "x"}))
    assert await waiting


async def test_a_transaction_is_one_among_others(cache: Cache) -> None:
    def counted(pipe: Pipeline) -> None:
        pipe.incr("line:count")
        pipe.incr("line:count")

    done, value = await asyncio.gather(
        asyncio.gather(*(cache.pipeline(counted, transaction=True) for _ in range(5))), _value(cache, 1)
    )

    assert sorted(done) == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]]
    assert value == "value 1"


async def test_a_connection_that_is_lost_is_replaced_and_asked_again_once(cache: Cache, gate: Gate) -> None:
    gate.drops = 1

    assert await _values(cache, 1, 2) == ["value 1", "value 2"]
    assert gate.connections == 2


async def test_a_connection_that_is_lost_twice_is_an_error_and_the_next_call_has_a_new_one(
    cache: Cache, gate: Gate
) -> None:
    gate.drops = 2

    with pytest.raises(ServiceUnavailableError, match="The cache does not answer"):
        await _value(cache, 1)

    assert await _value(cache, 1) == "value 1"
    assert gate.connections == 3


async def test_an_answer_that_nobody_can_read_is_given_to_nobody(cache: Cache, gate: Gate) -> None:
    gate.spoils = 1

    assert await _values(cache, 1, 2) == ["value 1", "value 2"]
    assert gate.connections == 2


async def test_an_answer_that_comes_too_late_is_an_error_and_not_the_next_ones_answer(gate: Gate) -> None:
    cache = Cache(gate.url, "line", timeout_seconds=1)
    await cache.pipeline(_write)
    gate.is_open.clear()

    with pytest.raises(ServiceUnavailableError, match="The cache does not answer"):
        await _value(cache, 1)
    gate.is_open.set()

    assert await _value(cache, 2) == "value 2"
    await cache.close()


async def test_who_waits_when_the_cache_is_closed_gets_an_error_and_opens_nothing(cache: Cache, gate: Gate) -> None:
    gate.is_open.clear()
    waiting = asyncio.create_task(_value(cache, 1))
    await asyncio.sleep(_SOON)

    await cache.close()

    with pytest.raises(ServiceUnavailableError, match="The cache does not answer"):
        await waiting
    assert gate.connections == 1


async def test_a_cache_can_be_closed_while_it_is_opened_and_opened_again(gate: Gate) -> None:
    cache = Cache(gate.url, "line", timeout_seconds=_PATIENCE_SECONDS)
    gate.is_open.clear()
    opening = asyncio.create_task(_value(cache, 1))
    await gate.asked.wait()

    await cache.close()
    with pytest.raises(ServiceUnavailableError, match="The cache does not answer"):
        await opening
    gate.is_open.set()

    assert await cache.run(lambda client: client.ping())
    await cache.close()
