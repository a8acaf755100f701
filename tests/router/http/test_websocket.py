"""GraphQL over WebSocket: the protocol to the letter, and clients that do not keep to it."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import websockets
from websockets.asyncio.client import connect

from tests.router.http.streaming_kit import (
    CHANGES,
    Shop,
    Socket,
    served,
    shop_with,
    socket_to,
    streaming_app,
    streaming_shop,
    until,
)
from tests.router.http.test_identity import AUDIENCE, CONTEXT_KEY, ISSUER, KEY, jwks, token

PRICES = "subscription { priceChanged { price } }"


@pytest.fixture(scope="module")
async def served_shop() -> AsyncIterator[Shop]:
    async for made in shop_with():
        yield made


@pytest.fixture
async def shop(served_shop: Shop) -> Shop:
    return await served_shop.fresh()


@pytest.fixture(scope="module")
async def served_strict_shop() -> AsyncIterator[Shop]:
    settings = {"websocket_init_seconds": 0.05, "websocket_operations": 2, "max_body_bytes": 2048}
    async for made in shop_with(**settings, subscription_send_seconds=0.5):
        yield made


@pytest.fixture
async def strict_shop(served_strict_shop: Shop) -> Shop:
    """A shop with low limits."""
    return await served_strict_shop.fresh()


@pytest.fixture(scope="module")
async def served_guarded_shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    keys = tmp_path_factory.mktemp("keys") / "jwks.json"
    keys.write_bytes(jwks(KEY))
    settings = {"jwks": str(keys), "jwt_issuer": ISSUER, "jwt_audience": AUDIENCE, "context_key": CONTEXT_KEY}
    async for made in shop_with(**settings, jwt_leeway_seconds=0):
        yield made


@pytest.fixture
async def guarded_shop(served_guarded_shop: Shop) -> Shop:
    """A shop that checks access tokens."""
    return await served_guarded_shop.fresh()


def signed(*, seconds: float = 900.0) -> str:
    return token({"sub": "u1", "exp": time.time() + seconds, "iss": ISSUER, "aud": AUDIENCE, "policies": ["staff"]})


async def test_each_event_is_completed_by_the_other_subgraphs_until_the_source_ends(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        await client.subscribe("a", CHANGES)
        await shop.listening()

        shop.feed.price(5)
        shop.feed.price(6, of="2")
        shop.feed.end()

        dune = {"id": "1", "name": "Dune", "stars": 2.5}
        alien = {"id": "2", "name": "Alien", "stars": 1.5}
        assert await client.receive() == {
            "id": "a", "type": "next", "payload": {"data": {"priceChanged": {"price": 5, "product": dune}}}
        }  # fmt: skip
        assert await client.receive() == {
            "id": "a", "type": "next", "payload": {"data": {"priceChanged": {"price": 6, "product": alien}}}
        }  # fmt: skip
        assert await client.receive() == {"id": "a", "type": "complete"}
    assert len(shop.feed.requests) == 1
    assert [len(shop.subgraphs[name].requests) for name in ("products", "reviews")] == [2, 2]


async def test_an_error_of_a_subgraph_that_completes_an_event_nulls_only_what_it_owned(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        await client.subscribe("a", "subscription { priceChanged { price product { id name } } }")
        await shop.listening()

        shop.feed.price(5, of="unknown")

        message = await client.receive()
        assert message["payload"]["data"] == {"priceChanged": None}
        assert [error["path"] for error in message["payload"]["errors"]] == [["priceChanged", "product", "name"]]


async def test_operations_share_a_socket_and_an_id_is_free_again_after_its_end(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        await client.subscribe("a", PRICES)
        await client.subscribe("b", "subscription($of: ID) { other: priceChanged(of: $of) { price } }", variables={})
        await shop.listening(2)

        shop.feed.price(1)
        received = sorted([await client.receive(), await client.receive()], key=lambda message: str(message["id"]))
        shop.feed.end()
        ended = {(await client.receive())["id"], (await client.receive())["id"]}
        await client.subscribe("a", "{ me { name } }")

        assert [message["payload"]["data"] for message in received] == [
            {"priceChanged": {"price": 1}},
            {"other": {"price": 1}},
        ]
        assert ended == {"a", "b"}
        assert await client.receive() == {"id": "a", "type": "next", "payload": {"data": {"me": {"name": "Ann"}}}}
        assert await client.receive() == {"id": "a", "type": "complete"}


async def test_a_client_that_completes_hears_no_more_and_may_use_the_id_again(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        await client.subscribe("a", PRICES)
        await shop.listening()

        await client.send(type="complete", id="a")
        await shop.listening(0)
        await client.subscribe("a", PRICES)
        await shop.listening()
        shop.feed.price(2)

        assert (await client.receive())["payload"] == {"data": {"priceChanged": {"price": 2}}}


async def test_completing_what_does_not_run_is_ignored(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        await client.send(type="complete", id="nothing")
        await client.send(type="ping")

        assert await client.receive() == {"type": "pong"}


async def test_a_mutation_runs_and_is_finished_even_if_the_client_leaves(shop: Shop) -> None:
    rename = 'mutation { rename(id: "1", name: "Dune 2") { name } }'
    async with socket_to(shop.host) as client:
        await client.subscribe("a", rename)
        payload = (await client.receive())["payload"]
        await client.subscribe("b", rename.replace("Dune 2", "Dune 3"))
    await until(lambda: len(shop.subgraphs["products"].requests) == 2)

    assert payload == {"data": {"rename": {"name": "Dune 2"}}}


async def test_an_operation_that_is_refused_ends_with_an_error_and_leaves_the_others_alone(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        await client.subscribe("a", PRICES)
        await shop.listening()

        await client.subscribe("b", "subscription { nothing }")
        refused = await client.receive()
        shop.feed.price(3)

        assert (refused["id"], refused["type"]) == ("b", "error")
        assert [error["extensions"]["code"] for error in refused["payload"]] == ["GRAPHQL_VALIDATION_FAILED"]
        assert (await client.receive())["id"] == "a"


async def test_variables_that_do_not_fit_are_refused_before_the_subgraph_is_asked(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        query = "subscription($of: ID) { priceChanged(of: $of) { price } }"
        await client.subscribe("a", query, variables={"of": {"no": "id"}})

        assert (await client.receive())["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert shop.feed.requests == []


async def test_a_source_that_fails_ends_the_subscription_with_an_error(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        await client.subscribe("a", PRICES)
        await shop.listening()

        shop.feed.end(ValueError("secret"))

        message = await client.receive()
        assert (message["type"], len(message["payload"])) == ("error", 1)
        assert message["payload"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert "secret" not in str(message)


async def test_pings_are_answered_with_their_payload_even_before_the_connection_is_acknowledged(shop: Shop) -> None:
    async with socket_to(shop.host, init=False) as client:
        await client.send(type="ping", payload={"n": 1})
        await client.send(type="pong", payload={"n": 2})
        await client.send(type="pong")

        assert await client.receive() == {"type": "pong", "payload": {"n": 1}}


async def test_another_subprotocol_is_not_acceptable(shop: Shop) -> None:
    for subprotocols in ([], ["graphql-ws"]):
        async with connect(f"ws://{shop.host}/graphql", subprotocols=subprotocols or None, proxy=None) as connection:  # type: ignore[arg-type]  # texts will do
            assert (await Socket(connection).closing())[0] == 4406


async def test_the_connection_must_be_initialised_in_time(strict_shop: Shop) -> None:
    async with socket_to(strict_shop.host, init=False) as client:
        assert await client.closing() == (4408, "Connection initialisation timeout")


async def test_a_second_initialisation_is_one_too_many(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        await client.send(type="connection_init")

        assert await client.closing() == (4429, "Too many initialisation requests")


async def test_subscribing_before_the_acknowledgement_is_unauthorized(shop: Shop) -> None:
    async with socket_to(shop.host, init=False) as client:
        await client.subscribe("a", PRICES)

        assert await client.closing() == (4401, "Unauthorized")
    assert shop.feed.requests == []


async def test_an_id_that_is_in_use_closes_the_connection_and_ends_its_subscription(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        await client.subscribe("a", PRICES)
        await client.subscribe("a", PRICES)

        assert await client.closing() == (4409, "Subscriber for a already exists")
    await shop.listening(0)


@pytest.mark.parametrize(
    "message",
    [
        "nonsense",
        "[]",
        "{}",
        '{"type": "unknown"}',
        '{"type": 1}',
        '{"type": "ping", "payload": 1}',
        '{"type": "subscribe", "payload": {"query": "{ me { name } }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ me { name } }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ me { name } }"}}',
        '{"type": "subscribe", "id": "a"}',
        '{"type": "subscribe", "id": "a", "payload": {}}',
        '{"type": "subscribe", "id": "a", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "a", "payload": {"query": "{ me { name } }", "variables": []}}',
        '{"type": "complete"}',
        b'{"type": "ping"}',
    ],
)
async def test_a_message_that_the_protocol_does_not_know_closes_the_connection(shop: Shop, message: str) -> None:
    async with socket_to(shop.host) as client:
        await client.connection.send(message)

        code, reason = await client.closing()
        assert code == 4400
        assert reason


async def test_a_message_that_is_too_large_closes_the_connection(strict_shop: Shop) -> None:
    async with socket_to(strict_shop.host) as client:
        await client.subscribe("a", "{ me { name } }" + " " * 3000)

        assert (await client.closing())[0] == 1009


async def test_operations_beyond_the_limit_of_a_socket_are_refused_and_the_others_go_on(strict_shop: Shop) -> None:
    async with socket_to(strict_shop.host) as client:
        await client.subscribe("a", PRICES)
        await client.subscribe("b", PRICES)
        await strict_shop.listening(2)

        await client.subscribe("c", PRICES)
        refused = await client.receive()
        strict_shop.feed.price(1)

        assert (refused["id"], refused["type"]) == ("c", "error")
        assert refused["payload"][0]["extensions"]["code"] == "SUBSCRIPTION_LIMIT_EXCEEDED"
        assert {(await client.receive())["id"], (await client.receive())["id"]} == {"a", "b"}
        assert len(strict_shop.feed.requests) == 2


async def test_subscriptions_beyond_the_limit_of_the_process_are_refused() -> None:
    async for small in shop_with(subscription_limit=1):
        async with socket_to(small.host) as first, socket_to(small.host) as second:
            await first.subscribe("a", PRICES)
            await small.listening()

            await second.subscribe("a", PRICES)

            assert (await second.receive())["payload"][0]["extensions"]["code"] == "SUBSCRIPTION_LIMIT_EXCEEDED"


async def test_a_client_that_vanishes_leaves_nothing_behind(shop: Shop) -> None:
    before = asyncio.all_tasks()
    async with socket_to(shop.host) as client:
        for number in range(5):
            await client.subscribe(str(number), CHANGES)
        await shop.listening(5)

        client.connection.transport.abort()
        await shop.listening(0)

    await until(lambda: asyncio.all_tasks() <= before)


async def test_a_client_that_takes_nothing_is_disconnected_and_slows_the_source_down_until_then(
    strict_shop: Shop,
) -> None:
    feed = strict_shop.feed
    async with socket_to(strict_shop.host, max_queue=1, close_timeout=0.1, compression=None) as client:
        await client.subscribe("a", "subscription { priceChanged { note } }")
        await strict_shop.listening()

        for _ in range(100):
            feed.publish(priceChanged={"note": "x" * 1_000_000})

        await strict_shop.listening(0)
        assert feed.taken < 50


async def test_a_bad_token_is_forbidden(guarded_shop: Shop) -> None:
    async with socket_to(guarded_shop.host, init=False) as client:
        await client.send(type="connection_init", payload={"Authorization": f"Bearer {signed()}x"})

        assert await client.closing() == (4403, "The access token is not valid.")


@pytest.mark.parametrize("place", ["Authorization", "authorization", "headers", "handshake"])
async def test_the_token_is_taken_from_the_payload_or_the_handshake(guarded_shop: Shop, place: str) -> None:
    value = f"Bearer {signed()}"
    payload = {"headers": {"Authorization": value}} if place == "headers" else {place: value}
    handshake: dict[str, Any] = {"additional_headers": {"Authorization": value}} if place == "handshake" else {}
    async with socket_to(guarded_shop.host, payload=None if handshake else payload, **handshake) as client:
        await client.subscribe("a", "subscription { staffOnly { price product { name } } }")
        await guarded_shop.listening()
        guarded_shop.feed.price(1)

        assert (await client.receive())["payload"]["data"]["staffOnly"]["price"] == 1
    contexts = [
        request.headers["x-viewer-context"].split(".")[1]
        for request in (*guarded_shop.feed.requests, *guarded_shop.subgraphs["products"].requests)
    ]
    assert len(contexts) == 2
    assert all(orjson.loads(base64.urlsafe_b64decode(found + "=="))["claims"]["sub"] == "u1" for found in contexts)


async def test_a_subscription_that_the_viewer_may_not_read_is_not_asked_for(guarded_shop: Shop) -> None:
    async with socket_to(guarded_shop.host) as client:
        await client.subscribe("a", "subscription { staffOnly { price } }")

        message = await client.receive()
        assert message["type"] == "error"
        assert [error["extensions"]["code"] for error in message["payload"]] == ["UNAUTHENTICATED"]
    assert guarded_shop.feed.requests == []


async def test_the_connection_ends_with_its_token(guarded_shop: Shop) -> None:
    async with socket_to(guarded_shop.host, payload={"Authorization": f"Bearer {signed(seconds=1.0)}"}) as client:
        await client.subscribe("a", PRICES)
        await guarded_shop.listening()

        assert await client.closing() == (4403, "The access token has expired")
    await guarded_shop.listening(0)


async def test_a_page_of_another_site_may_not_connect_unless_it_is_named() -> None:
    async for shop in shop_with(cors_origins=["https://shop.test"]):
        with pytest.raises(websockets.exceptions.InvalidStatus, match="403"):
            async with socket_to(shop.host, origin="https://evil.test"):
                pass
        for origin in ("https://shop.test", f"http://{shop.host}"):
            async with socket_to(shop.host, origin=origin):
                pass


async def test_sockets_are_served_at_the_endpoint_only(shop: Shop) -> None:
    with pytest.raises(websockets.exceptions.InvalidStatus, match="403"):
        async with connect(f"ws://{shop.host}/other", proxy=None):
            pass


async def test_a_server_that_shuts_down_closes_its_sockets() -> None:
    async for shop in shop_with():
        async with socket_to(shop.host) as client:
            await client.subscribe("a", PRICES)
            await shop.listening()

            shop.app.drain()

            assert await client.closing() == (1012, "This server is shutting down")
        await shop.listening(0)


async def test_subscriptions_go_on_with_a_replaced_supergraph_until_their_time_is_over() -> None:
    async for shop in shop_with(subscription_replaced_seconds=0):
        async with socket_to(shop.host) as client:
            await client.subscribe("a", PRICES)
            await shop.listening()

            shop.app.retire(shop.app.engine)

            message = await client.receive()
            assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "SUPERGRAPH_CHANGED")
            await shop.listening(0)


async def test_rights_that_are_lost_end_the_subscription() -> None:
    held = {"staff"}
    feed, subgraphs = streaming_shop()
    app = streaming_app(subgraphs, policies=lambda asked, claims: held & asked)
    async with served(app) as host, socket_to(host) as client:
        await client.subscribe("a", "subscription { staffOnly { price } }")
        await until(lambda: len(feed.listeners) == 1)
        feed.price(1)
        first = await client.receive()

        held.clear()
        feed.price(2)

        assert first["payload"] == {"data": {"staffOnly": {"price": 1}}}
        message = await client.receive()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_metrics_count_what_is_open(shop: Shop) -> None:
    async with socket_to(shop.host) as client:
        await client.subscribe("a", PRICES)
        await shop.listening()

        assert shop.app._streams.gauges()["router_subscriptions"][1] == {"": 1.0}
        assert shop.app._sockets.gauges()["router_websockets"][1] == {"": 1.0}
    await shop.listening(0)
    assert shop.app._streams.gauges()["router_subscriptions"][1] == {"": 0.0}
