"""Refresh tokens in a cookie: set, read and removed only for a page that says so itself."""

from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.users.app import create_app
from subgraphs.users.config import Settings
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import AUTH_FIELDS, LOGIN, PASSWORD, Client

REFRESH = f"mutation {{ result: tokenRefresh {{ {AUTH_FIELDS} }} }}"
LOGOUT = "mutation { result: logout { ok } }"
COOKIE_MODE = {"x-session-mode": "cookie"}
NAME = "__Host-refresh"
GIVEN = {"email": "asha@example.com", "password": PASSWORD}


class Page:
    """A web page's requests, as the router passes them on."""

    def __init__(self, app: SubgraphApp, **headers: str) -> None:
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://users", headers=headers)

    async def run(self, query: str, *, headers: dict[str, str] | None = None, **variables: Any) -> httpx.Response:
        return await self._http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


def cookie_of(response: httpx.Response) -> Any:
    """Return the only cookie that is set."""
    [line] = response.headers.get_list("set-cookie")
    return SimpleCookie(line)[NAME]


def result_of(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    assert "errors" not in body, body
    result: dict[str, Any] = body["data"]["result"]
    return result


@pytest.mark.requirement("NFR-SEC-001")
async def test_a_page_that_asks_for_it_gets_its_token_in_a_cookie_only(client: Client, app: SubgraphApp) -> None:
    await client.register()

    response = await Page(app, **COOKIE_MODE).run(LOGIN, input=GIVEN)

    tokens, cookie = result_of(response), cookie_of(response)
    assert (tokens["__typename"], tokens["refreshToken"]) == ("AuthTokens", None)
    assert cookie.value.startswith(client.claims(tokens)["sid"])
    assert {name: cookie[name] for name in ("httponly", "secure", "samesite", "path", "max-age", "domain")} == {
        "httponly": True,
        "secure": True,
        "samesite": "Strict",
        "path": "/",
        "max-age": "604800",
        "domain": "",
    }


@pytest.mark.requirement("NFR-SEC-001")
async def test_without_the_header_the_token_is_in_the_answer_and_no_cookie_is_set(
    client: Client, app: SubgraphApp
) -> None:
    await client.register()

    response = await Page(app).run(LOGIN, input=GIVEN)

    assert result_of(response)["refreshToken"]
    assert "set-cookie" not in response.headers


@pytest.mark.requirement("NFR-SEC-001")
async def test_the_cookie_is_exchanged_and_a_used_one_revokes_the_session(client: Client, app: SubgraphApp) -> None:
    await client.register()
    page = Page(app, **COOKIE_MODE)
    first = cookie_of(await page.run(LOGIN, input=GIVEN)).value

    refreshed = await page.run(REFRESH, headers={"cookie": f"other=1; {NAME}={first}"})
    second = cookie_of(refreshed).value
    reused = await page.run(REFRESH, headers={"cookie": f"{NAME}={first}"})
    dead = await page.run(REFRESH, headers={"cookie": f"{NAME}={second}"})

    assert (result_of(refreshed)["__typename"], result_of(refreshed)["refreshToken"]) == ("AuthTokens", None)
    assert second != first
    assert result_of(reused)["reuseDetected"] is True
    assert result_of(dead)["__typename"] == "TokenInvalid"
    assert (cookie_of(reused).value, cookie_of(reused)["max-age"]) == ("", "0")


@pytest.mark.requirement("NFR-SEC-001")
async def test_another_page_cannot_use_the_cookie_because_it_cannot_send_the_header(
    client: Client, app: SubgraphApp
) -> None:
    await client.register()
    kept = cookie_of(await Page(app, **COOKIE_MODE).run(LOGIN, input=GIVEN)).value

    forged = await Page(app).run(REFRESH, headers={"cookie": f"{NAME}={kept}"})
    own = await Page(app, **COOKIE_MODE).run(REFRESH, headers={"cookie": f"{NAME}={kept}"})

    assert result_of(forged)["__typename"] == "TokenInvalid"
    assert "set-cookie" not in forged.headers
    assert result_of(own)["__typename"] == "AuthTokens"  # the forged request used nothing up


@pytest.mark.parametrize("cookie", ["", "other=1", f"{NAME}=", f"{NAME}=a.b.c", "=;;=\u0001"])
async def test_a_cookie_that_is_none_of_ours_is_no_token(client: Client, app: SubgraphApp, cookie: str) -> None:
    response = await Page(app, **COOKIE_MODE).run(REFRESH, headers={"cookie": cookie})

    assert result_of(response)["__typename"] == "TokenInvalid"


async def test_over_plain_http_the_cookie_has_another_name_and_goes_without_tls(
    settings: Settings, clock: TurnedClock
) -> None:
    plain = settings.model_copy(update={"session_cookie_secure": False})

    async with create_app(plain, clock=clock).running() as app:
        await Client(app, plain).register()
        response = await Page(app, **COOKIE_MODE).run(LOGIN, input=GIVEN)

    [line] = response.headers.get_list("set-cookie")
    assert line.startswith("refresh=")
    assert "Secure" not in line
    assert "HttpOnly; SameSite=Strict" in line
