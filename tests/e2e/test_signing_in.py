"""The OAuth server beside the router, at one address: a client's tokens through the whole platform."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from stack.mock_provider import PATH
from stack.seed.accounts import DEMO_PASSWORD
from stack.seed.oauth import DEMO_CLIENT, DEMO_SERVER, DEMO_SERVER_SECRET
from tests.e2e.platform import Platform
from tests.subgraphs.users.signin.support import VERIFIER, challenge_of

CALLBACK = f"http://127.0.0.1:4000{PATH}"
ACCOUNT = "{ viewer { account { email } } }"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


async def tokens_of(platform: Platform, scope: str) -> dict[str, Any]:
    """Return the tokens of the demo client for the demo viewer `quarterly`."""
    asked = {
        "response_type": "code",
        "client_id": DEMO_CLIENT,
        "redirect_uri": CALLBACK,
        "scope": scope,
        "state": "s",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }
    page = await platform.http.get("/oauth/authorize", params=asked)
    if 'name="password"' in page.text:
        login = {"email": "quarterly@demo.reelgraph.example", "password": DEMO_PASSWORD, "step": "sign_in"}
        signed_in = await platform.http.post(str(page.request.url), data={**_hidden(page.text), **login})
        page = await platform.http.get(signed_in.headers["location"])
    allowed = await platform.http.post(str(page.request.url), data={**_hidden(page.text), "step": "allow"})
    (code,) = parse_qs(urlsplit(allowed.headers["location"]).query)["code"]
    form = {"grant_type": "authorization_code", "client_id": DEMO_CLIENT, "code": code, "redirect_uri": CALLBACK}
    answer = await platform.http.post("/oauth/token", data={**form, "code_verifier": VERIFIER})
    tokens: dict[str, Any] = answer.json()
    return tokens


def _hidden(html: str) -> dict[str, str]:
    return {unescape(name): unescape(value) for name, value in _HIDDEN.findall(html)}


@pytest.mark.requirement("FF-01")
async def test_a_client_uses_the_api_as_the_viewer_until_it_revokes_its_tokens(platform: Platform) -> None:
    tokens = await tokens_of(platform, "openid api")

    data = await platform.data(ACCOUNT, token=tokens["access_token"])
    assert data["viewer"]["account"] == {"email": "quarterly@demo.reelgraph.example"}
    proof = (DEMO_SERVER, DEMO_SERVER_SECRET)
    told = await platform.http.post("/oauth/introspect", data={"token": tokens["access_token"]}, auth=proof)
    assert (told.json()["active"], told.json()["client_id"]) == (True, DEMO_CLIENT)

    form = {"client_id": DEMO_CLIENT, "token": tokens["refresh_token"]}
    assert (await platform.http.post("/oauth/revoke", data=form)).status_code == 200
    told = await platform.http.post("/oauth/introspect", data={"token": tokens["access_token"]}, auth=proof)
    assert told.json() == {"active": False}


@pytest.mark.requirement("FF-01")
async def test_neither_an_id_token_nor_a_token_without_api_opens_the_api(platform: Platform) -> None:
    tokens = await tokens_of(platform, "openid")

    for token in (tokens["id_token"], tokens["access_token"]):
        answer = await platform.send(ACCOUNT, token=token)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    userinfo = await platform.http.get("/oauth/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert list(userinfo.json()) == ["sub"]


async def test_the_pages_keep_their_own_headers_beside_the_routers(platform: Platform) -> None:
    page = await platform.http.get("/oauth/device")

    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert page.headers.get_list("content-security-policy") == [page.headers["content-security-policy"]]
    assert page.headers["cache-control"] == "no-store"
