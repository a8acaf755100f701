"""A client that goes away stops the work of its query; a mutation is finished."""

import asyncio
from collections.abc import Mapping, MutableMapping
from typing import Any

import orjson
import pytest

from router.config import RouterSettings
from router.execution.memory_transport import InMemoryTransport
from router.execution.transport import SubgraphRequest
from router.http import RouterApp, create_app
from router.supergraph import Supergraph
from tests.router.http.kit import shop, supergraph_of


class Slow:
    """A subgraph that takes its time, and notes whether it was let finish."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.outcomes: list[str] = []

    async def call(self, request: SubgraphRequest) -> Mapping[str, Any]:
        self.asked.set()
        try:
            await asyncio.sleep(0.4)
        except asyncio.CancelledError:
            self.outcomes.append("cancelled")
            raise
        self.outcomes.append("finished")
        return {"data": {"rename": None, "product": None}}


def app_over(slow: Slow) -> RouterApp:
    transports = {name: InMemoryTransport(found.call) for name, found in shop().items()}
    transports["products"] = InMemoryTransport(slow.call)
    return create_app(RouterSettings(), transports=transports, supergraph=Supergraph.from_sdl(supergraph_of(shop())))


async def ask_and_leave(app: RouterApp, slow: Slow, query: str) -> list[MutableMapping[str, Any]]:
    """Send a request, disconnect once the subgraph works, and return what was sent back."""
    body = [orjson.dumps({"query": query})]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        if body:
            return {"type": "http.request", "body": body.pop(), "more_body": False}
        await slow.asked.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await app(scope, receive, send)
    await app.aclose()
    return sent


async def test_a_query_ends_when_its_client_has_gone() -> None:
    slow = Slow()

    sent = await ask_and_leave(app_over(slow), slow, '{ product(id: "1") { name } }')

    assert slow.outcomes == ["cancelled"]
    assert sent == []
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0


async def test_a_mutation_is_finished_whoever_has_gone() -> None:
    slow = Slow()

    sent = await ask_and_leave(app_over(slow), slow, 'mutation { rename(id: "1", name: "x") { name } }')

    assert slow.outcomes == ["finished"]
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


async def test_a_cancellation_from_outside_is_passed_on() -> None:
    slow = Slow()
    app = app_over(slow)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b'{"query":"{ product(id: 1) { name } }"}', "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        """Take nothing."""

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    serving = asyncio.ensure_future(app(scope, receive, send))
    await slow.asked.wait()
    serving.cancel()

    with pytest.raises(asyncio.CancelledError):
        await serving
    await app.aclose()
