"""Ways in that a thief, or an app that was allowed too much, would try: each is shut."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.postgres import Database
from subgraphs.shared.telemetry import count_statements
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.signin.oauth_support import Browser, authorization, register_clients, returned
from tests.subgraphs.users.signin.support import Person
from tests.subgraphs.users.signin.test_providers import NEHA
from tests.subgraphs.users.support import AUTH_FIELDS, LOGIN, PASSWORD, Client

START = 'mutation { devicePairingStart(device: {clientId: "tv", type: TV}) { userCode deviceCode } }'
APPROVE = "mutation ($code: String!) { devicePairingApprove(userCode: $code) { ok errors { code } } }"
POLL = f"mutation ($code: String!) {{ result: devicePairingPoll(deviceCode: $code) {{ {AUTH_FIELDS} }} }}"
CHANGE = """mutation ($old: String!, $new: String!) {
  result: passwordChange(current: $old, new: $new) { ok errors { code } } }"""
NEW_PASSWORD = "Battery-Staple-8"

_PROVIDER = 'provider: GOOGLE, code: "c", codeVerifier: "v", redirectUri: "https://app.example/", state: "s"'
MANAGING = {
    "devicePairingApprove": '(userCode: "BCDF-GHJK") { ok }',
    "devicePairingDeny": '(userCode: "BCDF-GHJK") { ok }',
    "identityLink": f"(input: {{{_PROVIDER}}}) {{ ok }}",
    "identityUnlink": "(provider: GOOGLE) { ok }",
    "passwordChange": f'(current: "{PASSWORD}", new: "{NEW_PASSWORD}") {{ ok }}',
    "accountUpdate": '(input: {locale: "hi"}) { errors { code } }',
    "accountDeletionRequest": f'(password: "{PASSWORD}") {{ errors {{ code }} }}',
    "accountDeletionCancel": "{ errors { code } }",
    "dataExportRequest": "{ id }",
    "consentSet": '(input: [{purpose: PUSH, granted: true, version: "1"}]) { errors { code } }',
    "profileCreate": '(input: {name: "Mine"}) { errors { code } }',
    "profileUpdate": '(id: "%(profile)s", input: {name: "Mine"}) { errors { code } }',
    "profileDelete": '(id: "%(profile)s") { ok }',
    "profilePinSet": f'(id: "%(profile)s", pin: "1234", accountPassword: "{PASSWORD}") {{ ok }}',
    "sessionRevoke": '(id: "%(profile)s") { ok }',
    "deviceRevoke": '(id: "%(profile)s") { ok }',
    "logout": "(allDevices: true) { ok }",
}


@pytest.fixture(name="browser")
async def _browser(app: SubgraphApp, client: Client, database: Database) -> AsyncIterator[Browser]:
    await client.register()
    await register_clients(database)
    browser = Browser(app)
    yield browser
    await browser.http.aclose()


async def everything(client: Client) -> list[str]:
    """Return all that is stored of accounts, but for the log."""
    tables = ("users", "profiles", "identities", "devices", "consents", "data_exports", "account_deletions")
    return [str(await client.sql(f"SELECT t::text FROM {table} AS t ORDER BY 1")) for table in tables]


@pytest.mark.requirement("FF-01", "NFR-SEC-003")
async def test_an_app_that_may_use_the_api_cannot_manage_the_account(browser: Browser, client: Client) -> None:
    tokens = await browser.tokens()
    app_viewer = client.viewer_of({"accessToken": tokens["access_token"]})
    own = await client.login()
    before = await everything(client)

    codes = {}
    for name, arguments in MANAGING.items():
        query = f"mutation {{ result: {name}{arguments % {'profile': app_viewer.profile_id}} }}"
        response = await client.run(query, app_viewer)
        codes[name] = [error["extensions"]["code"] for error in response.get("errors", [])]

    assert app_viewer.client_id == "player"
    assert codes == {name: ["FORBIDDEN"] for name in MANAGING}
    assert await everything(client) == before
    assert (await client.refresh(own["refreshToken"]))["__typename"] == "AuthTokens"


async def test_an_app_that_was_allowed_ends_its_own_session(browser: Browser, client: Client) -> None:
    tokens = await browser.tokens()
    own = await client.login()

    response = await client.run("mutation { logout { ok } }", client.viewer_of({"accessToken": tokens["access_token"]}))

    assert response["data"] == {"logout": {"ok": True}}
    assert (await browser.refresh(tokens["refresh_token"])).status_code == 400
    assert (await client.refresh(own["refreshToken"]))["__typename"] == "AuthTokens"


async def change_password(client: Client, viewer: Viewer) -> None:
    changed = await client.result(CHANGE, viewer, old=PASSWORD, new=NEW_PASSWORD)
    assert changed == {"ok": True, "errors": []}


@pytest.mark.requirement("FR-UM-002.4", "NFR-SEC-002")
async def test_a_thief_on_the_oauth_pages_is_out_once_the_owner_has_a_new_password(
    browser: Browser, client: Client, clock: TurnedClock
) -> None:
    consent = await browser.consent()
    owner = client.viewer_of(await client.login())
    clock.turn(timedelta(minutes=1))

    await change_password(client, owner)
    allowed = await browser.send(consent, step="allow")
    page = await browser.http.get("/oauth/authorize", params=authorization())

    assert (allowed.status_code, allowed.headers["location"].startswith("/oauth/authorize?")) == (303, True)
    assert 'name="password"' in page.text


async def test_a_code_that_a_thief_got_before_is_worth_nothing_after(
    browser: Browser, client: Client, clock: TurnedClock
) -> None:
    code = await browser.code()
    owner = client.viewer_of(await client.login())
    clock.turn(timedelta(seconds=10))

    await change_password(client, owner)
    refused = await browser.exchange(code)

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert len(await client.sql("SELECT 1 FROM users")) == 1


async def test_a_television_that_a_thief_approved_before_gets_in_no_more(client: Client, clock: TurnedClock) -> None:
    viewer = await client.newcomer()
    started = (await client.run(START))["data"]["devicePairingStart"]
    approved = await client.run(APPROVE, viewer, code=started["userCode"])
    clock.turn(timedelta(seconds=10))

    await change_password(client, viewer)
    polled = await client.result(POLL, code=started["deviceCode"])

    assert approved["data"]["devicePairingApprove"] == {"ok": True, "errors": []}
    assert polled["__typename"] == "TokenInvalid"


async def test_what_is_approved_after_the_new_password_gets_in(client: Client, clock: TurnedClock) -> None:
    viewer = await client.newcomer()
    await change_password(client, viewer)
    clock.turn(timedelta(seconds=1))
    started = (await client.run(START))["data"]["devicePairingStart"]
    await client.run(APPROVE, viewer, code=started["userCode"])

    assert (await client.result(POLL, code=started["deviceCode"]))["__typename"] == "AuthTokens"


@pytest.mark.parametrize("what", ["deletion", "password"])
async def test_a_stolen_token_is_not_enough_for_an_account_without_a_password(
    client: Client, person: Person, clock: TurnedClock, what: str
) -> None:
    delete = "mutation { result: accountDeletionRequest { errors { code } } }"
    query, variables = (delete, {}) if what == "deletion" else (CHANGE, {"old": "", "new": NEW_PASSWORD})
    tokens = await person.sign_in(NEHA)
    clock.turn(timedelta(minutes=15, seconds=1))
    stolen = client.viewer_of(await client.refresh(tokens["refreshToken"]))

    refused = await client.result(query, stolen, **variables)
    fresh = client.viewer_of(await person.sign_in(NEHA))
    done = await client.result(query, fresh, **variables)

    assert [error["code"] for error in refused["errors"]] == ["SIGN_IN_AGAIN"]
    assert done["errors"] == []


async def test_the_name_of_a_device_adds_no_lines_to_letters(client: Client) -> None:
    await client.register()

    for device in (
        {"clientId": "tv", "type": "TV", "name": "TV\n\nYour account is at risk: https://evil.example"},
        {"clientId": "tv", "type": "TV", "name": "TV\u202egnp.exe"},
        {"clientId": "t\nv", "type": "TV"},
    ):
        given = {"email": "asha@example.com", "password": PASSWORD, "device": device}
        response = await client.run(LOGIN, input=given)
        assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]

    assert await client.letters("NEW_DEVICE") == []
    assert await client.sql("SELECT 1 FROM devices") == []


async def test_no_spelling_of_an_address_gets_round_the_rules(client: Client) -> None:
    for email in (
        *("asha@127.0.0.1", "asha@10.0.0.1", "asha@localhost", "asha@[127.0.0.1]", "asha@1.2"),
        *("a\nBcc: x@example.com@example.com", "asha@example.com\r\nBcc: ravi@example.com", "asha@exa mple.com"),
        *("asha@ex\u0430mple.com", "\u212asha@example.com", "a\u0131sha@example.com", "asha\uff20example.com"),
        *("asha@example.com\u0000", "asha@example..com", "<asha@example.com>", '"a b"@example.com'),
    ):
        payload = await client.register(email, verified=False)
        assert [error["code"] for error in payload["errors"]] == ["EMAIL_INVALID"], email

    assert await client.sql("SELECT 1 FROM users") == []
    assert await client.letters() == []


async def test_an_address_in_another_case_is_the_same(client: Client) -> None:
    await client.register()

    for email in ("ASHA@EXAMPLE.COM", " asha@example.com ", "Asha@Example.Com"):
        assert [error["code"] for error in (await client.register(email))["errors"]] == ["EMAIL_TAKEN"]
        assert (await client.login(email))["__typename"] == "AuthTokens"


async def test_the_guess_that_locks_costs_the_same_with_and_without_an_account(client: Client) -> None:
    await client.register()
    costs = []

    for email in ("asha@example.com", "nobody@example.com"):
        for _ in range(4):
            await client.login(email, "Wrong-Horse-7")
        with count_statements() as statements:
            locked = await client.login(email, "Wrong-Horse-7")
        costs.append((locked["__typename"], dict(statements)))

    assert costs[0] == costs[1]
    assert costs[0][0] == "AccountLocked"
    assert len(await client.letters("ACCOUNT_LOCKED")) == 1


@pytest.mark.requirement("NFR-SEC-002")
@pytest.mark.parametrize(
    ("password", "other"),
    [
        ("Aa1!" + "x" * 68, "Aa1!" + "x" * 67 + "y"),
        ("Aa1!xxxx\u0000one", "Aa1!xxxx\u0000two"),
        ("Aa1!" + "é" * 34, "Aa1!" + "é" * 33 + "e"),
    ],
)
async def test_every_byte_of_a_password_counts(client: Client, password: str, other: str) -> None:
    await client.register(password=password)

    assert (await client.login(password=other))["__typename"] == "InvalidCredentials"
    assert (await client.login(password=password))["__typename"] == "AuthTokens"


async def test_nobody_is_returned_anywhere_with_a_challenge_that_is_no_hash(browser: Browser) -> None:
    for downgrade in ({"code_challenge_method": "plain"}, {"code_challenge_method": ""}, {"code_challenge": ""}):
        answer = await browser.http.get("/oauth/authorize", params=authorization(**downgrade))

        assert returned(answer)["error"] == "invalid_request"
        assert "code" not in returned(answer)
    assert ANONYMOUS.client_id is None
