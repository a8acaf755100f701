"""Proving an address: no tokens before, single use, expiry, new letters, new addresses, and no telling who has one."""

import asyncio
from datetime import timedelta

import pytest

from subgraphs.shared.postgres import Database
from subgraphs.shared.telemetry import count_statements
from subgraphs.users.service.privacy.retention import forget_letters
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import AUTH_FIELDS, PASSWORD, Client

VERIFY = f"""mutation ($token: String!, $secret: String, $password: String) {{
  result: emailVerify(token: $token, registrationSecret: $secret, password: $password) {{ {AUTH_FIELDS} }}
}}"""
RESEND = "mutation ($email: String!) { result: emailVerificationResend(email: $email) { ok errors { code } } }"
UPDATE = """mutation ($input: AccountInput!) {
  result: accountUpdate(input: $input) { account { email emailVerified locale } errors { code path } }
}"""
OK = {"ok": True, "errors": []}


async def newest_token(client: Client, kind: str = "EMAIL_VERIFICATION") -> str:
    token: str = (await client.letters(kind))[-1]["data"]["token"]
    return token


@pytest.mark.requirement("FR-UM-001.1", "FR-UM-001.3", "IN-8.1-a")
async def test_the_ten_steps_from_registering_to_tokens(client: Client, clock: TurnedClock) -> None:
    payload = await client.register(verified=False, locale="hi")
    refused = await client.login()
    [letter] = await client.letters()
    tokens = await client.result(VERIFY, token=letter["data"]["token"], secret=payload["registrationSecret"])

    assert (payload["verificationRequired"], payload["user"]["emailVerified"]) == (True, False)
    assert (refused["__typename"], refused["code"]) == ("EmailNotVerified", "EMAIL_NOT_VERIFIED")
    assert (letter["kind"], letter["email"], letter["locale"]) == ("EMAIL_VERIFICATION", "asha@example.com", "hi")
    assert letter["data"]["expires_at"] == (clock.now + timedelta(hours=24)).isoformat()
    assert tokens["__typename"] == "AuthTokens"
    assert tokens["account"]["id"] == payload["user"]["id"] == letter["user_id"]
    assert (await client.login())["__typename"] == "AuthTokens"


@pytest.mark.requirement("FR-UM-001.3")
async def test_who_does_not_know_the_password_is_not_told_that_the_address_is_unconfirmed(client: Client) -> None:
    await client.register(verified=False)

    assert (await client.login(password="Wrong-Horse-7"))["__typename"] == "InvalidCredentials"


@pytest.mark.requirement("FR-UM-001.3")
async def test_of_twenty_that_bring_one_token_one_gets_in(client: Client) -> None:
    await client.register(verified=False)
    token = await newest_token(client)

    results = await asyncio.gather(*(client.result(VERIFY, token=token) for _ in range(20)))

    assert sorted(result["__typename"] for result in results) == ["AuthTokens", *["TokenInvalid"] * 19]


@pytest.mark.requirement("FR-UM-001.3")
@pytest.mark.parametrize(("after", "answer"), [(-1, "AuthTokens"), (0, "TokenInvalid")])
async def test_a_token_is_good_for_a_day(client: Client, clock: TurnedClock, after: int, answer: str) -> None:
    await client.register(verified=False)
    clock.turn(timedelta(hours=24, seconds=after))

    assert (await client.result(VERIFY, token=await newest_token(client)))["__typename"] == answer


async def test_the_token_itself_is_not_kept(client: Client) -> None:
    await client.register(verified=False)

    [row] = await client.sql("SELECT email_tokens::text AS text FROM email_tokens")
    assert await newest_token(client) not in row["text"]


async def test_a_new_letter_ends_the_one_before_and_comes_once_a_minute(client: Client, clock: TurnedClock) -> None:
    await client.register(verified=False)
    first = await newest_token(client)
    at_once = await client.result(RESEND, email="asha@example.com")
    clock.turn(timedelta(minutes=1))
    later = await client.result(RESEND, email=" ASHA@example.com")

    assert (at_once, later) == (OK, OK)
    assert len(await client.letters()) == 2
    assert (await client.result(VERIFY, token=first))["__typename"] == "TokenInvalid"
    assert (await client.result(VERIFY, token=await newest_token(client)))["__typename"] == "AuthTokens"


@pytest.mark.requirement("FR-UM-001.1")
async def test_asking_again_tells_nobody_who_has_an_account_and_costs_the_same(
    client: Client, clock: TurnedClock
) -> None:
    await client.register("waiting@example.com", verified=False)
    await client.register("confirmed@example.com")
    clock.turn(timedelta(hours=1))

    answers, costs = [], []
    for email in ("waiting@example.com", "confirmed@example.com", "nobody@example.com", "no address"):
        with count_statements() as statements:
            answers.append(await client.result(RESEND, email=email))
        costs.append(dict(statements))

    assert answers == [OK] * 4
    assert costs == [costs[0]] * 4
    assert [letter["email"] for letter in (await client.letters())[2:]] == ["waiting@example.com"]


