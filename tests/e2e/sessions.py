"""Signing in, out and on with cookies through the whole platform; the same steps run together and apart."""

import asyncio
from http.cookies import SimpleCookie
from typing import Any

import httpx

from stack.seed.accounts import DEMO_PASSWORD
from subgraphs.shared.ids import decode_id
from tests.e2e.platform import Platform
from tests.e2e.streaming import PATIENCE_SECONDS, event_stream, wait_for_listener

LOGIN = """mutation ($input: LoginInput!) { result: login(input: $input) {
  __typename ... on AuthTokens { accessToken refreshToken account { email } }
} }"""
REFRESH = """mutation ($token: String) { result: tokenRefresh(refreshToken: $token) {
  __typename ... on AuthTokens { accessToken refreshToken } ... on TokenInvalid { reuseDetected }
} }"""
LOGOUT = "mutation { result: logout { ok } }"
WHO = "{ viewer { account { email } } }"
FOLLOW = "subscription { sessionRevoked { id current device { name } } }"
ME = "{ viewer { account { id sessions { id current } } } }"
COOKIE_MODE = {"x-session-mode": "cookie"}
_LONGEST_WAIT_SECONDS = 20.0


async def post(
    platform: Platform, query: str, *, headers: dict[str, str] | None = None, **variables: Any
) -> httpx.Response:
    return await platform.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


async def login(platform: Platform, key: str, *, headers: dict[str, str] | None = None) -> httpx.Response:
    """Sign a demo person in, with its password."""
    given = {"email": f"{key}@demo.reelgraph.example", "password": DEMO_PASSWORD}
    return await post(platform, LOGIN, headers=headers, input=given)


def result_of(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    assert "errors" not in body, body
    result: dict[str, Any] = body["data"]["result"]
    return result


async def signs_out_at_once_and_for_good(platform: Platform, key: str) -> None:
    """Log in twice, log out of one session: its tokens are refused soon, those of the other one are not."""
    this, other = result_of(await login(platform, key)), result_of(await login(platform, key))
    mine = {"authorization": f"Bearer {this['accessToken']}"}
    assert (await post(platform, WHO, headers=mine)).json()["data"]["viewer"]["account"] == this["account"]

    assert result_of(await post(platform, LOGOUT, headers=mine)) == {"ok": True}

    async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
        while (answer := await post(platform, WHO, headers=mine)).status_code == 200:  # noqa: ASYNC110 - by the stream
            await asyncio.sleep(0.005)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert result_of(await post(platform, REFRESH, token=this["refreshToken"]))["__typename"] == "TokenInvalid"
    assert await platform.data(WHO, token=other["accessToken"]) == {"viewer": {"account": other["account"]}}


async def tells_of_an_ended_session(platform: Platform, key: str) -> None:
    """Follow the ends of sessions in one session, and log out of another: the first one is told."""
    this, other = result_of(await login(platform, key)), result_of(await login(platform, key))
    mine = {"authorization": f"Bearer {other['accessToken']}"}
    account = (await post(platform, ME, headers=mine)).json()["data"]["viewer"]["account"]
    ending = next(each["id"] for each in account["sessions"] if each["current"])
    channel = f"users:ended-sessions:{decode_id(account['id'], 'User').uuid}"

    async with event_stream(platform, FOLLOW, this["accessToken"]) as events:
        await wait_for_listener(platform.redis_url, channel)
        await post(platform, LOGOUT, headers=mine)
        told = await asyncio.wait_for(events.get(), PATIENCE_SECONDS)

    assert told["data"]["sessionRevoked"] == {"id": ending, "current": False, "device": {"name": "python-httpx"}}


async def goes_on_with_a_cookie(platform: Platform, key: str) -> None:
    """Log in as a web page: the refresh token comes, goes and is exchanged in a cookie through the router."""
    signed_in = await login(platform, key, headers=COOKIE_MODE)
    first = _cookie(signed_in)
    refreshed = await post(platform, REFRESH, headers={**COOKIE_MODE, "cookie": f"refresh={first.value}"})
    second = _cookie(refreshed)
    forged = await post(platform, REFRESH, headers={"cookie": f"refresh={second.value}"})

    assert (result_of(signed_in)["refreshToken"], result_of(refreshed)["refreshToken"]) == (None, None)
    assert (first["httponly"], first["samesite"]) == (True, "Strict")
    assert second.value != first.value
    assert result_of(forged)["__typename"] == "TokenInvalid"
    assert "set-cookie" not in forged.headers
    tokens = result_of(refreshed)
    out = await post(platform, LOGOUT, headers={**COOKIE_MODE, "authorization": f"Bearer {tokens['accessToken']}"})
    assert (_cookie(out).value, _cookie(out)["max-age"]) == ("", "0")


def _cookie(response: httpx.Response) -> Any:
    [line] = response.headers.get_list("set-cookie")
    return SimpleCookie(line)["refresh"]
