"""Replacing a password: by a letter, and by knowing the old one."""

import asyncio
from datetime import timedelta

import pytest

from subgraphs.shared.telemetry import count_statements
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import PASSWORD, Client

REQUEST = "mutation ($email: String!) { result: passwordResetRequest(email: $email) { ok errors { code } } }"
RESET = """mutation ($token: String!, $password: String!) {
  result: passwordReset(token: $token, newPassword: $password) { ok errors { code path } }
}"""
CHANGE = """mutation ($current: String!, $new: String!) {
  result: passwordChange(current: $current, new: $new) { ok errors { code path } }
}"""
NEW = "Better-Horse-8"
OK = {"ok": True, "errors": []}
SPENT = {"ok": False, "errors": [{"code": "TOKEN_INVALID", "path": ["token"]}]}


async def asked(client: Client, email: str = "asha@example.com") -> str:
    """Ask for a letter and return its token."""
    assert await client.result(REQUEST, email=email) == OK
    token: str = (await client.letters("PASSWORD_RESET"))[-1]["data"]["token"]
    return token


@pytest.mark.requirement("NFR-SEC-002")
async def test_a_letter_replaces_the_password_and_ends_every_session(client: Client, clock: TurnedClock) -> None:
    await client.register(verified=False)
    await client.sql("UPDATE users SET email_verified = true")
    before = [await client.login() for _ in range(2)]
    await client.sql("UPDATE users SET email_verified = false")
    token = await asked(client)

    done = await client.result(RESET, token=token, password=NEW)

    assert done == OK
    assert [(await client.refresh(tokens["refreshToken"]))["__typename"] for tokens in before] == ["TokenInvalid"] * 2
    assert (await client.login())["__typename"] == "InvalidCredentials"
    assert (await client.login(password=NEW))["__typename"] == "AuthTokens"  # the letter proved the address
    [letter] = await client.letters("PASSWORD_CHANGED")
    assert (letter["email"], letter["data"]) == ("asha@example.com", {"at": clock.now.isoformat()})


@pytest.mark.requirement("NFR-SEC-002")
@pytest.mark.parametrize(("after", "answer"), [(-1, OK), (0, SPENT)])
async def test_a_token_is_good_for_an_hour(
    client: Client, clock: TurnedClock, after: int, answer: dict[str, object]
) -> None:
    await client.register()
    token = await asked(client)
    clock.turn(timedelta(hours=1, seconds=after))

    assert await client.result(RESET, token=token, password=NEW) == answer


async def test_of_ten_that_bring_one_token_one_replaces_the_password(client: Client) -> None:
    await client.register()
    token = await asked(client)

    answers = await asyncio.gather(
        *(client.result(RESET, token=token, password=f"Better-Horse-{number}") for number in range(10))
    )

    assert sorted(answer["ok"] for answer in answers) == [False] * 9 + [True]
    winner = next(number for number, answer in enumerate(answers) if answer["ok"])
    assert (await client.login(password=f"Better-Horse-{winner}"))["__typename"] == "AuthTokens"
    assert len(await client.letters("PASSWORD_CHANGED")) == 1


async def test_a_weak_password_leaves_the_token_good(client: Client) -> None:
    await client.register()
    token = await asked(client)

    weak = await client.result(RESET, token=token, password="x" * 80)

    assert weak["errors"] == [
        *({"code": "PASSWORD_WEAK", "path": ["newPassword", name]} for name in _MISSING),
        {"code": "PASSWORD_TOO_LONG", "path": ["newPassword", "maxBytes"]},
    ]
    assert await client.result(RESET, token=token, password=NEW) == OK


_MISSING = ("requireUpper", "requireDigit", "requireSpecial")


@pytest.mark.requirement("FR-UM-001.1")
async def test_asking_tells_nobody_who_has_an_account_and_costs_the_same(client: Client) -> None:
    await client.register()

    answers, costs = [], []
    for email in ("asha@example.com", "asha@example.com", "nobody@example.com", "no address"):
        with count_statements() as statements:
            answers.append(await client.result(REQUEST, email=email))
        costs.append(dict(statements))

    assert answers == [OK] * 4
    assert costs == [costs[0]] * 4
    assert [letter["email"] for letter in await client.letters("PASSWORD_RESET")] == ["asha@example.com"]


async def test_a_letter_to_a_former_address_replaces_nothing(client: Client) -> None:
    await client.register()
    token = await asked(client)
    await client.sql("UPDATE users SET email = 'new@example.com'")

    assert await client.result(RESET, token=token, password=NEW) == SPENT


async def test_a_reset_lifts_a_lock(client: Client) -> None:
    await client.register()
    for _ in range(5):
        await client.login(password="Wrong-Horse-7")
    assert (await client.login())["__typename"] == "AccountLocked"

    await client.result(RESET, token=await asked(client), password=NEW)

    assert (await client.login(password=NEW))["__typename"] == "AuthTokens"


async def test_who_knows_the_password_changes_it_and_keeps_only_this_session(client: Client) -> None:
    await client.register()
    other, this = await client.login(), await client.login()

    done = await client.result(CHANGE, client.viewer_of(this), current=PASSWORD, new=NEW)

    assert done == OK
    assert (await client.refresh(other["refreshToken"]))["__typename"] == "TokenInvalid"
    assert (await client.refresh(this["refreshToken"]))["__typename"] == "AuthTokens"
    assert len(await client.letters("PASSWORD_CHANGED")) == 1


async def test_a_wrong_present_password_changes_nothing_and_counts_for_the_lock(client: Client) -> None:
    viewer = await client.newcomer()

    answers = [await client.result(CHANGE, viewer, current="Wrong-1x", new=NEW) for _ in range(6)]

    assert [answer["errors"] for answer in answers] == [
        *[[{"code": "PASSWORD_WRONG", "path": ["current"]}]] * 5,
        [{"code": "PASSWORD_LOCKED", "path": ["current"]}],
    ]
    assert (await client.login())["__typename"] == "AccountLocked"
    assert await client.letters("PASSWORD_CHANGED") == []


async def test_a_sign_in_that_the_reset_overtakes_opens_no_session(client: Client) -> None:
    """Whichever is first: either the session is ended by the reset, or it is not opened."""
    await client.register()
    token = await asked(client)

    results = await asyncio.gather(
        *(client.login() for _ in range(6)),
        client.result(RESET, token=token, password=NEW),
        *(client.login() for _ in range(6)),
    )

    opened = [result["refreshToken"] for result in results if result.get("__typename") == "AuthTokens"]
    assert results[6] == OK
    assert {(await client.refresh(refresh))["__typename"] for refresh in opened} <= {"TokenInvalid"}
