"""Denied access tokens: well signed, alive, and refused all the same, by every router that follows the stream."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis

from router.http import RouterApp
from router.http.denials import DeniedTokens
from router.http.streams import TOKEN_DENIED
from tests.router.http.kit import app_in_memory, client_of, shop
from tests.router.http.streaming_kit import CHANGES, served, socket_to, streaming_app, streaming_shop
from tests.router.http.test_identity import AUDIENCE, CONTEXT_KEY, ISSUER, KEY, jwks, token

STREAM = "denied-tokens"
READ = "{ latestReview { body } }"
ISSUED = 1_000_000_000.5
UNTIL = 4_000_000_000
CLAIMS = {"sub": "u1", "sid": "s1", "pid": "p1", "jti": "t1", "exp": UNTIL, "iss": ISSUER, "aud": AUDIENCE}
LONGEST_WAIT_SECONDS = 20.0


class Publisher:
    """Denies as an issuer would."""

    def __init__(self, url: str) -> None:
        self.store = redis.Redis.from_url(url)

    def deny(self, claim: str, *, until: float = UNTIL, **more: Any) -> None:
        fields: dict[Any, Any] = {"id": claim, "until": str(until), **more}
        self.store.xadd(STREAM, fields)


@pytest.fixture
def publisher(redis_url: str) -> Publisher:
    return Publisher(redis_url)


@pytest.fixture
def guarded(tmp_path: Path, redis_url: str) -> dict[str, Any]:
    """Settings of a router that checks tokens and follows denials."""
    keys = tmp_path / "jwks.json"
    keys.write_bytes(jwks(KEY))
    return {
        "jwks": str(keys),
        "jwt_issuer": ISSUER,
        "jwt_audience": AUDIENCE,
        "context_key": CONTEXT_KEY,
        "denied_tokens_url": redis_url,
    }


@pytest.fixture
async def following(redis_url: str) -> AsyncIterator[DeniedTokens]:
    denied = DeniedTokens(redis_url, STREAM)
    yield denied
    await denied.aclose()


def bearer(**claims: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {token({**CLAIMS, 'iat': ISSUED, **claims})}"}


async def status_of(client: httpx.AsyncClient, headers: dict[str, str]) -> tuple[int, str | None]:
    answer = await client.post("/graphql", json={"query": READ}, headers=headers)
    errors = answer.json().get("errors", [{}])
    return answer.status_code, errors[0].get("extensions", {}).get("code")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST_WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in a server
            await asyncio.sleep(0.005)


@pytest.mark.requirement("FR-UM-002.4")
async def test_many_routers_refuse_a_denied_session_and_go_on_with_the_others(
    guarded: dict[str, Any], publisher: Publisher
) -> None:
    async with AsyncExitStack() as stack:
        subgraphs = shop()
        apps: list[RouterApp] = [app_in_memory(subgraphs, **guarded) for _ in range(3)]
        clients = [await stack.enter_async_context(client_of(app)) for app in apps]
        ours, others = bearer(), bearer(sid="s2", jti="t2", pid="p2", sub="u2")
        assert [await status_of(client, ours) for client in clients] == [(200, None)] * 3
        asked = len(subgraphs["reviews"].requests)

        publisher.deny("s1")

        for client in clients:
            async with asyncio.timeout(LONGEST_WAIT_SECONDS):
                while (await status_of(client, ours))[0] == 200:  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.005)
        asked_meanwhile = len(subgraphs["reviews"].requests)
        assert [await status_of(client, ours) for client in clients] == [(401, "UNAUTHENTICATED")] * 3
        assert len(subgraphs["reviews"].requests) == asked_meanwhile >= asked
        assert [await status_of(client, others) for client in clients] == [(200, None)] * 3


async def test_a_router_that_starts_later_knows_what_was_denied_before_its_first_request(
    guarded: dict[str, Any], publisher: Publisher
) -> None:
    for number in range(2_500):  # more than are read at once
        publisher.store.xadd(STREAM, {"id": f"other-{number}", "until": str(UNTIL)})
    publisher.deny("s1")

    async with client_of(app_in_memory(shop(), **guarded)) as client:
        assert await status_of(client, bearer()) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("claim", ["t1", "s1", "p1", "u1"])
async def test_token_session_profile_and_subject_can_be_denied(
    following: DeniedTokens, publisher: Publisher, claim: str
) -> None:
    publisher.deny(claim)

    await following.follow()

    assert following.refuses(CLAIMS)
    assert not following.refuses({**CLAIMS, "sub": "x", "sid": "x", "pid": "x", "jti": "x"})


async def test_only_older_tokens_can_be_denied(following: DeniedTokens, publisher: Publisher) -> None:
    publisher.deny("p1", before="1000.25")

    await following.follow()

    assert following.refuses({**CLAIMS, "iat": 1000.249})
    assert not following.refuses({**CLAIMS, "iat": 1000.25})
    assert following.refuses(CLAIMS)  # does not say when it was issued


async def test_the_wider_denial_of_a_claim_wins_in_whatever_order(
    following: DeniedTokens, publisher: Publisher
) -> None:
    publisher.deny("p1", before="2000")
    publisher.deny("p1", before="1000")
    publisher.deny("s1")
    publisher.deny("s1", before="1000")

    await following.follow()

    young = {"pid": "p1", "iat": 1500}
    assert following.refuses(young)
    assert not following.refuses({"pid": "p1", "iat": 2000})
    assert following.refuses({"sid": "s1", "iat": 9000})


async def test_a_denial_ends_when_the_last_token_must_have_expired(redis_url: str, publisher: Publisher) -> None:
    now = 1000.0
    denied = DeniedTokens(redis_url, STREAM, clock=lambda: now)
    publisher.deny("s1", until=1900)
    await denied.follow()

    assert denied.refuses(CLAIMS)
    now = 1900.0
    assert not denied.refuses(CLAIMS)
    # and it is forgotten with the next look into the stream
    await until(lambda: denied.gauges()["router_denied_tokens"][1] == {"": 0.0})
    await denied.aclose()


async def test_entries_that_make_no_sense_are_passed_over(following: DeniedTokens, publisher: Publisher) -> None:
    publisher.store.xadd(STREAM, {"nothing": "here"})
    publisher.store.xadd(STREAM, {"id": "s1", "until": "soon"})
    publisher.deny("s2")

    await following.follow()

    assert not following.refuses(CLAIMS)
    assert following.refuses({"sid": "s2"})


async def test_without_the_server_the_router_goes_on_with_what_it_knows(guarded: dict[str, Any]) -> None:
    gone = {**guarded, "denied_tokens_url": "redis://127.0.0.1:1/0"}

    async with client_of(app_in_memory(shop(), **gone)) as client:
        assert await status_of(client, bearer()) == (200, None)


async def test_without_the_server_a_router_can_be_told_to_check_no_tokens(guarded: dict[str, Any]) -> None:
    gone = {**guarded, "denied_tokens_url": "redis://127.0.0.1:1/0", "denied_tokens_stale_seconds": 5}

    async with client_of(app_in_memory(shop(), **gone)) as client:
        assert await status_of(client, bearer()) == (503, "IDENTITY_UNAVAILABLE")
        assert await status_of(client, {}) == (200, None)


async def test_a_router_follows_again_once_the_server_is_back(
    guarded: dict[str, Any], redis_url: str, publisher: Publisher
) -> None:
    denied = DeniedTokens(redis_url, STREAM)
    await denied.follow()
    publisher.store.client_kill_filter(_type="normal", skipme=True)

    publisher.deny("s1")

    await until(lambda: denied.refuses(CLAIMS))
    await denied.aclose()


async def test_the_metrics_tell_how_old_the_knowledge_is(guarded: dict[str, Any], publisher: Publisher) -> None:
    publisher.deny("s1")

    async with client_of(app_in_memory(shop(), metrics=True, **guarded)) as client:
        await status_of(client, bearer(sid="s2"))
        lines = (await client.get("/metrics")).text.splitlines()

    assert "# TYPE router_denied_tokens gauge" in lines
    assert next(line.split()[-1] for line in lines if line.startswith("router_denied_tokens")) == "1"
    assert len([line for line in lines if line.startswith("router_denied_tokens_age_seconds")]) == 1


@pytest.mark.requirement("FR-UM-002.4")
async def test_a_subscription_ends_and_its_socket_runs_nothing_more(
    guarded: dict[str, Any], publisher: Publisher
) -> None:
    feed, subgraphs = streaming_shop()
    app = streaming_app(subgraphs, **guarded)
    async with served(app) as host, socket_to(host, payload=bearer(exp=int(time.time()) + 900)) as socket:
        await socket.subscribe("1", CHANGES)
        await until(lambda: len(feed.listeners) == 1)

        publisher.deny("s1")
        ended = await socket.receive()
        await socket.subscribe("2", READ)
        refused = await socket.receive()

    assert (ended["id"], ended["type"], ended["payload"][0]["message"]) == ("1", "error", TOKEN_DENIED.message)
    assert (refused["id"], refused["type"]) == ("2", "error")
    assert refused["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
