"""Five wrong passwords lock an address, whether it has an account or not, and however many guess at once."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from subgraphs.shared.telemetry import count_statements
from subgraphs.users.app import create_app
from subgraphs.users.config import Settings
from subgraphs.users.service.passwords import PasswordHasher
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import PASSWORD, Client

LOGIN = """mutation ($input: LoginInput!) { result: login(input: $input) {
  __typename ... on InvalidCredentials { remainingAttempts } ... on AccountLocked { code lockedUntil }
} }"""
WRONG = "Wrong-Horse-7"


async def guess(client: Client, password: str = WRONG, email: str = "asha@example.com") -> dict[str, object]:
    return await client.result(LOGIN, input={"email": email, "password": password})


@pytest.mark.requirement("NFR-SEC-002")
@pytest.mark.parametrize("email", ["asha@example.com", "nobody@example.com"])
async def test_the_fifth_wrong_password_locks_for_15_minutes(client: Client, clock: TurnedClock, email: str) -> None:
    await client.register()

    wrong = [await guess(client, email=email) for _ in range(5)]
    right = await guess(client, PASSWORD, email)

    assert wrong[:4] == [{"__typename": "InvalidCredentials", "remainingAttempts": left} for left in (4, 3, 2, 1)]
    assert wrong[4] == right
    assert (right["__typename"], right["code"]) == ("AccountLocked", "ACCOUNT_LOCKED")
    assert datetime.fromisoformat(str(right["lockedUntil"])) == clock.now + timedelta(minutes=15)


@pytest.mark.requirement("NFR-SEC-002")
async def test_a_lock_ends_after_15_minutes_and_five_more_are_allowed(client: Client, clock: TurnedClock) -> None:
    await client.register()
    for _ in range(5):
        await guess(client)

    clock.turn(timedelta(minutes=15, seconds=-1))
    still = await guess(client, PASSWORD)
    clock.turn(timedelta(seconds=1))
    again = [await guess(client) for _ in range(4)]

    assert still["__typename"] == "AccountLocked"
    assert [answer["__typename"] for answer in again] == ["InvalidCredentials"] * 4
    assert (await guess(client, PASSWORD))["__typename"] == "AuthTokens"


@pytest.mark.requirement("NFR-SEC-002")
async def test_wrong_passwords_are_forgotten_after_15_minutes_and_by_a_right_one(
    client: Client, clock: TurnedClock
) -> None:
    await client.register()
    for _ in range(4):
        await guess(client)
    clock.turn(timedelta(minutes=15, seconds=1))
    late = [await guess(client) for _ in range(4)]
    await guess(client, PASSWORD)
    after_right = [await guess(client) for _ in range(4)]

    assert [answer["remainingAttempts"] for answer in (*late, *after_right)] == [4, 3, 2, 1] * 2


@pytest.mark.requirement("NFR-SEC-002")
async def test_of_fifty_guesses_at_once_five_are_checked(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    await client.register()
    checked: list[str] = []
    verify = PasswordHasher.verify

    async def counted(hasher: PasswordHasher, password: str, password_hash: str | None) -> bool:
        checked.append(password)
        return await verify(hasher, password, password_hash)

    monkeypatch.setattr(PasswordHasher, "verify", counted)

    answers = await asyncio.gather(*(guess(client) for _ in range(50)))

    assert len(checked) == 5
    assert Counter(answer["__typename"] for answer in answers) == {"InvalidCredentials": 4, "AccountLocked": 46}
    assert (await guess(client, PASSWORD))["__typename"] == "AccountLocked"


async def test_many_right_passwords_at_once_lock_nobody_out(client: Client) -> None:
    await client.register()

    answers = await asyncio.gather(*(guess(client, PASSWORD) for _ in range(12)))

    assert {answer["__typename"] for answer in answers} == {"AuthTokens"}


@pytest.mark.requirement("FF-13")
async def test_the_owner_gets_one_letter_about_a_lock_and_nobody_else_gets_one(client: Client) -> None:
    await client.register()
    for email in ("asha@example.com", "nobody@example.com"):
        for _ in range(8):
            await guess(client, email=email)

    [letter] = await client.letters("ACCOUNT_LOCKED")
    assert letter["email"] == "asha@example.com"


@pytest.mark.requirement("FR-UM-001.1")
async def test_an_unknown_address_costs_what_a_wrong_password_does(client: Client) -> None:
    await client.register()

    costs = []
    for email in ("asha@example.com", "nobody@example.com", "no address"):
        with count_statements() as statements:
            await guess(client, email=email)
        costs.append(dict(statements))

    assert costs == [costs[0]] * 3


@pytest.mark.requirement("FF-02")
async def test_every_attempt_is_recorded_without_password_or_address(client: Client) -> None:
    await client.register()
    for password in (WRONG, PASSWORD):
        await guess(client, password)
    await guess(client, email="nobody@example.com")

    rows = await client.sql(
        "SELECT outcome, reason, subject_id IS NOT NULL AS known, audit_entries::text AS text FROM audit_entries "
        "WHERE action = 'auth.login' ORDER BY position"
    )

    assert [(row["outcome"], row["reason"], row["known"]) for row in rows] == [
        ("FAILURE", "INVALID_CREDENTIALS", True),
        ("SUCCESS", None, True),
        ("FAILURE", "INVALID_CREDENTIALS", False),
    ]
    text = " ".join(row["text"] for row in rows)
    assert all(secret not in text for secret in (WRONG, PASSWORD, "example.com"))


@pytest.mark.requirement("NFR-SEC-002")
async def test_a_cheaper_hash_is_renewed_by_signing_in(client: Client, clock: TurnedClock) -> None:
    await client.register()
    dearer = client.settings.model_copy(update={"password_hash_cost": 5})

    async with create_app(dearer, clock=clock).running() as app:
        first = await guess(Client(app, dearer), PASSWORD)
        [row] = await client.sql("SELECT password_hash FROM users")
        second = await guess(Client(app, dearer), PASSWORD)

    assert row["password_hash"].startswith("$2b$05$")
    assert [answer["__typename"] for answer in (first, second)] == ["AuthTokens"] * 2


def test_the_cost_is_12_unless_set() -> None:
    assert Settings.model_fields["password_hash_cost"].default == 12
