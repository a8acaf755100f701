"""Requests that go the short way are answered as those which go through ASGI; what cannot go it does not."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Any

import orjson
import pytest

from router.config import RouterSettings
from router.execution.memory_transport import InMemoryTransport
from router.execution.transport import SubgraphRequest
from router.http import RouterApp, create_app
from router.http.one_write import OneWriteProtocol
from router.http.quick_posts import QuickPosts
from router.http.quick_protocol import QuickProtocol
from router.supergraph import Supergraph
from tests.router.http.connection_kit import Connection
from tests.router.http.kit import shop, supergraph_of

ME = orjson.dumps({"query": "{ me { name } }"})
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(ME), ME)
ME_REPLY = b'{"data":{"me":{"name":"Ann"}}}'


class CountingPosts(QuickPosts):
    """Counts what goes the short way."""

    served = 0
    heads = 0

    def head(self, *arguments: Any, **options: Any) -> Any:
        self.heads += 1
        return super().head(*arguments, **options)

    async def serve(self, *arguments: Any) -> None:
        self.served += 1
        await super().serve(*arguments)


def counting(app: RouterApp) -> CountingPosts:
    posts = app.quick_posts
    posts.__class__ = CountingPosts
    assert isinstance(posts, CountingPosts)
    return posts


@cache
def supergraph() -> Supergraph:
    return Supergraph.from_sdl(supergraph_of(shop()))


def app_with(transports: Mapping[str, InMemoryTransport] | None = None, **settings: Any) -> RouterApp:
    in_memory = {name: InMemoryTransport(found.call) for name, found in shop().items()}
    return create_app(
        RouterSettings(**settings), transports={**in_memory, **(transports or {})}, supergraph=supergraph()
    )


@pytest.fixture
async def app() -> AsyncIterator[RouterApp]:
    app = app_with()
    yield app
    await app.aclose()


def request(body: bytes, *headers: bytes, line: bytes = b"POST /graphql HTTP/1.1") -> bytes:
    usual = [
        b"host: x",
        b"content-type: application/json",
        b"content-length: %d" % len(body),
        b"x-correlation-id: abcdefgh",
    ]
    return b"\r\n".join([line, *usual, *headers]) + b"\r\n\r\n" + body


def body_of(response: bytes) -> bytes:
    return response.partition(b"\r\n\r\n")[2]


ALIKE = {
    "a query": request(ME),
    "another media type": request(ME, b"accept: application/graphql-response+json"),
    "no GraphQL": request(b'{"query": "{"}'),
    "no GraphQL, with a status": request(b'{"query": "{"}', b"accept: application/graphql-response+json"),
    "no JSON": request(b"nonsense"),
    "no body": request(b""),
    "a token nobody checks": request(ME, b"authorization: Bearer x"),
    "an origin": request(ME, b"origin: https://elsewhere.example"),
    "a mutation": request(orjson.dumps({"query": 'mutation { rename(id: "1", name: "") { name } }'})),
}


@pytest.mark.parametrize("sent", ALIKE.values(), ids=ALIKE)
async def test_the_short_way_answers_to_the_byte_what_the_long_one_does(sent: bytes) -> None:
    app = app_with(cors_origins=["https://elsewhere.example"])
    posts = counting(app)

    long = await Connection(OneWriteProtocol, app).send(sent)
    connection = Connection(QuickProtocol, app)
    short, again = await connection.send(sent), await connection.send(sent)
    await app.aclose()

    assert long.startswith(b"HTTP/1.1 ")
    assert short == again == long
    assert posts.served == 2


async def test_a_head_that_comes_again_is_not_read_again(app: RouterApp) -> None:
    posts = counting(app)
    connection = Connection(QuickProtocol, app)
    other = orjson.dumps({"query": "{me{name id}}  "})
    assert len(other) == len(ME)

    replies = [body_of(await connection.send(request(body))) for body in (ME, other, ME)]

    assert replies == [ME_REPLY, b'{"data":{"me":{"name":"Ann","id":"u1"}}}', ME_REPLY]
    assert (posts.heads, posts.served) == (1, 3)


async def test_another_head_on_the_same_connection_is_read(app: RouterApp) -> None:
    connection = Connection(QuickProtocol, app)
    await connection.send(request(ME))

    refused = await connection.send(request(ME, b"authorization: Bearer x"))
    answered = await connection.send(request(ME))

    assert refused.startswith(b"HTTP/1.1 401 ")
    assert body_of(answered) == ME_REPLY


async def test_wherever_a_request_is_cut_its_answer_is_the_same(app: RouterApp) -> None:
    whole = request(ME)
    connection = Connection(QuickProtocol, app)
    expected = await connection.send(whole)

    for cut in range(1, len(whole)):
        assert await connection.send(whole[:cut], whole[cut:]) == expected

    assert body_of(expected) == ME_REPLY
    assert not connection.transport.is_closed


async def test_requests_that_come_together_are_answered_in_order(app: RouterApp) -> None:
    posts = counting(app)
    connection = Connection(QuickProtocol, app)
    other = orjson.dumps({"query": "{ me { id } }"})
    await connection.send(request(ME))

    sent = await connection.send(request(ME) + request(other) + request(ME) + request(other)[:50], request(other)[50:])

    replies = [part.partition(b"HTTP/1.1")[0] for part in sent.split(b"\r\n\r\n")[1:]]
    assert replies == [ME_REPLY, b'{"data":{"me":{"id":"u1"}}}'] * 2
    assert posts.served == 2


LONG_WAY = {
    "a path below": request(ME, line=b"POST /graphql/ HTTP/1.1"),
    "parameters": request(ME, line=b"POST /graphql?a=b HTTP/1.1"),
    "the end of the connection": request(ME, b"connection: close"),
    "an old client": request(ME, line=b"POST /graphql HTTP/1.0"),
    "an expectation": request(ME, b"expect: 100-continue"),
    "a page": b"GET /graphql HTTP/1.1\r\nhost: x\r\n\r\n",
    "events": request(ME, b"accept: text/event-stream"),
    "nothing that it can read": request(ME, b"accept: image/png"),
    "chunks": request(b"%x\r\n%s\r\n0\r\n\r\n" % (len(ME), ME)).replace(
        b"content-length: ", b"transfer-encoding: chunked\r\na:"
    ),
    "a form": request(ME).replace(b"application/json", b"text/plain"),
    "another upgrade": request(ME, b"connection: upgrade", b"upgrade: h2c"),
}


@pytest.mark.parametrize("sent", LONG_WAY.values(), ids=LONG_WAY)
async def test_other_requests_are_left_to_asgi(app: RouterApp, sent: bytes) -> None:
    posts = counting(app)

    with_asgi = Connection(OneWriteProtocol, app)
    ours = Connection(QuickProtocol, app)
    expected, answered = await with_asgi.send(sent), await ours.send(sent)

    assert _without_id(answered) == _without_id(expected)
    assert ours.transport.is_closed == with_asgi.transport.is_closed
    assert posts.served == 0


def _without_id(response: bytes) -> list[bytes]:
    return [line for line in response.split(b"\r\n") if not line.startswith(b"x-correlation-id")]


async def test_a_body_that_is_too_large_is_refused_before_it_is_read() -> None:
    app = app_with(max_body_bytes=1024)
    posts = counting(app)
    connection = Connection(QuickProtocol, app)

    answered = await connection.send(request(b" " * 1025)[:-60])
    await app.aclose()

    assert answered.startswith(b"HTTP/1.1 413 ")
    assert connection.transport.is_closed
    assert posts.served == 0


async def test_what_is_no_http_is_refused(app: RouterApp) -> None:
    connection = Connection(QuickProtocol, app)
    await connection.send(request(ME))

    answered = await connection.send(b"nonsense\r\n\r\n")

    assert answered.startswith(b"HTTP/1.1 400 ")
    assert connection.transport.is_closed


async def test_two_lengths_are_refused(app: RouterApp) -> None:
    connection = Connection(QuickProtocol, app)

    answered = await connection.send(request(ME, b"content-length: 3"))

    assert answered.startswith(b"HTTP/1.1 400 ")
    assert connection.transport.is_closed


async def test_a_quiet_connection_is_closed(app: RouterApp) -> None:
    connection = Connection(QuickProtocol, app, timeout_keep_alive=0.01)

    await connection.send(request(ME))
    async with asyncio.timeout(10):
        await connection.transport.closed.wait()


async def test_a_server_that_ends_answers_and_closes(app: RouterApp) -> None:
    connection = Connection(QuickProtocol, app)
    connection.protocol.data_received(request(ME))

    connection.protocol.shutdown()
    answered = await connection.rest()

    assert body_of(answered) == ME_REPLY
    assert b"\r\nconnection: close\r\n" in answered
    assert connection.transport.is_closed


async def test_a_client_that_takes_nothing_gets_nothing_until_it_does(app: RouterApp) -> None:
    connection = Connection(QuickProtocol, app)
    connection.protocol.pause_writing()

    await connection.begin(request(ME), b"")
    before = list(connection.transport.writes)
    connection.protocol.resume_writing()

    assert before == []
    assert body_of(await connection.rest()) == ME_REPLY


class Slow:
    """A subgraph that answers when it is let, and notes whether it could."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go_on = asyncio.Event()
        self.outcomes: list[str] = []

    async def call(self, _request: SubgraphRequest) -> Mapping[str, Any]:
        self.asked.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.outcomes.append("cancelled")
            raise
        self.outcomes.append("finished")
        return {"data": {"rename": None, "product": None}}


@pytest.mark.parametrize(
    ("query", "outcome"),
    [('{ product(id: "1") { name } }', "cancelled"), ('mutation { rename(id: "1", name: "x") { name } }', "finished")],
)
async def test_who_goes_away_gives_up_queries_only(query: str, outcome: str) -> None:
    slow = Slow()
    app = app_with({"products": InMemoryTransport(slow.call)})
    connection = Connection(QuickProtocol, app)

    await connection.begin(request(orjson.dumps({"query": query})))
    await slow.asked.wait()
    connection.protocol.connection_lost(None)
    await asyncio.sleep(0)
    slow.go_on.set()
    written = await connection.rest()
    await app.aclose()

    assert slow.outcomes == [outcome]
    assert written == b""
