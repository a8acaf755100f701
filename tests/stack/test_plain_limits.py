"""Limits of what is served beside GraphQL: by class and client, counted once for all processes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from stack.edge import EdgeApp
from stack.rate_limits import PLAIN_RATE_LIMITS, RATE_LIMITS, plain_rate_limits
from stack.services import SUBGRAPHS
from tests.router.http.kit import app_in_memory, shop


@pytest.fixture(name="edges")
async def _edges(redis_url: str) -> AsyncIterator[list[EdgeApp]]:
    """Two processes of one platform."""
    prefixes = [prefix for subgraph in SUBGRAPHS for prefix in subgraph.plain_prefixes]
    routers = [
        app_in_memory(shop(), rate_limits={"all": _ANY}, rate_limit_url=redis_url, context_key="k" * 32)
        for _ in range(2)
    ]
    edges = [
        EdgeApp(router, plain=PlainTextResponse("served"), prefixes=prefixes, runtimes=[], limits=PLAIN_RATE_LIMITS)
        for router in routers
    ]
    async with AsyncExitStack() as stack:
        for edge in edges:
            await stack.enter_async_context(edge.running())
        yield edges


_ANY: dict[str, Any] = {"limit": 1000, "seconds": 60, "fields": ["Query.*"]}


def client_of(edge: EdgeApp, address: str = "203.0.113.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(edge, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://platform")


@pytest.mark.requirement("IN-RL-1", "NFR-SEC-003")
@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", "/oauth/authorize", "oauth-pages"),
        ("POST", "/oauth/device", "oauth-pages"),
        ("POST", "/oauth/token", "oauth-tokens"),
        ("POST", "/oauth/revoke", "oauth-tokens"),
        ("GET", "/exports/file", "exports"),
    ],
)
async def test_a_client_that_asks_too_often_is_refused_by_every_process(
    edges: list[EdgeApp], method: str, path: str, name: str
) -> None:
    limit = PLAIN_RATE_LIMITS[name]
    async with client_of(edges[0]) as first, client_of(edges[1]) as second, client_of(edges[0], "203.0.113.2") as other:
        allowed = [(await (first, second)[number % 2].request(method, path)) for number in range(limit["limit"])]
        refused = [await client.request(method, path) for client in (first, second)]
        others = await other.request(method, path)
        preflight = await first.options(path)

    assert {answer.status_code for answer in allowed} == {200}
    assert [answer.status_code for answer in refused] == [429, 429]
    for answer in refused:
        assert 1 <= int(answer.headers["retry-after"]) <= limit["seconds"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["error"] == "rate_limited"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (others.status_code, preflight.status_code) == (200, 200)


async def test_parts_of_films_are_counted_apart_from_all_else() -> None:
    once = {name: {**limit, "limit": 1} for name, limit in PLAIN_RATE_LIMITS.items()}
    edge = EdgeApp(
        app_in_memory(shop()),
        plain=PlainTextResponse("served"),
        prefixes=["/uploads/", "/artwork/", "/other/"],
        runtimes=[],
        limits=once,
    )

    async with edge.running(), client_of(edge) as client:
        parts = [await client.put(f"/uploads/part-{number}") for number in range(2)]
        others = [await client.get(path) for path in ("/artwork/one", "/other/one", "/other/two")]

    assert [answer.status_code for answer in parts] == [200, 429]
    assert [answer.status_code for answer in others] == [200, 200, 429]


async def test_a_browser_reads_why_in_words(edges: list[EdgeApp]) -> None:
    async with client_of(edges[0]) as client:
        for _ in range(PLAIN_RATE_LIMITS["oauth-pages"]["limit"]):
            await client.post("/oauth/device")
        refused = await client.post("/oauth/device", headers={"accept": "text/html,application/xhtml+xml"})

    assert (refused.status_code, refused.headers["content-type"]) == (429, "text/plain; charset=utf-8")
    assert "Try again in" in refused.text


async def test_classes_do_not_touch_each_other(edges: list[EdgeApp]) -> None:
    async with client_of(edges[0]) as client:
        for _ in range(PLAIN_RATE_LIMITS["oauth-pages"]["limit"] + 1):
            await client.post("/oauth/authorize")
        page = await client.get("/oauth/authorize")
        token = await client.post("/oauth/token")
        graphql = await client.post("/graphql", json={"query": "{ latestReview { body } }"})

    assert [answer.status_code for answer in (page, token, graphql)] == [200, 200, 200]


def test_every_plain_path_belongs_to_a_class_and_no_class_has_the_name_of_one_of_operations() -> None:
    assert PLAIN_RATE_LIMITS["plain"]["paths"] == ["/"]
    assert list(PLAIN_RATE_LIMITS)[-1] == "plain"
    assert RATE_LIMITS.keys() & PLAIN_RATE_LIMITS.keys() == set()
    widened = plain_rate_limits(has_demo=True)
    assert {name for name in widened if widened[name] != PLAIN_RATE_LIMITS[name]} == {"oauth-pages"}
