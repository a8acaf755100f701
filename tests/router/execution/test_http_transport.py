"""The HTTP transport against a real server on the loopback interface that misbehaves in every way we know."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from router.execution.http_client import IDLE_SECONDS, HttpClient
from router.execution.http_transport import FIRST_PAUSE_SECONDS, HttpTransport
from router.execution.transport import (
    BadResponseError,
    ResponseTooLargeError,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
    UnreachableError,
)

Handle = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]

GOOD = {"data": {"me": {"id": "1"}}}


def response(body: bytes, *, status: str = "200 OK", headers: str = "", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\ncontent-length: {size}\r\n{headers}\r\n".encode() + body


def good(value: Any = GOOD) -> bytes:
    return response(orjson.dumps(value))


class Server:
    """Counts connections and keeps request bodies; `handle` writes whatever it likes."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self.connections = 0
        self.bodies: list[bytes] = []
        self.heads: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = next(int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:"))
                body = await reader.readexactly(size)
                self.heads.append(head)
                self.bodies.append(body)
                await self._handle(body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(handle: Handle | bytes) -> AsyncIterator[Server]:
    async def write(_: bytes, writer: asyncio.StreamWriter) -> None:
        assert isinstance(handle, bytes)
        writer.write(handle)

    server = Server(write if isinstance(handle, bytes) else handle)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/graphql"
    try:
        yield server
    finally:
        listener.close()
        await asyncio.sleep(0.01)


class Pauses:
    """Takes the place of sleep and of chance."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)

    @staticmethod
    def most(_: float, greatest: float) -> float:
        return greatest


@asynccontextmanager
async def transport(server: Server, **client_options: Any) -> AsyncIterator[tuple[HttpTransport, Pauses]]:
    timeout_seconds = client_options.pop("timeout_seconds", 5.0)
    client = HttpClient(**client_options)
    pauses = Pauses()
    yield (
        HttpTransport(
            server.url, client=client, timeout_seconds=timeout_seconds, sleep=pauses.sleep, uniform=pauses.most
        ),
        pauses,
    )
    await client.aclose()


def request(*, is_query: bool = True, **variables: Any) -> SubgraphRequest:
    return SubgraphRequest(
        document="{me{id}}",
        document_json=b'"{me{id}}"',
        operation_name="Me",
        variables=variables,
        headers={"x-viewer-context": "signed"},
        is_query=is_query,
    )


async def test_sends_one_json_request_and_returns_the_decoded_reply() -> None:
    async with serving(good()) as server, transport(server) as (sender, _):
        reply = await sender.send(request(id="1", big=2**70))

        assert reply == GOOD
        assert orjson.loads(server.bodies[0].replace(str(2**70).encode(), b"0")) == {
            "query": "{me{id}}",
            "operationName": "Me",
            "variables": {"id": "1", "big": 0},
        }
        assert "POST /graphql HTTP/1.1\r\n" in server.heads[0]
        assert "x-viewer-context: signed\r\n" in server.heads[0]


async def test_keeps_the_connection_and_opens_no_second_one() -> None:
    async with serving(good()) as server, transport(server) as (sender, _):
        for _ in range(5):
            await sender.send(request())

        assert server.connections == 1


async def test_does_not_use_a_connection_that_was_idle_too_long() -> None:
    now = [0.0]
    async with serving(good()) as server, transport(server, clock=lambda: now[0]) as (sender, _):
        await sender.send(request())
        now[0] += IDLE_SECONDS + 0.1
        await sender.send(request())

        assert server.connections == 2


async def test_answers_reach_the_request_they_belong_to_within_the_connection_limit() -> None:
    async def echo(body: bytes, writer: asyncio.StreamWriter) -> None:
        number = orjson.loads(body)["variables"]["n"]
        await asyncio.sleep(0.001 * (number % 3))
        writer.write(good({"data": {"n": number}}))

    async with serving(echo) as server, transport(server, connections_per_origin=3) as (sender, _):
        replies = await asyncio.gather(*(sender.send(request(n=number)) for number in range(30)))

        assert [reply["data"]["n"] for reply in replies] == list(range(30))
        assert server.connections == 3


async def test_a_late_answer_never_reaches_the_next_request() -> None:
    first = True

    async def late(body: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal first
        if first:
            first = False
            await asyncio.sleep(0.1)
            writer.write(good({"data": {"whose": "first"}}))
        else:
            writer.write(good({"data": {"whose": "second"}}))

    async with serving(late) as server, transport(server, timeout_seconds=0.05) as (sender, _):
        with pytest.raises(SubgraphTimeoutError):
            await sender.send(request())
        reply = await sender.send(request())
        await asyncio.sleep(0.1)

        assert reply == {"data": {"whose": "second"}}
        assert server.connections == 2


async def test_surplus_bytes_after_a_reply_spoil_the_connection_not_the_next_request() -> None:
    async with serving(good() + good({"data": {"whose": "other"}})) as server, transport(server) as (sender, _):
        replies = [await sender.send(request()) for _ in range(3)]

        assert replies == [GOOD, GOOD, GOOD]
        assert server.connections == 3


async def reset(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def half(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(response(orjson.dumps(GOOD)[:10], length=500))
    await writer.drain()
    writer.close()


@pytest.mark.requirement("NFR-REL-005")
@pytest.mark.parametrize("handle", [reset, half])
async def test_a_query_is_tried_three_times_with_growing_pauses_when_the_connection_breaks(handle: Handle) -> None:
    async with serving(handle) as server, transport(server) as (sender, pauses):
        with pytest.raises(UnreachableError):
            await sender.send(request())

        assert len(server.bodies) == 3
        assert pauses.seconds == [FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS]


@pytest.mark.requirement("NFR-REL-005")
@pytest.mark.parametrize("handle", [reset, half])
async def test_a_mutation_is_sent_once(handle: Handle) -> None:
    async with serving(handle) as server, transport(server) as (sender, pauses):
        with pytest.raises(UnreachableError):
            await sender.send(request(is_query=False))

        assert len(server.bodies) == 1
        assert pauses.seconds == []


async def test_a_query_succeeds_when_the_connection_heals() -> None:
    answers = [reset, reset, None]

    async def heal(body: bytes, writer: asyncio.StreamWriter) -> None:
        broken = answers.pop(0)
        if broken is not None:
            await broken(body, writer)
        else:
            writer.write(good())

    async with serving(heal) as server, transport(server) as (sender, _):
        assert await sender.send(request()) == GOOD


async def test_nobody_listening_is_unreachable() -> None:
    async with serving(good()) as server:
        pass
    async with transport(server) as (sender, pauses):
        with pytest.raises(UnreachableError):
            await sender.send(request())

        assert len(pauses.seconds) == 2


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"this is not http\r\n\r\n", BadResponseError),
        (response(b"<html>oops</html>"), BadResponseError),
        (response(b"<html>bad gateway</html>", status="502 Bad Gateway"), UnreachableError),
        (response(b'{"detail":"no"}', status="503 Service Unavailable"), UnreachableError),
        (response(b'{"detail":"no"}', status="404 Not Found"), BadResponseError),
        (response(b"[1,2]"), BadResponseError),
        (response(b'"text"'), BadResponseError),
        (response(b'{"data":{"me":'), BadResponseError),
        (response(b""), BadResponseError),
        (response(b"x" * 3000), ResponseTooLargeError),
    ],
)
async def test_an_answer_that_is_no_graphql_response_is_told_apart_and_not_tried_again(
    raw: bytes, kind: type[TransportError]
) -> None:
    async with serving(raw) as server, transport(server, max_response_bytes=2048) as (sender, _):
        with pytest.raises(kind) as raised:
            await sender.send(request())

        assert type(raised.value) is kind
        assert len(server.bodies) == 1


async def test_an_error_status_with_a_graphql_body_is_a_response() -> None:
    body = {"errors": [{"message": "no"}]}
    raw = response(orjson.dumps(body), status="400 Bad Request")
    async with serving(raw) as server, transport(server) as (sender, _):
        assert await sender.send(request()) == body


async def test_reads_chunked_replies_interim_responses_and_replies_that_end_with_the_connection() -> None:
    body = orjson.dumps(GOOD)
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)

    async def closing(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    handlers: list[Handle | bytes] = [
        chunked,
        b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + good(),
        closing,
    ]
    for handle in handlers:
        async with serving(handle) as server, transport(server) as (sender, _):
            assert await sender.send(request()) == GOOD


class Answers:
    """Writes prepared answers, one for each request, each in the pieces given."""

    def __init__(self, *answers: tuple[bytes, ...]) -> None:
        self._answers = list(answers)

    async def handle(self, _: bytes, writer: asyncio.StreamWriter) -> None:
        for piece in self._answers.pop(0):
            writer.write(piece)
            await asyncio.sleep(0.01)


def numbered(number: int) -> dict[str, Any]:
    return {"data": {"n": number}}


def in_chunks(value: Any) -> bytes:
    body = orjson.dumps(value)
    return b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


async def test_answers_whose_heads_came_before_are_read_to_the_end_and_no_further() -> None:
    whole, other = good(numbered(1)), response(orjson.dumps(numbered(3)), headers="x-other: 1\r\n")
    chunks = in_chunks(numbered(5))
    answers = Answers(
        (whole,),
        (good(numbered(2)),),  # as before, to the byte
        (other,),
        (good(numbered(4)),),
        (chunks,),
        (in_chunks(numbered(6)),),  # its head says no length
        (good(numbered(7)),),
        (good(numbered(8))[:50], good(numbered(8))[50:]),
        (response(orjson.dumps({"data": {"n": 1234}})),),  # another length
        (good(numbered(9)),),
    )
    async with serving(answers.handle) as server, transport(server) as (sender, _):
        found = [(await sender.send(request()))["data"]["n"] for _ in range(10)]

        assert found == [1, 2, 3, 4, 5, 6, 7, 8, 1234, 9]
        assert server.connections == 1


async def test_an_error_status_is_not_lost_with_a_head_that_came_before() -> None:
    failed = response(b"no json", status="502 Bad Gateway")
    async with serving(failed) as server, transport(server) as (sender, _):
        for _ in range(2):
            with pytest.raises(UnreachableError, match="status 502"):
                await sender.send(request())

        assert (len(server.bodies), server.connections) == (2, 1)


@pytest.mark.parametrize("surplus", [b"\r\n", b"x", good()])
async def test_surplus_bytes_behind_a_head_that_came_before_reach_nobody(surplus: bytes) -> None:
    answers = Answers((good(numbered(1)),), (good(numbered(2)) + surplus,), (good(numbered(3)),))
    async with serving(answers.handle) as server, transport(server) as (sender, _):
        found = [(await sender.send(request()))["data"]["n"] for _ in range(3)]

        assert found == [1, 2, 3]


async def test_a_late_answer_with_a_head_that_came_before_never_reaches_the_next_request() -> None:
    asked = 0

    async def handle(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        number = asked
        if number == 2:
            await asyncio.sleep(0.2)
        writer.write(good(numbered(number)))

    async with serving(handle) as server, transport(server, timeout_seconds=0.1) as (sender, _):
        first = await sender.send(request())

        with pytest.raises(SubgraphTimeoutError, match=r"no answer within 0\.1 s"):
            await sender.send(request())
        third = await sender.send(request())

        assert (first, third) == (numbered(1), numbered(3))
        assert server.connections == 2


async def test_an_address_that_is_not_http_is_refused() -> None:
    with pytest.raises(ValueError, match="ftp"):
        HttpTransport("ftp://example.test/", client=HttpClient())


@pytest.mark.requirement("NFR-REL-005")
@pytest.mark.parametrize(("left_seconds", "told"), [(None, 5000), (60.0, 5000), (2.0, 2000)])
async def test_the_subgraph_is_told_how_long_the_router_will_wait(left_seconds: float | None, told: int) -> None:
    deadline = None if left_seconds is None else asyncio.get_running_loop().time() + left_seconds
    request = SubgraphRequest(
        document="{a}",
        document_json=b'"{a}"',
        operation_name=None,
        variables={},
        headers={},
        is_query=True,
        deadline=deadline,
    )
    async with serving(good()) as server:
        client = HttpClient()
        await HttpTransport(server.url, client=client, timeout_seconds=5.0).send(request)
        await client.aclose()

    sent = next(line for line in server.heads[0].splitlines() if line.startswith("x-request-timeout-ms: "))
    assert 0 <= told - int(sent.rpartition(" ")[2]) < 1_000


async def test_a_call_ends_with_the_request_of_the_client() -> None:
    async def never(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    request = SubgraphRequest(
        document="{a}",
        document_json=b'"{a}"',
        operation_name=None,
        variables={},
        headers={},
        is_query=True,
        deadline=asyncio.get_running_loop().time() + 0.05,
    )
    async with serving(never) as server:
        client = HttpClient()
        with pytest.raises(SubgraphTimeoutError):
            await HttpTransport(server.url, client=client, timeout_seconds=20.0).send(request)
        await client.aclose()


async def test_one_who_gives_up_waiting_for_a_connection_is_passed_over() -> None:
    async def slow(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(good())

    request = SubgraphRequest(
        document="{a}", document_json=b'"{a}"', operation_name=None, variables={}, headers={}, is_query=True
    )
    async with serving(slow) as server:
        client = HttpClient(connections_per_origin=1)
        transport = HttpTransport(server.url, client=client)
        first, leaving, last = (asyncio.ensure_future(transport.send(request)) for _ in range(3))
        await asyncio.sleep(0.01)
        leaving.cancel()
        for origin in client._origins.values():
            client._wake(origin)  # a connection becomes free before the one who gives up has noticed
        outcomes = await asyncio.gather(first, leaving, last, return_exceptions=True)
        await client.aclose()

    assert outcomes[0] == outcomes[2] == GOOD
    assert isinstance(outcomes[1], asyncio.CancelledError)
