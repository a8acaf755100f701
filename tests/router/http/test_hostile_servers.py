"""A subgraph behind a socket that does everything wrong: the rest is answered, and nobody gets another one's data."""

import asyncio
import gzip
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest

from router.config import RouterSettings
from router.execution.http_exchange import MAX_HEADER_BYTES
from router.execution.memory_transport import InMemoryTransport
from router.http import RouterApp, create_app
from router.supergraph import Supergraph
from tests.router.http.kit import post, shop, supergraph_of

Handle = Callable[[str, asyncio.StreamWriter], Awaitable[None]]

QUERY = '{ me { name } product(id: "1") { name } }'
GOOD = b'{"data":{"me":{"name":"Ann"}}}'
LIMIT = 4_096


def reply(body: bytes, *, status: str = "200 OK", length: int | None = None, headers: str = "") -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\ncontent-length: {size}\r\n{headers}\r\n".encode() + body


async def silent(_: str, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def dripping(_: str, writer: asyncio.StreamWriter) -> None:
    for byte in reply(GOOD):
        writer.write(bytes([byte]))
        await asyncio.sleep(0.02)


async def reset(_: str, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def endless_body(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"400\r\n" + b" " * 1024 + b"\r\n")
        await writer.drain()


async def endless_headers(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"x-more: " + b"y" * 1024 + b"\r\n")
        await writer.drain()


def saying(content: bytes, *, closing: bool = False) -> Handle:
    async def handle(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        if closing:
            writer.close()

    return handle


@asynccontextmanager
async def router_over(handle: Handle, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of a router whose `accounts` is a real server; the other subgraphs are good and in memory."""
    handling: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        handling.add(task)
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = next(int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:"))
                await reader.readexactly(size)
                await handle(head, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
    given: dict[str, Any] = {
        "subgraph_timeout_seconds": 0.25,
        "subgraph_max_response_bytes": LIMIT,
        "subgraph_max_tries": 1,
        "subgraph_circuit_failures": 0,
        "subgraph_urls": {"accounts": url},
    }
    app: RouterApp = create_app(
        RouterSettings(**{**given, **settings}),
        transports={name: InMemoryTransport(found.call) for name, found in shop().items() if name != "accounts"},
        supergraph=Supergraph.from_sdl(supergraph_of(shop())),
    )
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://router.test") as client:
            yield client
    finally:
        await app.aclose()
        listener.close()
        for task in handling:
            task.cancel()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("handle", "code"),
    [
        pytest.param(silent, "SERVICE_TIMEOUT", id="never answers"),
        pytest.param(dripping, "SERVICE_TIMEOUT", id="a byte now and then"),
        pytest.param(reset, "SERVICE_UNAVAILABLE", id="resets"),
        pytest.param(saying(b"", closing=True), "SERVICE_UNAVAILABLE", id="closes"),
        pytest.param(saying(reply(GOOD, length=99), closing=True), "SERVICE_UNAVAILABLE", id="half a reply"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\ncontent-", closing=True), "SERVICE_UNAVAILABLE", id="half a head"),
        pytest.param(saying(b"\x00\xff rubbish \r\n\r\n"), "SERVICE_BAD_RESPONSE", id="not HTTP"),
        pytest.param(saying(reply(b"<html>")), "SERVICE_BAD_RESPONSE", id="HTML"),
        pytest.param(saying(reply(b"<html>", status="502 Bad Gateway")), "SERVICE_UNAVAILABLE", id="HTML of a proxy"),
        pytest.param(
            saying(reply(b"", status="302 Found", headers="location: /x\r\n")), "SERVICE_BAD_RESPONSE", id="moved"
        ),
        pytest.param(saying(reply(GOOD[:-5])), "SERVICE_BAD_RESPONSE", id="half a JSON"),
        pytest.param(saying(reply(gzip.compress(GOOD))), "SERVICE_BAD_RESPONSE", id="compressed unasked"),
        pytest.param(saying(reply(b'{"data":{"me":{"name":"\xff"}}}')), "SERVICE_BAD_RESPONSE", id="not UTF-8"),
        pytest.param(saying(reply(b"[" * 4_000)), "SERVICE_BAD_RESPONSE", id="nested without end"),
        pytest.param(saying(reply(GOOD + b" " * LIMIT)), "SERVICE_BAD_RESPONSE", id="too much"),
        pytest.param(endless_body, "SERVICE_BAD_RESPONSE", id="a body without end"),
        pytest.param(endless_headers, "SERVICE_BAD_RESPONSE", id="headers without end"),
        pytest.param(saying(reply(b"7")), "SERVICE_BAD_RESPONSE", id="a number"),
        pytest.param(saying(reply(b"[]")), "SERVICE_BAD_RESPONSE", id="a list"),
        pytest.param(saying(reply(b"{}")), "SERVICE_BAD_RESPONSE", id="nothing"),
        pytest.param(saying(reply(b'{"data":7}')), "SERVICE_BAD_RESPONSE", id="data a number"),
        pytest.param(saying(reply(b'{"data":null}')), "SERVICE_BAD_RESPONSE", id="data null without errors"),
        pytest.param(saying(reply(b'{"data":{},"errors":{"a":1}}')), "SERVICE_BAD_RESPONSE", id="errors an object"),
        pytest.param(saying(reply(b'{"data":{"me":7}}')), "SERVICE_INVALID_DATA", id="a number for an object"),
        pytest.param(
            saying(reply(b'{"data":{"me":[{"name":"x"}]}}')), "SERVICE_INVALID_DATA", id="a list for an object"
        ),
        pytest.param(saying(reply(b'{"data":{"me":{"name":{}}}}')), "SERVICE_INVALID_DATA", id="an object for a text"),
        pytest.param(
            saying(reply(b'{"data":{"me":{"name":' + b"[" * 900 + b"]" * 900 + b"}}}")),
            "SERVICE_INVALID_DATA",
            id="lists in lists for a text",
        ),
    ],
)
async def test_what_a_subgraph_does_wrong_costs_only_what_it_owns(handle: Handle, code: str) -> None:
    async with router_over(handle) as client:
        bodies = [await post(client, QUERY), await post(client, QUERY)]

    for body in bodies:
        me = body["data"]["me"]
        assert me is None or me == {"name": None}
        assert body["data"]["product"] == {"name": "Dune"}
        assert [error["extensions"]["code"] for error in body["errors"]] == [code]
        assert body["errors"][0]["path"][0] == "me"


async def test_after_any_of_it_the_next_good_reply_is_used() -> None:
    spoilers = [
        saying(reply(GOOD, length=99), closing=True),
        saying(reply(GOOD) + reply(b'{"data":{"me":{"name":"Nobody"}}}')),
        saying(reply(GOOD + b" " * LIMIT)),
        reset,
        silent,
    ]
    for spoiler in spoilers:
        turns = iter([spoiler])

        async def handle(head: str, writer: asyncio.StreamWriter, turns: Any = turns) -> None:
            await next(turns, saying(reply(GOOD)))(head, writer)

        async with router_over(handle) as client:
            await post(client, QUERY)
            again = [await post(client, QUERY) for _ in range(2)]
        assert again == [{"data": {"me": {"name": "Ann"}, "product": {"name": "Dune"}}}] * 2


@pytest.mark.parametrize("share", [False, True])
async def test_under_delays_resets_and_broken_replies_each_client_gets_its_own_data_or_an_error(share: bool) -> None:
    rng = random.Random(7)

    async def moody(head: str, writer: asyncio.StreamWriter) -> None:
        name = next(line.partition(": ")[2] for line in head.split("\r\n") if line.startswith("x-name: "))
        body = orjson.dumps({"data": {"me": {"name": name}}})
        mood = rng.random()
        if mood < 0.15:
            writer.transport.abort()
        elif mood < 0.3:
            writer.write(reply(body, length=len(body) + 9))
        elif mood < 0.45:
            writer.write(reply(body) + reply(body))
        else:
            await asyncio.sleep(rng.random() * 0.35)
            writer.write(reply(body))

    settings = {"forward_headers": ["x-name"], "subgraph_connections": 8, "subgraph_share_calls": share}
    async with router_over(moody, **settings) as client:
        names = [f"client {number}" for number in range(80)]
        bodies = await asyncio.gather(*(post(client, "{ me { name } }", headers={"x-name": name}) for name in names))

    owned = [body["data"]["me"] == {"name": name} for name, body in zip(names, bodies, strict=True)]
    refused = [body["data"]["me"] is None and len(body["errors"]) == 1 for body in bodies]
    assert all(one or other for one, other in zip(owned, refused, strict=True))
    assert any(owned)
    assert any(refused)


def test_the_limit_of_a_head_leaves_room_for_real_ones() -> None:
    assert MAX_HEADER_BYTES >= 32 * 1024
