"""Subscriptions to a subgraph behind HTTP, and servers that do not keep to the rules."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from router.execution.http_client import HttpClient
from router.execution.http_transport import HttpTransport
from router.execution.transport import (
    BadResponseError,
    ResponseTooLargeError,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
    UnreachableError,
)

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\r\n"
NEXT = b'event: next\ndata: {"data": {"n": 1}}\n\n'
COMPLETE = b"event: complete\ndata:\n\n"
REQUEST = SubgraphRequest(
    document="subscription { n }",
    document_json=b'"subscription { n }"',
    operation_name=None,
    variables={"a": 1},
    headers={"x-viewer-context": "signed"},
    is_query=True,
)

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers every connection by a script, after reading the request."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.requests: list[bytes] = []
        self.has_seen_end = asyncio.Event()
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            self.requests.append(head + await reader.readexactly(length))
            await self._script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.has_seen_end.set()
            writer.close()

    def transport(self, **options: Any) -> HttpTransport:
        async def no_pause(_: float) -> None:
            return

        client = HttpClient(max_response_bytes=options.pop("max_response_bytes", 10_000))
        return HttpTransport(f"http://127.0.0.1:{self.port}/graphql", client=client, sleep=no_pause, **options)


@asynccontextmanager
async def server_with(script: Script) -> AsyncIterator[Server]:
    server = Server(script)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


def saying(*pieces: bytes) -> Script:
    """Return the script that sends pieces and closes the connection."""

    async def script(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)

    return script


async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send the head and one event, and wait until the client goes away."""
    writer.write(HEAD + NEXT)
    await reader.read()


async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Wait until the client goes away."""
    await reader.read()


async def read_all(transport: HttpTransport) -> list[Any]:
    return [event async for event in transport.subscribe(REQUEST)]


async def test_the_request_says_who_asks_and_that_events_are_wanted() -> None:
    async with server_with(saying(HEAD, b":\n\n", NEXT, NEXT, COMPLETE)) as server:
        events = await read_all(server.transport())

    assert events == [{"data": {"n": 1}}] * 2
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /graphql HTTP/1.1\r\n")
    assert b"accept: text/event-stream," in head
    assert b"x-viewer-context: signed" in head
    assert body == b'{"query":"subscription { n }","variables":{"a":1}}'


async def test_chunks_may_cut_events_anywhere() -> None:
    head = HEAD.replace(b"\r\n\r\n", b"\r\ntransfer-encoding: chunked\r\n\r\n")
    chunks = [b"%x\r\n%s\r\n" % (1, (NEXT + COMPLETE)[place : place + 1]) for place in range(len(NEXT + COMPLETE))]
    async with server_with(saying(head, *chunks, b"0\r\n\r\n")) as server:
        assert await read_all(server.transport()) == [{"data": {"n": 1}}]


async def test_a_server_that_answers_with_one_json_response_gives_that_one() -> None:
    answer = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"errors": [{"message": "no"}]}'
    async with server_with(saying(answer)) as server:
        assert await read_all(server.transport()) == [{"errors": [{"message": "no"}]}]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ([HEAD, NEXT], UnreachableError),
        ([HEAD], UnreachableError),
        ([b"HTTP/1.1 200 OK\r\ncontent-ty"], UnreachableError),
        ([b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\r\n<html>"], UnreachableError),
        ([b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>"], BadResponseError),
        ([b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{}"], BadResponseError),
        ([b"this is not HTTP\r\n\r\n"], BadResponseError),
        ([HEAD, b"event: next\ndata: nonsense\n\n"], BadResponseError),
        ([HEAD, b"event: next\ndata: []\n\n"], BadResponseError),
        ([HEAD, b"event: next\ndata: " + b"x" * 20_000], ResponseTooLargeError),
        ([b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n" + b"x" * 20_000], ResponseTooLargeError),
        ([b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 40_000], ResponseTooLargeError),
    ],
)
async def test_an_answer_that_breaks_the_rules_is_an_error_of_the_transport(
    answer: list[bytes], error: type[TransportError]
) -> None:
    async with server_with(saying(*answer)) as server:
        with pytest.raises(error):
            await read_all(server.transport(max_tries=1))
        await server.has_seen_end.wait()


async def test_a_server_that_falls_silent_counts_as_lost() -> None:
    async with server_with(stay_silent) as server:
        with pytest.raises(SubgraphTimeoutError):
            await read_all(server.transport(silence_seconds=0.05))
        await server.has_seen_end.wait()


async def test_a_server_that_never_answers_is_given_up() -> None:
    async with server_with(say_nothing) as server:
        with pytest.raises(SubgraphTimeoutError):
            await anext(server.transport(timeout_seconds=0.05).subscribe(REQUEST))
        await server.has_seen_end.wait()


async def test_only_opening_is_tried_again() -> None:
    async with server_with(saying()) as server:
        with pytest.raises(UnreachableError):
            await anext(server.transport(max_tries=3).subscribe(REQUEST))

    assert len(server.requests) == 3


async def test_closing_the_subscription_closes_the_connection() -> None:
    async with server_with(stay_silent) as server:
        async with aclosing(server.transport().subscribe(REQUEST)) as events:
            assert await anext(events) == {"data": {"n": 1}}

        await server.has_seen_end.wait()


async def test_a_slow_reader_slows_the_server_down() -> None:
    sent = 0
    large = b'event: next\ndata: {"data": {"n": "' + b"x" * 1_000_000 + b'"}}\n\n'

    async def send_much(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(HEAD)
        for _number in range(100):
            writer.write(large)
            await writer.drain()
            sent += 1

    async with (
        server_with(send_much) as server,
        aclosing(server.transport(max_response_bytes=2_000_000).subscribe(REQUEST)) as events,
    ):
        await anext(events)
        for _ in range(200):
            await asyncio.sleep(0.001)

        assert sent < 50
