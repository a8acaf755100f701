"""The end of sessions, told to open subscriptions of their account: of this process and of others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import pytest
import redis.asyncio

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.ids import decode_id
from subgraphs.users.app import create_app
from subgraphs.users.config import Settings
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import LOGIN, PASSWORD, Client, signed

FOLLOW = "subscription { sessionRevoked { id current ipHash device { name } } }"
SESSIONS = "{ viewer { account { sessions { id current device { name } } } } }"
LOGOUT = "mutation ($all: Boolean!) { result: logout(allDevices: $all) { ok } }"
REVOKE = "mutation ($id: ID!) { result: sessionRevoke(id: $id) { ok } }"
REVOKE_DEVICE = "mutation ($id: ID!) { result: deviceRevoke(id: $id) { ok } }"
DEVICES = "{ viewer { account { devices { id name } } } }"
CHANGE = "mutation ($old: String!, $new: String!) { result: passwordChange(current: $old, new: $new) { ok } }"
PATIENCE_SECONDS = 30


async def login_on(client: Client, name: str, email: str = "asha@example.com") -> dict[str, Any]:
    device = {"clientId": name, "type": "TV", "name": name}
    return await client.result(LOGIN, input={"email": email, "password": PASSWORD, "device": device})


@asynccontextmanager
async def following(
    client: Client, app: SubgraphApp, tokens: dict[str, Any], clock: TurnedClock, *, processes: int = 1
) -> AsyncIterator["asyncio.Queue[dict[str, Any]]"]:
    """Give what the subscription of the session yields, once so many processes listen to the account."""
    heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    context = signed(client, client.viewer_of(tokens), clock)

    async def hear() -> None:
        async with aclosing(app.subscribe(FOLLOW, viewer_context=context)) as events:
            async for event in events:
                heard.put_nowait(event["data"]["sessionRevoked"])

    hearing = asyncio.create_task(hear())
    try:
        await listened_to(client.settings, tokens["account"]["id"], processes=processes)
        yield heard
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def listened_to(settings: Settings, user_id: str, *, processes: int) -> None:
    channel = f"users:ended-sessions:{decode_id(user_id, 'User').uuid}"
    async with redis.asyncio.Redis.from_url(settings.redis_url, decode_responses=True) as client:
        for _attempt in range(PATIENCE_SECONDS * 50):
            if await client.pubsub_numsub(channel) == [(channel, processes)]:
                return
            await asyncio.sleep(0.02)
    raise AssertionError("nobody listens")


async def next_of(heard: "asyncio.Queue[dict[str, Any]]") -> dict[str, Any]:
    return await asyncio.wait_for(heard.get(), PATIENCE_SECONDS)


@pytest.mark.requirement("FR-UM-002.3", "FR-UM-002.4")
async def test_every_way_to_end_a_session_is_told_to_the_others(
    client: Client, app: SubgraphApp, clock: TurnedClock
) -> None:
    await client.register()
    mine = await login_on(client, "mine")
    names = ("out", "revoked", "reused", "forgotten", "changed")
    out, _revoked, reused, _forgotten, _changed = [await login_on(client, name) for name in names]
    listed = (await client.run(SESSIONS, client.viewer_of(mine)))["data"]["viewer"]["account"]["sessions"]
    ids = {each["device"]["name"]: each["id"] for each in listed}
    devices = (await client.run(DEVICES, client.viewer_of(mine)))["data"]["viewer"]["account"]["devices"]
    forgotten_device = next(each["id"] for each in devices if each["name"] == "forgotten")

    async with following(client, app, mine, clock) as heard:
        await client.result(LOGOUT, client.viewer_of(out), all=False)
        first = await next_of(heard)
        await client.result(REVOKE, client.viewer_of(mine), id=ids["revoked"])
        second = await next_of(heard)
        await client.refresh(reused["refreshToken"])
        await client.refresh(reused["refreshToken"])
        third = await next_of(heard)
        await client.result(REVOKE_DEVICE, client.viewer_of(mine), id=forgotten_device)
        fourth = await next_of(heard)
        await client.result(CHANGE, client.viewer_of(mine), old=PASSWORD, new="Battery-Staple-8")
        fifth = await next_of(heard)
        await client.result(LOGOUT, client.viewer_of(mine), all=True)
        last = await next_of(heard)

    told = [first, second, third, fifth]
    assert [(each["id"], each["current"], each["device"]["name"]) for each in told] == [
        (ids[name], False, name) for name in ("out", "revoked", "reused", "changed")
    ]
    assert fourth["id"] == ids["forgotten"]  # its device may be gone already
    assert (last["id"], last["current"]) == (ids["mine"], True)


async def test_another_process_and_another_session_of_the_account_hear_of_it_and_no_other_account_does(
    client: Client, app: SubgraphApp, settings: Settings, clock: TurnedClock
) -> None:
    await client.register()
    await client.register("ravi@example.com")
    here, there, ended = [await login_on(client, name) for name in ("here", "there", "ended")]
    his, his_other = [await login_on(client, name, "ravi@example.com") for name in ("his", "his other")]
    elsewhere = create_app(settings, clock=clock)

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(elsewhere.running())
        hears = [
            await stack.enter_async_context(following(client, process, tokens, clock, processes=processes))
            for process, tokens, processes in ((app, here, 1), (elsewhere, there, 2), (elsewhere, his, 1))
        ]
        await client.result(LOGOUT, client.viewer_of(ended), all=False)
        both = [await next_of(heard) for heard in hears[:2]]
        await client.result(LOGOUT, client.viewer_of(his_other), all=False)
        his_news = await next_of(hears[2])

    assert [each["device"]["name"] for each in both] == ["ended", "ended"]
    assert his_news["device"]["name"] == "his other"
    assert all(heard.empty() for heard in hears)


async def test_a_session_that_had_ended_is_not_told_again(client: Client, app: SubgraphApp, clock: TurnedClock) -> None:
    await client.register()
    mine, other = await login_on(client, "mine"), await login_on(client, "other")

    async with following(client, app, mine, clock) as heard:
        await client.result(LOGOUT, client.viewer_of(other), all=False)
        await client.result(LOGOUT, client.viewer_of(other), all=False)
        await client.result(LOGOUT, client.viewer_of(mine), all=False)
        told = [await next_of(heard), await next_of(heard)]

    assert [each["device"]["name"] for each in told] == ["other", "mine"]


async def test_it_needs_an_account(app: SubgraphApp) -> None:
    async with aclosing(app.subscribe(FOLLOW)) as events:
        response = await anext(events)

    assert [error["extensions"]["code"] for error in response["errors"]] == ["UNAUTHENTICATED"]
