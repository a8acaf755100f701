"""The OAuth 2.1 server: authorization code with PKCE, refresh, introspection, revocation, discovery."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import KeySet

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import sign_viewer_context
from subgraphs.shared.postgres import Database
from subgraphs.users.config import Settings
from subgraphs.users.service.crypto import PersonalData
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.signin.oauth_support import (
    ALL_SCOPES,
    CALLBACK,
    ISSUER,
    OTHER,
    PUBLIC,
    SERVER,
    SERVER_SECRET,
    Browser,
    authorization,
    hidden_fields,
    register_clients,
    returned,
)
from tests.subgraphs.users.signin.support import VERIFIER
from tests.subgraphs.users.support import PASSWORD, Client

INVALID_GRANT = {
    "error": "invalid_grant",
    "error_description": "The code or token is not valid, has expired or was used before.",
}


@pytest.fixture
async def browser(app: SubgraphApp, client: Client, database: Database) -> AsyncIterator[Browser]:
    """A browser of Asha, who has an account; three clients are registered."""
    await client.register()
    await register_clients(database)
    browser = Browser(app)
    yield browser
    await browser.http.aclose()


@pytest.mark.requirement("FF-01")
async def test_a_code_with_its_verifier_becomes_tokens_of_the_viewer(
    browser: Browser, client: Client, clock: TurnedClock
) -> None:
    answer = await browser.exchange(await browser.code())

    tokens = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert {name: tokens[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 900,
        "scope": ALL_SCOPES,
    }
    claims = client.claims({"accessToken": tokens["access_token"]})
    assert claims["aud"] == "reelgraph"
    assert claims["client_id"] == PUBLIC
    assert claims["exp"] == int(clock.now.timestamp()) + 900


@pytest.mark.requirement("FF-01")
async def test_the_id_token_is_for_the_client_and_its_request(browser: Browser, clock: TurnedClock) -> None:
    tokens = await browser.tokens()
    published = (await browser.http.get("/.well-known/jwks.json")).json()

    claims = jwt.decode(tokens["id_token"], KeySet.import_key_set(published), algorithms=["RS256"]).claims

    now = int(clock.now.timestamp())
    assert claims.pop("sub").strip()
    assert claims == {
        "iss": ISSUER,
        "aud": PUBLIC,
        "iat": now,
        "exp": now + 900,
        "auth_time": now,
        "nonce": "nonce-of-the-client",
    }


async def test_without_openid_there_is_no_id_token_and_without_api_no_use_of_the_api(
    browser: Browser, client: Client
) -> None:
    tokens = await browser.tokens(scope="email")

    assert "id_token" not in tokens
    claims = jwt.decode(
        tokens["access_token"],
        KeySet.import_key_set((await browser.http.get("/.well-known/jwks.json")).json()),
        algorithms=["RS256"],
    ).claims
    assert claims["aud"] == "reelgraph:userinfo"


async def test_a_client_never_gets_more_than_the_viewer_allowed_even_for_an_admin(
    browser: Browser, client: Client
) -> None:
    await client.sql("UPDATE users SET roles = '{USER,ADMIN}'")

    tokens = await browser.tokens()

    assert client.claims({"accessToken": tokens["access_token"]})["scp"] == []


async def test_consent_shows_who_asks_for_what_and_nothing_can_be_slipped_in(browser: Browser) -> None:
    page = await browser.consent(scope="openid api")

    assert "The Player &lt;b&gt;" in page.text
    assert "asha@example.com" in page.text
    assert "know that it is you" in page.text
    assert "see your e-mail address" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://app.example;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_the_viewer_goes_back_with_state_and_issuer(browser: Browser) -> None:
    back = returned(await browser.send(await browser.consent(), step="allow"))

    assert sorted(back) == ["code", "iss", "kept", "state"]
    assert (back["state"], back["iss"], back["kept"]) == ("state-of-the-client", ISSUER, "1")


async def test_a_refusal_of_the_viewer_gives_no_code(browser: Browser) -> None:
    back = returned(await browser.send(await browser.consent(), step="refuse"))

    assert back["error"] == "access_denied"
    assert "code" not in back


@pytest.mark.requirement("FF-01")
@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": ""},
        {"code_verifier": VERIFIER[:42]},
        {"redirect_uri": "https://app.example/callback"},
        {"redirect_uri": ""},
        {"client_id": OTHER},
        {"code": "made-up"},
    ],
    ids=str,
)
async def test_a_code_is_bound_to_client_address_and_verifier_and_spent_by_a_wrong_try(
    browser: Browser, change: dict[str, str]
) -> None:
    code = await browser.code()

    refused = await browser.exchange(**{"code": code, **change})

    assert (refused.status_code, refused.json()) == (400, INVALID_GRANT)
    if "code" not in change:
        assert (await browser.exchange(code)).json() == INVALID_GRANT


@pytest.mark.requirement("FF-01")
async def test_a_code_lives_sixty_seconds(browser: Browser, clock: TurnedClock) -> None:
    in_time, late = await browser.code(), await browser.code()

    clock.turn(timedelta(seconds=59))
    assert (await browser.exchange(in_time)).status_code == 200
    clock.turn(timedelta(seconds=1))
    assert (await browser.exchange(late)).json() == INVALID_GRANT


@pytest.mark.requirement("FF-01")
async def test_a_code_used_again_ends_the_session_of_the_first_use(browser: Browser) -> None:
    code = await browser.code()
    tokens = (await browser.exchange(code)).json()

    assert (await browser.exchange(code)).json() == INVALID_GRANT

    assert not await browser.is_active(tokens["access_token"])
    assert (await browser.refresh(tokens["refresh_token"])).json() == INVALID_GRANT


async def test_twenty_uses_of_a_code_at_once_leave_no_session(browser: Browser, client: Client) -> None:
    code = await browser.code()

    answers = await asyncio.gather(*(browser.exchange(code) for _ in range(20)))

    assert sum(answer.status_code == 200 for answer in answers) <= 1
    for answer in answers:
        if answer.status_code == 200:
            assert not await browser.is_active(answer.json()["access_token"])


@pytest.mark.requirement("FF-01")
@pytest.mark.requirement("NFR-SEC-001")
async def test_refresh_tokens_rotate_and_reuse_ends_the_session(browser: Browser) -> None:
    first = await browser.tokens()
    second = (await browser.refresh(first["refresh_token"])).json()
    assert second["scope"].split() == sorted(ALL_SCOPES.split())
    assert await browser.is_active(second["refresh_token"])
    assert not await browser.is_active(first["refresh_token"])

    assert (await browser.refresh(first["refresh_token"])).json() == INVALID_GRANT

    assert (await browser.refresh(second["refresh_token"])).json() == INVALID_GRANT
    assert not await browser.is_active(second["access_token"])


async def test_a_refresh_token_is_of_its_client_alone(browser: Browser, client: Client) -> None:
    tokens = await browser.tokens()
    of_our_apps = await client.login()

    assert (await browser.refresh(tokens["refresh_token"], client_id=OTHER)).json() == INVALID_GRANT
    assert (await browser.refresh(of_our_apps["refreshToken"])).json() == INVALID_GRANT
    # Through the API it would come back without the limits of the grant.
    assert (await client.refresh(tokens["refresh_token"]))["__typename"] == "TokenInvalid"
    assert (await browser.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_refresh_cannot_widen_what_was_allowed(browser: Browser) -> None:
    tokens = await browser.tokens(scope="openid")

    refused = await browser.refresh(tokens["refresh_token"], scope="openid api")

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope")
    assert (await browser.refresh(tokens["refresh_token"])).json()["scope"] == "openid"


async def test_a_suspended_account_gets_nothing_more(browser: Browser, client: Client) -> None:
    tokens, code = await browser.tokens(), await browser.code()
    await client.sql("UPDATE users SET status = 'SUSPENDED'")

    assert (await browser.refresh(tokens["refresh_token"])).json() == INVALID_GRANT
    assert (await browser.exchange(code)).json() == INVALID_GRANT
    assert not await browser.is_active(tokens["access_token"])


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "unknown"},
        {"client_id": ""},
        {"redirect_uri": "https://app.example/callback?kept=1&more=1"},
        {"redirect_uri": "https://app.example/callback"},
        {"redirect_uri": "https://evil.example/callback?kept=1"},
        {"redirect_uri": "HTTPS://app.example/callback?kept=1"},
        {"redirect_uri": ""},
    ],
    ids=str,
)
@pytest.mark.requirement("FF-01")
async def test_an_unknown_client_or_foreign_address_is_told_on_a_page_and_sent_nowhere(
    browser: Browser, change: dict[str, str]
) -> None:
    answer = await browser.http.get("/oauth/authorize", params=authorization(**change))

    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "This cannot go on" in answer.text


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"scope": "openid cms:publish"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"request_uri": "https://evil.example/"}, "request_not_supported"),
        ({"prompt": "none"}, "login_required"),
    ],
    ids=str,
)
async def test_a_wrong_request_of_a_known_client_goes_back_with_its_error(
    browser: Browser, change: dict[str, str], error: str
) -> None:
    back = returned(await browser.http.get("/oauth/authorize", params=authorization(**change)))

    assert (back["error"], back["state"], back["iss"]) == (error, "state-of-the-client", ISSUER)


async def test_a_parameter_given_twice_is_refused(browser: Browser) -> None:
    twice = urlencode([*authorization().items(), ("client_id", OTHER)])

    answer = await browser.http.get(f"/oauth/authorize?{twice}")

    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize("forgery", ["no-token", "other-token", "foreign-origin", "no-cookie"])
async def test_a_forged_consent_gives_no_code(browser: Browser, forgery: str) -> None:
    page = await browser.consent()
    form = {**hidden_fields(page), "step": "allow"}
    headers = {"origin": ISSUER}
    if forgery == "no-token":
        form["csrf"] = ""
    elif forgery == "other-token":
        form["csrf"] = hidden_fields(await Browser(browser.app).consent())["csrf"]
    elif forgery == "foreign-origin":
        headers["origin"] = "https://evil.example"
    else:
        browser.http.cookies.clear()

    answer = await browser.http.post("/oauth/authorize", data=form, headers=headers)

    assert answer.status_code == 403
    assert "location" not in answer.headers


async def test_what_the_browser_sends_back_is_checked_again(browser: Browser) -> None:
    page = await browser.consent(scope="openid")

    foreign = await browser.send(page, step="allow", redirect_uri="https://evil.example/")
    wider = await browser.send(page, step="allow", scope="openid everything")

    assert (foreign.status_code, "location" in foreign.headers) == (400, False)
    assert returned(wider)["error"] == "invalid_scope"


async def test_signing_in_makes_a_new_cookie_that_scripts_cannot_read(browser: Browser) -> None:
    page = await browser.http.get("/oauth/authorize", params=authorization())
    before = browser.http.cookies["reelgraph_oauth"]

    answer = await browser.send(page, step="sign_in", email="asha@example.com", password=PASSWORD)

    cookie = answer.headers["set-cookie"]
    assert browser.http.cookies["reelgraph_oauth"] != before
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/oauth" in cookie


async def test_a_wrong_password_is_told_on_the_page_and_five_lock(browser: Browser) -> None:
    page = await browser.http.get("/oauth/authorize", params=authorization())

    answers = [
        await browser.send(page, step="sign_in", email="asha@example.com", password="Wrong-Horse-7") for _ in range(5)
    ]
    right = await browser.send(page, step="sign_in", email="asha@example.com", password=PASSWORD)

    assert [answer.status_code for answer in answers] == [401] * 5
    assert "E-mail or password is wrong." in answers[0].text
    assert right.status_code == 401
    assert "set-cookie" not in right.headers


async def test_a_confidential_client_proves_itself(browser: Browser) -> None:
    code = await browser.code(client_id=SERVER, scope="openid")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}

    without = await browser.post("/oauth/token", form, client_id=SERVER)
    wrong = await browser.post("/oauth/token", form, basic=(SERVER, "wrong"))
    twice = await browser.post("/oauth/token", form, basic=(SERVER, SERVER_SECRET), client_secret=SERVER_SECRET)
    right = await browser.post("/oauth/token", form, basic=(SERVER, SERVER_SECRET))

    assert [(answer.status_code, answer.json()["error"]) for answer in (without, wrong)] == [
        (401, "invalid_client"),
        (401, "invalid_client"),
    ]
    assert wrong.headers["www-authenticate"].startswith("Basic ")
    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    assert right.status_code == 200


@pytest.mark.parametrize("grant_type", ["password", "client_credentials", "implicit", ""])
async def test_other_grants_are_not_offered(browser: Browser, grant_type: str) -> None:
    answer = await browser.post("/oauth/token", client_id=PUBLIC, grant_type=grant_type, username="asha", password="x")

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.requirement("FF-01")
async def test_introspection_tells_servers_alone(browser: Browser, client: Client, clock: TurnedClock) -> None:
    tokens = await browser.tokens()

    answer = await browser.post("/oauth/introspect", basic=(SERVER, SERVER_SECRET), token=tokens["access_token"])
    public = await browser.post("/oauth/introspect", client_id=PUBLIC, token=tokens["access_token"])

    shown = answer.json()
    claims = client.claims({"accessToken": tokens["access_token"]})
    assert shown == {
        "active": True,
        "token_type": "Bearer",
        **{name: claims[name] for name in ("sub", "iss", "aud", "exp", "iat", "jti", "scope", "client_id")},
    }
    assert (public.status_code, public.json()["error"]) == (401, "invalid_client")
    for dead in ("made-up", "a.b.c", tokens["id_token"], tokens["access_token"][:-4] + "AAAA"):
        inactive = await browser.post("/oauth/introspect", basic=(SERVER, SERVER_SECRET), token=dead)
        assert inactive.json() == {"active": False}
    clock.turn(timedelta(minutes=15))
    assert not await browser.is_active(tokens["access_token"])


@pytest.mark.requirement("FF-01")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_revocation_ends_the_session_for_its_own_client(browser: Browser, kind: str) -> None:
    tokens = await browser.tokens()

    foreign = await browser.post("/oauth/revoke", client_id=OTHER, token=tokens[kind])
    assert foreign.status_code == 200
    assert await browser.is_active(tokens["access_token"])

    own = await browser.post("/oauth/revoke", client_id=PUBLIC, token=tokens[kind])
    assert (own.status_code, own.content) == (200, b"")
    assert not await browser.is_active(tokens["access_token"])
    assert (await browser.refresh(tokens["refresh_token"])).json() == INVALID_GRANT
    unknown = await browser.post("/oauth/revoke", client_id=PUBLIC, token="made-up")
    assert unknown.status_code == 200


async def test_userinfo_shows_what_was_allowed(browser: Browser) -> None:
    everything, little = await browser.tokens(), await browser.tokens(scope="openid")
    none = await browser.tokens(scope="api")

    async def userinfo(token: str) -> Any:
        return await browser.http.get("/oauth/userinfo", headers={"authorization": f"Bearer {token}"})

    full = (await userinfo(everything["access_token"])).json()
    assert full.pop("sub")
    assert full == {"email": "asha@example.com", "email_verified": True, "name": "asha", "locale": "en"}
    assert list((await userinfo(little["access_token"])).json()) == ["sub"]
    assert (await userinfo(none["access_token"])).status_code == 403
    assert (await userinfo("made-up")).status_code == 401


@pytest.mark.parametrize("path", ["token", "revoke", "introspect", "userinfo"])
async def test_pages_of_public_clients_may_call_from_their_own_origin_without_cookies(
    browser: Browser, path: str
) -> None:
    asked = await browser.http.options(f"/oauth/{path}", headers={"origin": "https://app.example"})
    answer = await browser.post(f"/oauth/{path}", client_id="unknown")

    assert asked.status_code == 204
    assert "authorization" in asked.headers["access-control-allow-headers"]
    for response in (asked, answer):
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers


@pytest.mark.requirement("FF-01")
@pytest.mark.parametrize("path", ["oauth-authorization-server", "openid-configuration"])
async def test_the_discovery_document_names_what_is_there(browser: Browser, path: str) -> None:
    document = (await browser.http.get(f"/.well-known/{path}")).json()

    assert document["issuer"] == ISSUER
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"]
    assert document["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    for name in ("token", "revocation", "introspection"):
        assert (await browser.post(document[f"{name}_endpoint"], client_id="unknown")).status_code in {400, 401}
    assert (await browser.http.get(document["jwks_uri"])).status_code == 200


async def test_sessions_of_clients_are_listed_under_their_name_and_revoked_like_others(
    browser: Browser, client: Client
) -> None:
    tokens = await browser.tokens()
    owner = client.viewer_of(await client.login())

    response = await client.run("{ viewer { account { sessions { id device { name } } } } }", owner)
    listed = response["data"]["viewer"]["account"]["sessions"]
    (session_id,) = [one["id"] for one in listed if one["device"]["name"] == "The Player <b>"]
    await client.run("mutation ($id: ID!) { sessionRevoke(id: $id) { ok } }", owner, id=session_id)

    assert not await browser.is_active(tokens["access_token"])
    assert (await browser.refresh(tokens["refresh_token"])).json() == INVALID_GRANT


async def test_where_a_request_comes_from_is_believed_of_the_edge_alone(
    browser: Browser, client: Client, settings: Settings, clock: TurnedClock
) -> None:
    signed = sign_viewer_context(
        {"claims": None, "ip": "198.51.100.7"},
        key=settings.viewer_context_key,
        expires_at=clock.now + timedelta(minutes=1),
    )
    personal = PersonalData(settings.personal_data_keys, lookup_key=settings.personal_data_lookup_key)
    form = {"grant_type": "authorization_code", "client_id": PUBLIC}
    for header in (signed, signed[:-4] + "AAAA"):
        await browser.http.post("/oauth/token", data=form, headers={"x-viewer-context": header})

    rows = await client.sql("SELECT ip_hash FROM audit_entries WHERE action = 'auth.oauth_token' ORDER BY at, id")
    expected = [personal.hash_ip(address, now=clock.now) for address in ("198.51.100.7", "127.0.0.1")]
    assert sorted(row["ip_hash"] for row in rows) == sorted(expected)


@pytest.mark.requirement("FF-02")
async def test_attempts_at_the_endpoints_are_recorded(browser: Browser, database: Database) -> None:
    code = await browser.code()
    await browser.exchange(code, code_verifier="w" * 43)
    await browser.exchange(await browser.code())

    async with database.reading() as session:
        select = sa.text("SELECT action, outcome, reason FROM audit_entries WHERE action LIKE '%oauth_token'")
        rows = (await session.execute(select)).all()
    assert sorted(tuple(row) for row in rows) == [
        ("auth.oauth_token", "FAILURE", "INVALID_GRANT"),
        ("auth.oauth_token", "SUCCESS", None),
    ]
