"""Pairing a television with an account, through the API and through the page at /oauth/device."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.users.service.pairing import USER_CODE_LETTERS
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.signin.oauth_support import Browser
from tests.subgraphs.users.support import AUTH_FIELDS, CREATE_PROFILE, SWITCH, Client

START = """
mutation ($device: DeviceInput!) {
  result: devicePairingStart(device: $device) {
    userCode deviceCode verificationUrl verificationUrlComplete intervalSeconds expiresAt
  }
}"""
LOOK = """
query ($code: String!) {
  result: devicePairing(userCode: $code) {
    device { clientId name type country startedAt } errors { code path }
  }
}"""
APPROVE = "mutation ($code: String!) { result: devicePairingApprove(userCode: $code) { ok errors { code path } } }"
DENY = "mutation ($code: String!) { result: devicePairingDeny(userCode: $code) { ok errors { code path } } }"
POLL = f"mutation ($code: String!) {{ result: devicePairingPoll(deviceCode: $code) {{ {AUTH_FIELDS} }} }}"
TELEVISION = {"clientId": "tv-app-1", "type": "TV", "name": "Living room"}
OK = {"ok": True, "errors": []}
UNKNOWN = {"ok": False, "errors": [{"code": "USER_CODE_UNKNOWN", "path": ["userCode"]}]}


@dataclass
class Television:
    """A device without a keyboard."""

    client: Client
    codes: dict[str, Any]

    async def poll(self) -> dict[str, Any]:
        return await self.client.result(POLL, code=self.codes["deviceCode"])

    async def word(self) -> str:
        """Return what a poll ends with: the type of the answer and its code, if it has one."""
        answer = await self.poll()
        return f"{answer['__typename']} {answer.get('code', '')}".strip()


async def turn_on(client: Client, viewer: Viewer = ANONYMOUS) -> Television:
    return Television(client, await client.result(START, viewer, device=TELEVISION))


@pytest.fixture
async def television(client: Client) -> Television:
    return await turn_on(client)


@pytest.fixture
async def viewer(client: Client) -> Viewer:
    return await client.newcomer()


@pytest.fixture
async def browser(app: SubgraphApp, viewer: Viewer) -> AsyncIterator[Browser]:
    browser = Browser(app)
    yield browser
    await browser.http.aclose()


async def test_a_television_shows_a_code_that_can_be_read_aloud(television: Television, clock: TurnedClock) -> None:
    codes = television.codes

    first, dash, second = codes["userCode"].partition("-")
    assert (len(first), dash, len(second)) == (4, "-", 4)
    assert set(first + second) <= set(USER_CODE_LETTERS)
    assert not set(USER_CODE_LETTERS) & set("AEIOUY0123456789")
    assert len(codes["deviceCode"]) >= 43
    assert codes["intervalSeconds"] == 5
    assert datetime.fromisoformat(codes["expiresAt"]) == clock.now + timedelta(minutes=10)
    assert codes["verificationUrl"] == "http://127.0.0.1:4000/oauth/device"
    assert parse_qs(urlsplit(codes["verificationUrlComplete"]).query) == {"user_code": [codes["userCode"]]}


async def test_an_approved_television_gets_tokens_of_the_viewer_and_its_profile_once(
    client: Client, television: Television, viewer: Viewer, clock: TurnedClock
) -> None:
    created = await client.run(CREATE_PROFILE, viewer, input={"name": "Second"})
    second = created["data"]["profileCreate"]["profile"]["id"]
    viewer = client.viewer_of(await client.result(SWITCH, viewer, id=second))
    assert await television.word() == "AuthorizationPending AUTHORIZATION_PENDING"

    assert await client.result(APPROVE, viewer, code=television.codes["userCode"]) == OK
    clock.turn(timedelta(seconds=5))
    tokens = await television.poll()

    assert tokens["__typename"] == "AuthTokens"
    assert tokens["account"]["id"] == viewer.user_id
    assert tokens["profile"]["id"] == second
    devices = await client.run("{ viewer { account { devices { name type } } } }", client.viewer_of(tokens))
    assert {"name": "Living room", "type": "TV"} in devices["data"]["viewer"]["account"]["devices"]
    assert await television.word() == "PairingEnded PAIRING_EXPIRED"


async def test_twenty_polls_at_once_get_one_session(client: Client, television: Television, viewer: Viewer) -> None:
    await client.result(APPROVE, viewer, code=television.codes["userCode"])

    words = await asyncio.gather(*(television.word() for _ in range(20)))

    assert sorted(words) == ["AuthTokens"] + ["PairingEnded PAIRING_EXPIRED"] * 19


async def test_a_television_that_asks_too_often_has_to_slow_down(television: Television, clock: TurnedClock) -> None:
    async def poll() -> tuple[int, bool]:
        answer = await television.poll()
        return answer["intervalSeconds"], answer["slowDown"]

    assert await poll() == (5, False)
    clock.turn(timedelta(seconds=4))
    assert await poll() == (10, True)
    clock.turn(timedelta(seconds=9))
    assert await poll() == (15, True)
    clock.turn(timedelta(seconds=15))
    assert await poll() == (15, False)


async def test_both_codes_end_after_ten_minutes(
    client: Client, television: Television, viewer: Viewer, clock: TurnedClock
) -> None:
    clock.turn(timedelta(minutes=9, seconds=59))
    assert (await client.result(LOOK, viewer, code=television.codes["userCode"]))["device"] is not None
    clock.turn(timedelta(seconds=1))

    assert await client.result(APPROVE, viewer, code=television.codes["userCode"]) == UNKNOWN
    assert await television.word() == "PairingEnded PAIRING_EXPIRED"


async def test_an_approval_that_is_fetched_too_late_is_worth_nothing(
    client: Client, television: Television, viewer: Viewer, clock: TurnedClock
) -> None:
    await client.result(APPROVE, viewer, code=television.codes["userCode"])
    clock.turn(timedelta(minutes=10))

    assert await television.word() == "PairingEnded PAIRING_EXPIRED"


async def test_the_viewer_sees_which_device_it_is(client: Client, viewer: Viewer, clock: TurnedClock) -> None:
    television = await turn_on(client, Viewer(country="NP"))
    typed = television.codes["userCode"].lower().replace("-", " ")

    result = await client.result(LOOK, viewer, code=typed)

    started = datetime.fromisoformat(result["device"].pop("startedAt"))
    assert started == clock.now
    assert result == {
        "device": {"clientId": "tv-app-1", "name": "Living room", "type": "TV", "country": "NP"},
        "errors": [],
    }


async def test_a_refused_television_is_told_so_once(client: Client, television: Television, viewer: Viewer) -> None:
    assert await client.result(DENY, viewer, code=television.codes["userCode"]) == OK

    assert await television.word() == "PairingEnded PAIRING_DENIED"
    assert await television.word() == "PairingEnded PAIRING_EXPIRED"


async def test_the_first_decision_stands(client: Client, television: Television, viewer: Viewer) -> None:
    other = await client.newcomer("ravi@example.com")
    code = television.codes["userCode"]
    await client.result(APPROVE, viewer, code=code)

    assert await client.result(APPROVE, other, code=code) == UNKNOWN
    assert await client.result(DENY, other, code=code) == UNKNOWN
    assert (await television.poll())["account"]["id"] == viewer.user_id


async def test_of_twenty_decisions_at_once_one_counts(client: Client, television: Television, viewer: Viewer) -> None:
    code = television.codes["userCode"]

    results = await asyncio.gather(*(client.result(APPROVE, viewer, code=code) for _ in range(8)))

    assert [result["ok"] for result in results].count(True) == 1


async def test_ten_wrong_codes_in_fifteen_minutes_end_the_guessing(
    client: Client, television: Television, viewer: Viewer
) -> None:
    used_up = {"ok": False, "errors": [{"code": "USER_CODE_TRIES_USED_UP", "path": ["userCode"]}]}
    wrong = [await client.result(APPROVE, viewer, code="BBBB-BBBB") for _ in range(5)]
    looked = [await client.result(LOOK, viewer, code="CCCC-CCCC") for _ in range(5)]

    assert wrong == [UNKNOWN] * 5
    assert [look["errors"][0]["code"] for look in looked] == ["USER_CODE_UNKNOWN"] * 5
    assert await client.result(APPROVE, viewer, code=television.codes["userCode"]) == used_up
    assert await television.word() == "AuthorizationPending AUTHORIZATION_PENDING"
    other = await client.newcomer("ravi@example.com")
    assert await client.result(APPROVE, other, code=television.codes["userCode"]) == OK


async def test_fifty_guesses_at_once_are_ten(client: Client, viewer: Viewer) -> None:
    results = await asyncio.gather(*(client.result(APPROVE, viewer, code="BBBB-BBBB") for _ in range(50)))

    codes = [result["errors"][0]["code"] for result in results]
    assert codes.count("USER_CODE_UNKNOWN") == 10
    assert codes.count("USER_CODE_TRIES_USED_UP") == 40


async def test_right_codes_are_not_counted(client: Client, viewer: Viewer) -> None:
    for _ in range(12):
        television = await turn_on(client)
        assert await client.result(APPROVE, viewer, code=television.codes["userCode"]) == OK


async def test_looking_and_deciding_need_a_signed_in_viewer(client: Client, television: Television) -> None:
    for query in (LOOK, APPROVE, DENY):
        response = await client.run(query, code=television.codes["userCode"])
        assert [error["extensions"]["code"] for error in response["errors"]] == ["UNAUTHENTICATED"]
    assert await television.word() == "AuthorizationPending AUTHORIZATION_PENDING"


async def test_a_kids_profile_lets_no_device_in(client: Client, television: Television, viewer: Viewer) -> None:
    kid = Viewer(user_id=viewer.user_id, profile_id=viewer.profile_id, session_id=viewer.session_id, is_kids=True)

    response = await client.run(APPROVE, kid, code=television.codes["userCode"])

    assert [error["extensions"]["code"] for error in response["errors"]] == ["FORBIDDEN"]
    assert await television.word() == "AuthorizationPending AUTHORIZATION_PENDING"


async def test_a_suspended_account_signs_in_no_television(
    client: Client, television: Television, viewer: Viewer
) -> None:
    await client.result(APPROVE, viewer, code=television.codes["userCode"])
    await client.sql("UPDATE users SET status = 'SUSPENDED'")

    assert (await television.poll())["__typename"] == "AccountSuspended"
    assert await television.word() == "PairingEnded PAIRING_EXPIRED"


@pytest.mark.parametrize("code", ["", "made-up", "x" * 5000])
async def test_a_made_up_device_code_has_expired(client: Client, code: str) -> None:
    assert await Television(client, {"deviceCode": code}).word() == "PairingEnded PAIRING_EXPIRED"


@pytest.mark.parametrize(
    "change", [{"name": "x" * 101}, {"name": " "}, {"name": "a\nb"}, {"clientId": ""}, {"clientId": "x" * 101}], ids=str
)
async def test_a_device_must_describe_itself_shortly_and_readably(client: Client, change: dict[str, str]) -> None:
    response = await client.run(START, device={**TELEVISION, **change})

    assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]


async def test_the_page_shows_the_device_and_approves_it(
    browser: Browser, client: Client, viewer: Viewer, clock: TurnedClock
) -> None:
    television = Television(client, await client.result(START, device={**TELEVISION, "name": "<b>Living</b>"}))
    address = urlsplit(television.codes["verificationUrlComplete"])

    code_page = await browser.sign_in(await browser.http.get(f"{address.path}?{address.query}"))
    assert f'value="{television.codes["userCode"]}"' in code_page.text
    device_page = await browser.send(code_page, step="look", user_code=television.codes["userCode"])
    assert "&lt;b&gt;Living&lt;/b&gt;" in device_page.text
    assert await television.word() == "AuthorizationPending AUTHORIZATION_PENDING"
    done = await browser.send(device_page, step="allow")

    assert "Approved" in done.text
    clock.turn(timedelta(seconds=5))
    assert (await television.poll())["account"]["id"] == viewer.user_id


async def test_the_page_refuses_wrong_codes_and_forged_forms(
    browser: Browser, client: Client, television: Television, clock: TurnedClock
) -> None:
    code = television.codes["userCode"]
    page = await browser.sign_in(await browser.http.get("/oauth/device"))

    wrong = await browser.send(page, step="look", user_code="BBBB-BBBB")
    forged = await browser.send(page, step="allow", user_code=code, csrf="made-up")
    refused = await browser.send(page, step="refuse", user_code=code)

    assert (wrong.status_code, "No device shows this code now" in wrong.text) == (400, True)
    assert forged.status_code == 403
    assert "Refused" in refused.text
    assert await television.word() == "PairingEnded PAIRING_DENIED"
