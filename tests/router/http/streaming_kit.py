"""A subgraph whose events the test sends, a router over it on a real port, and clients of that."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from router.config import RouterSettings
from router.execution.authorization import PolicyCheck
from router.execution.memory_transport import InMemoryTransport
from router.execution.transport import SubgraphRequest
from router.http import RouterApp, create_app
from router.http.websocket import SUBPROTOCOL
from router.supergraph import Supergraph
from tests.router.http.kit import PythonSubgraph, shop, supergraph_of

WATCHERS = """
type Query { watchers: Int }
type Mutation { tell(id: ID!): Boolean }
type Subscription {
  priceChanged(of: ID): Change
  anything: Change
  staffOnly: Change @federation__policy(policies: [["staff"]])
}
type Change { price: Int product: Product! note: String }
type Product @key(fields: "id", resolvable: false) { id: ID! }
"""
CHANGES = "subscription { priceChanged { price product { id name stars } } }"
LONGEST_WAIT_SECONDS = 20.0


class Feed(PythonSubgraph):
    """A subgraph that passes on what the test publishes.

    Attributes:
        listeners: One queue for each subscription that is running.
    """

    def __init__(self) -> None:
        super().__init__("feed", WATCHERS, resolvers={"Query.watchers": lambda: len(self.listeners)}, entities={})
        self.listeners: list[asyncio.Queue[dict[str, Any] | Exception | None]] = []
        self.taken = 0

    def publish(self, **event: Any) -> None:
        """Send an event to every listener."""
        for listener in self.listeners:
            listener.put_nowait(event)

    def price(self, price: int, *, of: str = "1") -> None:
        """Send a change of price."""
        change = {"price": price, "product": {"id": of}, "note": None}
        self.publish(priceChanged=change, anything=change, staffOnly=change)

    def end(self, error: Exception | None = None) -> None:
        """End every subscription, in order or with an error."""
        for listener in self.listeners:
            listener.put_nowait(error)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[Mapping[str, Any], None]:
        """Yield responses."""
        self.requests.append(request)
        listener: asyncio.Queue[dict[str, Any] | Exception | None] = asyncio.Queue()
        self.listeners.append(listener)
        try:
            while (event := await listener.get()) is not None:
                if isinstance(event, Exception):
                    raise event
                self.taken += 1
                yield self.respond(request.document, request.variables, event)
        finally:
            self.listeners.remove(listener)

    def respond(self, document: str, variables: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response to an event."""
        return self._execute({"query": document, "variables": dict(variables)}, event)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that other tasks bring about."""
    async with asyncio.timeout(LONGEST_WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event to set
            await asyncio.sleep(0.005)


def streaming_shop() -> tuple[Feed, dict[str, PythonSubgraph]]:
    """Return the feed, and it with the shop's subgraphs by name."""
    feed = Feed()
    return feed, {**shop(), "feed": feed}


def streaming_app(
    subgraphs: Mapping[str, PythonSubgraph], *, policies: PolicyCheck | None = None, **settings: Any
) -> RouterApp:
    """Return a router that calls the subgraphs in memory."""
    transports = {
        name: InMemoryTransport(found.call, subscription=found.subscribe if isinstance(found, Feed) else None)
        for name, found in subgraphs.items()
    }
    supergraph = Supergraph.from_sdl(supergraph_of(subgraphs))
    return create_app(RouterSettings(**settings), transports=transports, supergraph=supergraph, policies=policies)


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """Serve an ASGI application on a loopback port and give its host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # those are pytest's
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await until(lambda: server.started or running.done())
            yield host
        finally:
            server.should_exit = True
            await running


class Socket:
    """A client of graphql-transport-ws that speaks it message by message."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, **message: Any) -> None:
        """Send a message."""
        await self.connection.send(orjson.dumps(message).decode())

    async def receive(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            message: dict[str, Any] = orjson.loads(await self.connection.recv())
        return message

    async def subscribe(self, identifier: str, query: str, **more: Any) -> None:
        """Ask for an operation."""
        await self.send(type="subscribe", id=identifier, payload={"query": query, **more})

    async def closing(self) -> tuple[int | None, str | None]:
        """Wait until the server closes the connection; return code and reason."""
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            await self.connection.wait_closed()
        return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def socket_to(host: str, *, payload: Any = None, init: bool = True, **options: Any) -> AsyncIterator[Socket]:
    """Connect, and unless told otherwise wait for the acknowledgement."""
    subprotocols = [Subprotocol(name) for name in options.pop("subprotocols", [SUBPROTOCOL])]
    async with connect(f"ws://{host}/graphql", subprotocols=subprotocols or None, proxy=None, **options) as connection:
        client = Socket(connection)
        if init:
            await client.send(type="connection_init", **({"payload": payload} if payload is not None else {}))
            assert await client.receive() == {"type": "connection_ack"}
        yield client


class Events:
    """A client of server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()
        self.comments = 0

    async def next(self) -> tuple[str, Any]:
        """Return name and data of the next event; passes over comments and counts them."""
        name, data = "", ""
        async with asyncio.timeout(LONGEST_WAIT_SECONDS):
            async for line in self._lines:
                if line.startswith(":"):
                    self.comments += 1
                elif line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:"):
                    data = line[5:].strip()
                elif name:
                    return name, orjson.loads(data) if data else None
        return "end", None


@asynccontextmanager
async def events_of(host: str, query: str, *, method: str = "POST", **options: Any) -> AsyncIterator[Events]:
    """Ask for an operation as server-sent events."""
    headers = {"accept": "text/event-stream", **options.pop("headers", {})}
    request: dict[str, Any] = (
        {"json": {"query": query, **options}} if method == "POST" else {"params": {"query": query, **options}}
    )
    async with (
        httpx.AsyncClient(base_url=f"http://{host}", timeout=LONGEST_WAIT_SECONDS) as client,
        client.stream(method, "/graphql", headers=headers, **request) as response,
    ):
        yield Events(response)


class Shop:
    """A router on a port, and what is behind it."""

    def __init__(self, host: str, feed: Feed, subgraphs: dict[str, PythonSubgraph], app: RouterApp) -> None:
        self.host = host
        self.feed = feed
        self.subgraphs = subgraphs
        self.app = app

    async def fresh(self) -> "Shop":
        """Return it as it was at its start, but for the data that mutations changed."""
        await self.listening(0)
        for subgraph in self.subgraphs.values():
            subgraph.requests.clear()
        self.feed.taken = 0
        return self

    async def listening(self, count: int = 1) -> None:
        """Wait until so many subscriptions are running at the feed."""
        await until(lambda: len(self.feed.listeners) == count)


async def shop_with(**settings: Any) -> AsyncIterator[Shop]:
    """Serve a shop; for fixtures, and for tests that need one of their own."""
    feed, subgraphs = streaming_shop()
    app = streaming_app(subgraphs, **settings)
    async with served(app) as host:
        yield Shop(host, feed, subgraphs, app)
