"""Rate limits as clients meet them: status, header, code, and that nothing was executed."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.router.http.kit import app_in_memory, client_of, post, shop
from tests.router.http.streaming_kit import served, socket_to, streaming_app, streaming_shop
from tests.router.http.test_identity import AUDIENCE, CONTEXT_KEY, ISSUER, jwks, token
from tests.router.http.test_identity import KEY as SIGNER

LIMITS = {
    "write": {"limit": 5, "seconds": 900, "fields": ["Mutation.rename"], "by": "client"},
    "read": {"limit": 100, "seconds": 60, "fields": ["Query.*"], "count": "requests"},
}
RENAME = 'mutation { rename(id: "1", name: "New") { name } }'
READ = '{ product(id: "1") { name } latestReview { body } }'


@pytest.fixture
def guarded(tmp_path: Path) -> dict[str, Any]:
    """Settings of a router that checks tokens and limits."""
    keys = tmp_path / "jwks.json"
    keys.write_bytes(jwks(SIGNER))
    return {
        "jwks": str(keys),
        "jwt_issuer": ISSUER,
        "jwt_audience": AUDIENCE,
        "context_key": CONTEXT_KEY,
        "rate_limits": LIMITS,
    }


def bearer(subject: str) -> dict[str, str]:
    claims = {"sub": subject, "exp": 4_000_000_000, "iss": ISSUER, "aud": AUDIENCE}
    return {"authorization": f"Bearer {token(claims)}"}


@asynccontextmanager
async def routers(count: int, **settings: Any) -> AsyncIterator[tuple[dict[str, Any], list[httpx.AsyncClient]]]:
    subgraphs = shop()
    async with AsyncExitStack() as stack:
        apps = [app_in_memory(subgraphs, **settings) for _ in range(count)]
        yield subgraphs, [await stack.enter_async_context(client_of(app)) for app in apps]


async def statuses(client: httpx.AsyncClient, query: str, count: int, headers: Mapping[str, str]) -> list[int]:
    answers = [await client.post("/graphql", json={"query": query}, headers=headers) for _ in range(count)]
    return [answer.status_code for answer in answers]


@pytest.mark.requirement("IN-GW-02")
async def test_the_101st_request_of_a_user_in_a_minute_is_refused(guarded: dict[str, Any]) -> None:
    async with routers(1, **guarded) as (subgraphs, [client]):
        first = await statuses(client, READ, 100, bearer("asha"))
        calls = len(subgraphs["products"].requests)
        refused = await client.post("/graphql", json={"query": READ}, headers=bearer("asha"))
        calls_then = len(subgraphs["products"].requests)
        other = await statuses(client, READ, 1, bearer("ravi"))
        anonymous = await statuses(client, READ, 1, {})

    assert first == [200] * 100
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    [error] = refused.json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert error["extensions"]["retryAfterSeconds"] == int(refused.headers["retry-after"])
    assert "data" not in refused.json()
    assert calls_then == calls
    assert (other, anonymous) == ([200], [200])


@pytest.mark.requirement("IN-RL-1", "NFR-SEC-003")
async def test_many_routers_share_one_count(guarded: dict[str, Any], redis_url: str) -> None:
    async with routers(3, **guarded, rate_limit_url=redis_url) as (subgraphs, clients):
        outcomes = [status for _ in range(4) for client in clients for status in await statuses(client, RENAME, 1, {})]

    assert outcomes == [200] * 5 + [429] * 7
    assert len(subgraphs["products"].requests) == 5


async def test_aliases_count_each_and_the_whole_request_is_refused(guarded: dict[str, Any]) -> None:
    aliases = " ".join(f'a{number}: rename(id: "1", name: "N{number}") {{ name }}' for number in range(100))
    async with routers(1, **guarded, max_root_fields=100) as (subgraphs, [client]):
        refused = await client.post("/graphql", json={"query": f"mutation {{ {aliases} }}"})
        calls = len(subgraphs["products"].requests)
        left = await statuses(client, RENAME, 6, {})

    assert refused.status_code == 429
    assert calls == 0
    assert left == [200] * 5 + [429]


async def test_a_class_by_client_counts_the_address_whoever_is_signed_in(guarded: dict[str, Any]) -> None:
    trusting = {**guarded, "trusted_proxies": ["127.0.0.1"]}
    async with routers(1, **trusting) as (_, [client]):
        here = {"x-forwarded-for": "203.0.113.9"}
        outcomes = [
            status
            for name in ("a", "b", "c", "d", "e", "f")
            for status in await statuses(client, RENAME, 1, {**bearer(name), **here})
        ]
        elsewhere = await statuses(client, RENAME, 1, {**bearer("f"), "x-forwarded-for": "203.0.113.10"})
        invented = await statuses(client, RENAME, 1, {**bearer("f"), "x-forwarded-for": "198.51.100.7, 203.0.113.9"})

    assert outcomes == [200] * 5 + [429]
    assert elsewhere == [200]
    assert invented == [429]


async def test_without_valkey_each_router_counts_alone(guarded: dict[str, Any]) -> None:
    async with routers(2, **guarded, rate_limit_url="redis://127.0.0.1:1/0") as (_, clients):
        outcomes = [await statuses(client, RENAME, 6, {}) for client in clients]

    assert outcomes == [[200] * 5 + [429]] * 2


async def test_introspection_and_unlimited_operations_are_never_counted(guarded: dict[str, Any]) -> None:
    async with routers(
        1, **{**guarded, "rate_limits": {"one": {"limit": 1, "seconds": 60, "fields": ["Query.me"]}}}
    ) as (
        _,
        [client],
    ):
        for query in ("{ __typename }", READ, "{ __schema { queryType { name } } }"):
            assert await statuses(client, query, 3, {}) == [200] * 3
        assert await statuses(client, "{ me { name } }", 2, {}) == [200, 429]


async def test_a_refused_get_and_a_refused_graphql_response_are_429_too(guarded: dict[str, Any]) -> None:
    limits = {"read": {"limit": 1, "seconds": 60, "fields": ["Query.*"]}}
    async with routers(1, **{**guarded, "rate_limits": limits}) as (_, [client]):
        await post(client, "{ me { name } }")
        get = await client.get("/graphql", params={"query": "{ me { name } }"})
        typed = await client.post(
            "/graphql", json={"query": "{ me { name } }"}, headers={"accept": "application/graphql-response+json"}
        )

    assert (get.status_code, typed.status_code) == (429, 429)


@pytest.fixture
async def streaming_host() -> AsyncIterator[str]:
    _, subgraphs = streaming_shop()
    limits = {"watch": {"limit": 1, "seconds": 60, "fields": ["Query.watchers", "Subscription.*"]}}
    async with served(streaming_app(subgraphs, rate_limits=limits)) as host:
        yield host


async def test_operations_of_a_websocket_are_counted(streaming_host: str) -> None:
    async with socket_to(streaming_host) as client:
        await client.subscribe("a", "{ watchers }")
        assert (await client.receive())["payload"] == {"data": {"watchers": 0}}
        assert (await client.receive())["type"] == "complete"
        await client.subscribe("b", "subscription { priceChanged { price } }")
        refused = await client.receive()

    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_operations_of_an_event_stream_are_counted(streaming_host: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{streaming_host}") as client:
        body = {"query": "{ watchers }"}
        first = await client.post("/graphql", json=body)
        refused = await client.post(
            "/graphql", json=body, headers={"accept": "text/event-stream, application/json;q=0.5"}
        )

    assert first.json() == {"data": {"watchers": 0}}
    events = [line.removeprefix("data: ") for line in refused.text.splitlines() if line.startswith("data: ")]
    assert json.loads(events[0])["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
