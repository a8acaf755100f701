"""Subscriptions of a subgraph: in memory and over HTTP, with a context for each event, ended when nobody listens."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
import strawberry

from router.execution.http_client import HttpClient
from router.execution.http_transport import HttpTransport
from router.execution.transport import SubgraphRequest
from subgraphs.shared.errors import UnauthenticatedError
from subgraphs.shared.graphql.app import Runtime, SubgraphApp
from subgraphs.shared.graphql.schema import FederatedSchema
from subgraphs.shared.identity import VIEWER_CONTEXT_HEADER, Viewer, sign_viewer_context
from tests.router.http.streaming_kit import served, until

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
KEY = "k" * 32
COUNTED = "subscription ($to: Int!) { counted(to: $to) { number contextsBefore viewerId } }"
COUNTED_ONCE = "subscription { counted(to: 1) { viewerId } }"


class Context:
    """Knows how many contexts there were before it."""

    made = 0

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.before = Context.made
        Context.made += 1


class Sources:
    """How many subscriptions are running."""

    running = 0


@strawberry.type
class Count:
    number: int

    @strawberry.field
    def contexts_before(self, info: strawberry.Info) -> int:
        before: int = info.context.before
        return before

    @strawberry.field
    def viewer_id(self, info: strawberry.Info) -> str | None:
        user_id: str | None = info.context.viewer.user_id
        return user_id

    @strawberry.field
    def odd(self) -> int:
        if self.number % 2 == 0:
            raise ValueError("secret")
        return self.number


@strawberry.type
class Query:
    @strawberry.field
    def ok(self) -> bool:
        return True


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def counted(self, to: int) -> AsyncGenerator[Count, None]:
        Sources.running += 1
        try:
            for number in range(to):
                yield Count(number=number)
                await asyncio.sleep(0)
            if to == 0:
                raise ValueError("secret")
        finally:
            Sources.running -= 1

    @strawberry.subscription
    async def mine(self, info: strawberry.Info) -> AsyncGenerator[int, None]:
        if info.context.viewer.user_id is None:
            raise UnauthenticatedError
        yield 1


schema = FederatedSchema(query=Query, subscription=Subscription)


@asynccontextmanager
async def open_runtime() -> AsyncIterator[Runtime]:
    async def check_stores() -> None:
        return

    yield Runtime(context_for=Context, check_stores=check_stores)


@pytest.fixture
async def app() -> AsyncIterator[SubgraphApp]:
    app = SubgraphApp("counter", schema=schema, open_runtime=open_runtime, viewer_context_key=KEY, clock=lambda: NOW)
    Context.made = 0
    async with app.running():
        yield app


def request(document: str, **variables: Any) -> SubgraphRequest:
    return SubgraphRequest(
        document=document,
        document_json=orjson.dumps(document),
        operation_name=None,
        variables=variables,
        headers={},
        is_query=True,
    )


async def in_memory(app: SubgraphApp, document: str, **variables: Any) -> list[dict[str, Any]]:
    return [response async for response in app.subscribe(document, variables=variables)]


async def test_every_event_has_a_context_of_its_own(app: SubgraphApp) -> None:
    responses = await in_memory(app, COUNTED, to=2)

    assert responses == [
        {"data": {"counted": {"number": 0, "contextsBefore": 1, "viewerId": None}}},
        {"data": {"counted": {"number": 1, "contextsBefore": 2, "viewerId": None}}},
    ]
    assert Sources.running == 0


async def test_events_are_the_same_over_http(app: SubgraphApp) -> None:
    expected = await in_memory(app, COUNTED, to=3)
    Context.made = 0
    async with served(app) as host:
        transport = HttpTransport(f"http://{host}/graphql", client=HttpClient())
        responses = [response async for response in transport.subscribe(request(COUNTED, to=3))]

    assert responses == expected


async def test_an_error_of_one_event_leaves_the_next_alone_and_is_masked(app: SubgraphApp) -> None:
    first, second = await in_memory(app, "subscription { counted(to: 2) { odd } }")

    assert first["data"] is None
    assert [error["extensions"]["code"] for error in first["errors"]] == ["INTERNAL"]
    assert "secret" not in str(first)
    assert second == {"data": {"counted": {"odd": 1}}}


async def test_a_source_that_fails_gives_its_error_as_the_last_response(app: SubgraphApp) -> None:
    (response,) = await in_memory(app, COUNTED, to=0)

    assert [error["extensions"]["code"] for error in response["errors"]] == ["INTERNAL"]
    assert "secret" not in str(response)


async def test_a_refusal_of_the_source_keeps_its_code(app: SubgraphApp) -> None:
    (response,) = await in_memory(app, "subscription { mine }")

    assert [error["extensions"]["code"] for error in response["errors"]] == ["UNAUTHENTICATED"]


async def test_the_viewer_is_known_to_source_and_events(app: SubgraphApp) -> None:
    context = sign_viewer_context({"claims": {"sub": "asha"}}, key=KEY, expires_at=NOW + timedelta(minutes=1))
    async with served(app) as host:
        transport = HttpTransport(f"http://{host}/graphql", client=HttpClient())
        headers = {VIEWER_CONTEXT_HEADER: context}
        asked = [replace(request(document), headers=headers) for document in ("subscription { mine }", COUNTED_ONCE)]
        responses = [response for each in asked async for response in transport.subscribe(each)]

    assert responses == [{"data": {"mine": 1}}, {"data": {"counted": {"viewerId": "asha"}}}]


@pytest.mark.parametrize("document", ["subscription {", "subscription { nothing }", COUNTED])
async def test_what_cannot_begin_gives_its_errors_only(app: SubgraphApp, document: str) -> None:
    (response,) = await in_memory(app, document)

    assert response["data"] is None
    assert len(response["errors"]) == 1


async def test_a_forged_viewer_context_begins_nothing(app: SubgraphApp) -> None:
    responses = [response async for response in app.subscribe(COUNTED, variables={"to": 2}, viewer_context="forged")]

    assert [error["extensions"]["code"] for response in responses for error in response["errors"]] == [
        "UNAUTHENTICATED"
    ]
    assert Context.made == 0


async def test_a_reader_that_stops_ends_the_source(app: SubgraphApp) -> None:
    async with aclosing(app.subscribe(COUNTED, variables={"to": 1000})) as responses:
        await anext(responses)
        assert Sources.running == 1

    assert Sources.running == 0


async def test_a_connection_that_is_closed_ends_the_source(app: SubgraphApp) -> None:
    async with served(app) as host:
        transport = HttpTransport(f"http://{host}/graphql", client=HttpClient())
        async with aclosing(transport.subscribe(request(COUNTED, to=10**9))) as responses:
            await anext(responses)
        await until(lambda: Sources.running == 0)


async def test_streams_end_before_the_server_does(app: SubgraphApp) -> None:
    async with served(app) as host:
        transport = HttpTransport(f"http://{host}/graphql", client=HttpClient())
        async with aclosing(transport.subscribe(request(COUNTED, to=10**9))) as responses:
            await anext(responses)
            app.drain()
            await until(lambda: Sources.running == 0)


async def test_a_query_is_answered_as_json_to_who_reads_events_too(app: SubgraphApp) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://counter") as client:
        answer = await client.post(
            "/graphql", json={"query": "{ ok }"}, headers={"accept": "text/event-stream, application/json"}
        )

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"data": {"ok": True}}