@pytest.mark.requirement("FF-13")
async def test_a_new_address_counts_once_confirmed_and_the_old_one_is_told(client: Client, clock: TurnedClock) -> None:
    viewer = await client.newcomer()
    wanted = {"email": "New@Example.com", "accountPassword": PASSWORD, "locale": "hi"}

    asked = await client.result(UPDATE, viewer, input=wanted)
    [letter] = await client.letters("EMAIL_CHANGE_VERIFICATION")
    before = await client.login()
    confirmed = await client.result(VERIFY, viewer, token=letter["data"]["token"])
    [notice] = await client.letters("EMAIL_CHANGED")

    assert asked == {
        "account": {"email": "asha@example.com", "emailVerified": True, "locale": "hi"},
        "errors": [],
    }
    assert before["__typename"] == "AuthTokens"
    assert (letter["email"], notice["email"]) == ("new@example.com", "asha@example.com")
    assert confirmed["account"]["email"] == "new@example.com"
    assert (await client.login("new@example.com"))["__typename"] == "AuthTokens"
    assert (await client.login())["__typename"] == "InvalidCredentials"


@pytest.mark.parametrize(
    ("wanted", "code", "path"),
    [
        ({"email": "new@example.com"}, "PASSWORD_WRONG", ["accountPassword"]),
        ({"email": "new@example.com", "accountPassword": "Wrong-1x"}, "PASSWORD_WRONG", ["accountPassword"]),
        ({"email": "no address", "accountPassword": PASSWORD}, "EMAIL_INVALID", ["input", "email"]),
        ({"email": "ravi@example.com", "accountPassword": PASSWORD}, "EMAIL_TAKEN", ["input", "email"]),
    ],
)
async def test_a_new_address_needs_the_password_and_must_be_free(
    client: Client, wanted: dict[str, str], code: str, path: list[str]
) -> None:
    await client.register("ravi@example.com")
    viewer = await client.newcomer()

    refused = await client.result(UPDATE, viewer, input=wanted)

    assert refused == {"account": None, "errors": [{"code": code, "path": path}]}
    assert await client.letters("EMAIL_CHANGE_VERIFICATION") == []


async def test_an_address_that_was_taken_meanwhile_is_not_taken_over(client: Client) -> None:
    viewer = await client.newcomer()
    await client.result(UPDATE, viewer, input={"email": "new@example.com", "accountPassword": PASSWORD})
    await client.register("new@example.com")

    refused = await client.result(VERIFY, viewer, token=await newest_token(client, "EMAIL_CHANGE_VERIFICATION"))

    assert refused["__typename"] == "TokenInvalid"
    rows = await client.sql("SELECT email FROM users ORDER BY created_at, email")
    assert sorted(row["email"] for row in rows) == ["asha@example.com", "new@example.com"]


@pytest.mark.requirement("FF-04", "FF-06")
async def test_fifty_registrations_of_one_address_at_once_make_one_account_and_one_letter(client: Client) -> None:
    payloads = await asyncio.gather(*(client.register(verified=False) for _ in range(50)))

    assert sorted(error["code"] for payload in payloads for error in payload["errors"]) == ["EMAIL_TAKEN"] * 49
    [row] = await client.sql(
        "SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM profiles) AS profiles"
    )
    assert tuple(row) == (1, 1)
    assert len(await client.letters()) == 1


@pytest.mark.requirement("FF-06")
async def test_a_repeated_registration_sends_no_second_letter(client: Client) -> None:
    first = await client.register(verified=False, idempotencyKey="order-1")
    again = await client.register(verified=False, idempotencyKey="order-1")

    assert first["user"]["id"] == again["user"]["id"]
    assert len(await client.letters()) == 1


async def test_tokens_that_nobody_used_are_deleted_with_the_records_of_their_letters(
    client: Client, clock: TurnedClock
) -> None:
    await client.register(verified=False)
    database = Database(client.settings.database_url, client.settings.users_database)
    kept = "SELECT count(*) FROM email_tokens"

    await forget_letters(database, before=clock.now + timedelta(hours=24))
    before = [row["count"] for row in await client.sql(kept)]
    await forget_letters(database, before=clock.now + timedelta(hours=24, seconds=1))
    after = [row["count"] for row in await client.sql(kept)]
    await database.close()

    assert (before, after) == ([1], [0])
