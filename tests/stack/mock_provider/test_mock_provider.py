"""Where the mock provider runs, what it refuses, and the page that tries it. Its good answers are tested by the users
subgraph, which signs in with it.
"""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from stack.environment import Addresses, build_environment
from stack.home import Home
from stack.keys import load_keys
from stack.layout import plan_layout
from stack.mock_provider import CLIENT_ID, CLIENT_SECRET, PAGE_VARIABLE, PATH
from stack.mock_provider.app import create_app
from stack.mock_provider.try_page import sign_in_routes
from stack.services import STAND_INS
from subgraphs.users.config import ProviderSettings

_STORES = {"postgres": "postgresql://x", "valkey": "redis://x", "documents": "mongodb://x"}
_BASE = "http://127.0.0.1:4400"
_REQUEST = {
    "client_id": CLIENT_ID,
    "redirect_uri": "http://127.0.0.1:4000/dev/sign-in",
    "state": "<s>",
    "code_challenge": "c",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create()
    return home


def _client(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=_BASE)


def _settings(home: Home, provider_port: int | None) -> dict[str, str]:
    addresses = Addresses(_STORES, 4000, {}, provider_port=provider_port)
    return build_environment(home, load_keys(home.keys), addresses)


def test_the_platform_takes_the_mock_for_google_and_facebook_only_where_it_runs(home: Home) -> None:
    with_mock, without = _settings(home, 4400), _settings(home, None)

    assert with_mock["GOOGLE_ISSUER"] == f"{_BASE}/google"
    assert with_mock["FACEBOOK_GRAPH_URL"] == f"{_BASE}/facebook/graph"
    assert json.loads(with_mock["PROVIDER_REDIRECT_URIS"]) == [f"http://127.0.0.1:4000{PATH}"]
    named = {name.upper() for name in ProviderSettings.model_fields}
    assert {name for name in with_mock if name not in without} - {PAGE_VARIABLE} <= named
    assert not [name for name in without if name.startswith(("GOOGLE_", "FACEBOOK_")) or name == PAGE_VARIABLE]


def test_real_credentials_win_over_the_mock(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLIENT_ID", "real")

    assert _settings(home, 4400)["GOOGLE_CLIENT_ID"] == "real"


@pytest.mark.parametrize(
    ("ports", "expected"), [({}, []), ({"mail_port": 2500}, [STAND_INS]), ({"provider_port": 4400}, [STAND_INS])]
)
def test_its_process_is_there_only_with_a_port(home: Home, ports: dict[str, int], expected: list[str]) -> None:
    layout = plan_layout(home, port=4000, subgraph_ports={}, processes=1, **ports)

    assert [service.fork.name for service in layout.services if service.fork.name == STAND_INS] == expected


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "somebody-else"},
        {"redirect_uri": "https://evil.example/dev/sign-in"},
        {"redirect_uri": "http://127.0.0.1.evil.example:4000/"},
        {"redirect_uri": ""},
        {"state": ""},
        {"code_challenge": ""},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/google/authorize", "/facebook/dialog/oauth"])
async def test_whoever_is_not_this_machine_gets_neither_page_nor_redirect(path: str, change: dict[str, str]) -> None:
    async with _client(create_app(_BASE)) as http:
        asked = await http.get(path, params={**_REQUEST, **change})
        chosen = await http.post(path, data={**_REQUEST, **change, "person": "100000000000000000001"})

    assert (asked.status_code, chosen.status_code) == (400, 400)
    assert "location" not in chosen.headers


async def test_the_page_escapes_what_it_was_asked_with(home: Home) -> None:
    async with _client(create_app(_BASE)) as http:
        page = await http.get("/google/authorize", params={**_REQUEST, "state": '"><script>'})

    assert "&quot;&gt;&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_a_cancelled_sign_in_goes_back_with_its_error() -> None:
    async with _client(create_app(_BASE)) as http:
        back = await http.post("/google/authorize", data={**_REQUEST, "person": ""})

    assert back.headers["location"] == f"{_REQUEST['redirect_uri']}?state=%3Cs%3E&error=access_denied"


async def test_tokens_and_people_need_what_only_the_platform_has() -> None:
    form = {"grant_type": "authorization_code", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "code": "x"}
    async with _client(create_app(_BASE)) as http:
        answers: list[Any] = [
            await http.post("/google/token", data={**form, "client_secret": "wrong"}),
            await http.post("/google/token", data=form),
            await http.get("/google/userinfo", headers={"authorization": "Bearer x"}),
            await http.post("/facebook/graph/oauth/access_token", data=form),
            await http.get("/facebook/graph/me", params={"access_token": "x"}),
        ]

    assert [answer.status_code for answer in answers] == [401, 400, 401, 400, 400]
    assert [answer.json()["error"] for answer in answers[:3]] == ["invalid_client", "invalid_grant", "invalid_token"]
    assert [answer.json()["error"]["code"] for answer in answers[3:]] == [100, 100]


async def test_the_page_that_tries_it_exists_only_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PAGE_VARIABLE, raising=False)
    assert sign_in_routes() == []

    monkeypatch.setenv(PAGE_VARIABLE, "1")
    async with _client(Starlette(routes=sign_in_routes())) as http:
        page = await http.get(PATH)
        script = await http.get(f"{PATH}/try.js")

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "'unsafe" not in page.headers["content-security-policy"]
