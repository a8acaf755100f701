"""GraphQL over server-sent events, in distinct connections: who gets them, what they say, how they end."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.router.http.streaming_kit import CHANGES, Shop, events_of, shop_with, until
from tests.router.http.test_identity import AUDIENCE, ISSUER, KEY, jwks, token

PRICES = "subscription { priceChanged { price } }"


@pytest.fixture(scope="module")
async def served_shop() -> AsyncIterator[Shop]:
    async for made in shop_with(subscription_keep_alive_seconds=0.05, subscription_send_seconds=0.5):
        yield made


@pytest.fixture
async def shop(served_shop: Shop) -> Shop:
    return await served_shop.fresh()


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_each_event_is_completed_by_the_other_subgraphs_until_the_source_ends(shop: Shop, method: str) -> None:
    async with events_of(shop.host, CHANGES, method=method) as events:
        await shop.listening()

        shop.feed.price(5)
        shop.feed.end()

        assert events.response.status_code == 200
        assert events.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        product = {"id": "1", "name": "Dune", "stars": 2.5}
        assert await events.next() == ("next", {"data": {"priceChanged": {"price": 5, "product": product}}})
        assert await events.next() == ("complete", None)
        assert await events.next() == ("end", None)


async def test_a_query_is_answered_as_one_event(shop: Shop) -> None:
    async with events_of(shop.host, "{ me { name } }") as events:
        assert await events.next() == ("next", {"data": {"me": {"name": "Ann"}}})
        assert await events.next() == ("complete", None)


async def test_what_is_refused_is_told_in_an_event_too(shop: Shop) -> None:
    async with events_of(shop.host, "subscription { nothing }") as events:
        name, body = await events.next()

        assert (events.response.status_code, name) == (200, "next")
        assert [error["extensions"]["code"] for error in body["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]
        assert "data" not in body
        assert await events.next() == ("complete", None)


async def test_a_client_that_reads_json_as_well_gets_events_for_subscriptions_only(shop: Shop) -> None:
    headers = {"accept": "application/graphql-response+json, application/json, text/event-stream"}
    async with httpx.AsyncClient(base_url=f"http://{shop.host}") as client:
        answer = await client.post("/graphql", json={"query": "{ me { name } }"}, headers=headers)
    async with events_of(shop.host, PRICES, headers=headers) as events:
        await shop.listening()
        shop.feed.price(1)

        assert answer.headers["content-type"].startswith("application/")
        assert answer.json() == {"data": {"me": {"name": "Ann"}}}
        assert await events.next() == ("next", {"data": {"priceChanged": {"price": 1}}})


async def test_a_client_that_reads_only_json_cannot_subscribe(shop: Shop) -> None:
    async with httpx.AsyncClient(base_url=f"http://{shop.host}") as client:
        answer = await client.post("/graphql", json={"query": PRICES}, headers={"accept": "application/json"})

    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["OPERATION_NOT_SUPPORTED"]
    assert shop.feed.requests == []


async def test_a_mutation_is_not_run_by_get(shop: Shop) -> None:
    async with httpx.AsyncClient(base_url=f"http://{shop.host}") as client:
        mutation = {"query": 'mutation { rename(id: "1", name: "x") { name } }'}
        answer = await client.get("/graphql", params=mutation, headers={"accept": "text/event-stream"})

    assert answer.status_code == 405
    assert shop.subgraphs["products"].requests == []


async def test_a_page_of_another_site_cannot_subscribe_by_get(shop: Shop) -> None:
    headers = {"accept": "text/event-stream", "sec-fetch-site": "cross-site"}
    async with httpx.AsyncClient(base_url=f"http://{shop.host}") as client:
        answer = await client.get("/graphql", params={"query": PRICES}, headers=headers)

    assert answer.status_code == 403
    assert shop.feed.requests == []


async def test_a_quiet_stream_is_kept_alive_by_comments(shop: Shop) -> None:
    async with events_of(shop.host, PRICES) as events:
        await shop.listening()
        await asyncio.sleep(0.2)
        shop.feed.price(1)

        assert (await events.next())[0] == "next"
        assert events.comments >= 2


async def test_a_client_that_leaves_ends_its_subscription_and_leaves_nothing_behind(shop: Shop) -> None:
    before = asyncio.all_tasks()
    async with events_of(shop.host, CHANGES):
        await shop.listening()

    await shop.listening(0)
    await until(lambda: asyncio.all_tasks() <= before)


async def test_a_client_that_takes_nothing_is_disconnected_and_slows_the_source_down_until_then(shop: Shop) -> None:
    body = b'{"query": "subscription { priceChanged { note } }"}'
    reader, writer = await asyncio.open_connection(*shop.host.split(":"), limit=1024)
    writer.write(
        b"POST /graphql HTTP/1.1\r\nhost: router\r\naccept: text/event-stream\r\n"
        b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    )
    await reader.readline()
    await shop.listening()

    for _ in range(100):
        shop.feed.publish(priceChanged={"note": "x" * 1_000_000})

    await shop.listening(0)
    assert shop.feed.taken < 50
    writer.close()


async def test_a_source_that_fails_ends_the_stream_with_an_error(shop: Shop) -> None:
    async with events_of(shop.host, PRICES) as events:
        await shop.listening()
        shop.feed.end(ValueError("secret"))

        name, body = await events.next()
        assert (name, body["errors"][0]["extensions"]["code"]) == ("next", "SERVICE_UNAVAILABLE")
        assert "secret" not in str(body)
        assert await events.next() == ("complete", None)


async def test_a_stream_ends_with_its_token(tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_bytes(jwks(KEY))
    settings: dict[str, Any] = {
        "jwks": str(keys),
        "jwt_issuer": ISSUER,
        "jwt_audience": AUDIENCE,
        "jwt_leeway_seconds": 0,
    }
    bearer = token({"sub": "u1", "exp": time.time() + 1.0, "iss": ISSUER, "aud": AUDIENCE})
    async for guarded in shop_with(**settings):
        async with events_of(guarded.host, PRICES, headers={"authorization": f"Bearer {bearer}"}) as events:
            await guarded.listening()

            name, body = await events.next()
            assert (name, body["errors"][0]["extensions"]["code"]) == ("next", "UNAUTHENTICATED")
            assert await events.next() == ("complete", None)
        async with events_of(guarded.host, PRICES, headers={"authorization": "Bearer nonsense"}) as events:
            assert events.response.status_code == 401


async def test_a_server_that_shuts_down_says_so() -> None:
    async for shop in shop_with():
        async with events_of(shop.host, PRICES) as events:
            await shop.listening()
            shop.app.drain()

            name, body = await events.next()
            assert (name, body["errors"][0]["extensions"]["code"]) == ("next", "SHUTTING_DOWN")


async def test_a_persisted_subscription_is_found_by_its_hash(shop: Shop) -> None:
    unknown = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    async with httpx.AsyncClient(base_url=f"http://{shop.host}") as client:
        answer = await client.post("/graphql", json={"extensions": unknown}, headers={"accept": "text/event-stream"})

    assert "PERSISTED_QUERY_NOT_FOUND" in answer.text
    assert answer.text.endswith("event: complete\ndata:\n\n")
