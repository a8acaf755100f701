"""Registering: who gets an account, and who is refused."""

import asyncio

import pytest
import sqlalchemy as sa

from subgraphs.shared.postgres import Database
from tests.subgraphs.users.support import PASSWORD, REGISTER, Client


async def count(database: Database, table: str) -> int:
    async with database.reading() as session:
        return int((await session.execute(sa.text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def test_an_account_is_made_with_its_first_profile(client: Client) -> None:
    payload = await client.register("  Asha.Rao@Example.com ", locale="hi")

    assert payload["verificationRequired"] is True
    assert payload["errors"] == []
    user = payload["user"]
    profile = user["profiles"][0]
    assert {key: user[key] for key in ("email", "emailVerified", "status", "roles", "locale")} == {
        "email": "asha.rao@example.com",
        "emailVerified": False,
        "status": "PENDING_VERIFICATION",
        "roles": ["USER"],
        "locale": "hi",
    }
    assert len(user["profiles"]) == 1
    assert {key: profile[key] for key in ("name", "language", "audioLanguages", "isKids", "maturityLimit")} == {
        "name": "asha.rao",
        "language": "hi",
        "audioLanguages": ["hi"],
        "isKids": False,
        "maturityLimit": None,
    }


async def test_an_address_is_taken_in_whatever_case(client: Client, database: Database) -> None:
    await client.register("asha@example.com")

    payload = await client.register("ASHA@Example.COM")

    assert payload["user"] is None
    assert payload["errors"] == [{"code": "EMAIL_TAKEN", "path": ["input", "email"]}]
    assert (await count(database, "users"), await count(database, "profiles")) == (1, 1)


async def test_simultaneous_registrations_of_one_address_make_one_account(client: Client, database: Database) -> None:
    payloads = await asyncio.gather(*(client.register() for _ in range(8)))

    codes = sorted(error["code"] for payload in payloads for error in payload["errors"])
    assert codes == ["EMAIL_TAKEN"] * 7
    assert (await count(database, "users"), await count(database, "profiles")) == (1, 1)


async def test_the_same_idempotency_key_returns_the_same_account(client: Client, database: Database) -> None:
    payloads = await asyncio.gather(*(client.register(idempotencyKey="order-1") for _ in range(4)))

    assert len({payload["user"]["id"] for payload in payloads}) == 1
    assert [payload["errors"] for payload in payloads] == [[]] * 4
    assert (await count(database, "users"), await count(database, "profiles")) == (1, 1)


async def test_an_idempotency_key_does_not_show_an_account_without_its_password(client: Client) -> None:
    await client.register(idempotencyKey="order-1")

    payload = await client.register(idempotencyKey="order-1", password="Another-Horse-8")

    assert payload["user"] is None
    assert payload["errors"] == [{"code": "EMAIL_TAKEN", "path": ["input", "email"]}]


async def test_an_idempotency_key_of_another_address_is_refused(client: Client, database: Database) -> None:
    await client.register("asha@example.com", idempotencyKey="order-1")

    payload = await client.register("ravi@example.com", idempotencyKey="order-1")

    assert payload["errors"] == [{"code": "IDEMPOTENCY_KEY_REUSED", "path": ["input", "idempotencyKey"]}]
    assert await count(database, "users") == 1


@pytest.mark.requirement("FR-UM-001.2")
@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("Sh0rt-1", ["minLength"]),
        ("lower-case-7", ["requireUpper"]),
        ("UPPER-CASE-7", ["requireLower"]),
        ("No-Digit-Here", ["requireDigit"]),
        ("NoSpecial77", ["requireSpecial"]),
        ("", ["minLength", "requireUpper", "requireLower", "requireDigit", "requireSpecial"]),
        ("कखगघचछजझ", ["requireUpper", "requireLower", "requireDigit", "requireSpecial"]),
    ],
)
async def test_a_weak_password_is_told_each_thing_it_lacks(
    client: Client, database: Database, password: str, missing: list[str]
) -> None:
    payload = await client.register(password=password)

    assert payload["user"] is None
    assert payload["errors"] == [{"code": "PASSWORD_WEAK", "path": ["input", "password", name]} for name in missing]
    assert await count(database, "users") == 0


async def test_a_password_of_72_bytes_counts_whole_and_a_longer_one_is_refused(client: Client) -> None:
    longest = "Aa1-" + "é" * 34
    assert len(longest.encode()) == 72

    too_long = await client.register("long@example.com", password=longest + "x")
    await client.register("fits@example.com", password=longest)

    assert too_long["errors"] == [{"code": "PASSWORD_TOO_LONG", "path": ["input", "password", "maxBytes"]}]
    assert (await client.login("fits@example.com", longest))["__typename"] == "AuthTokens"
    assert (await client.login("fits@example.com", longest[:-1] + "e"))["__typename"] == "InvalidCredentials"
    assert (await client.login("fits@example.com", longest + "x"))["__typename"] == "InvalidCredentials"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "asha",
        "asha@",
        "@example.com",
        "a b@example.com",
        "a@b",
        "a@-b.com",
        "अ@example.com",
        "\u212aim@example.com",
        "a@b.c\n.d",
    ],
)
async def test_what_is_no_address_is_refused(client: Client, database: Database, email: str) -> None:
    payload = await client.register(email)

    assert payload["errors"] == [{"code": "EMAIL_INVALID", "path": ["input", "email"]}]
    assert await count(database, "users") == 0


async def test_every_fault_of_a_form_is_named_at_once(client: Client) -> None:
    response = await client.run(REGISTER, input={"email": "asha", "password": "x"})

    codes = [error["code"] for error in response["data"]["register"]["errors"]]
    assert codes == ["EMAIL_INVALID", *["PASSWORD_WEAK"] * 4]


async def test_the_password_is_stored_as_bcrypt_hash_only(client: Client, database: Database) -> None:
    await client.register()

    async with database.reading() as session:
        stored = (await session.execute(sa.text("SELECT users::text FROM users"))).scalar_one()
    assert PASSWORD not in stored
    assert "$2b$04$" in stored


async def test_the_policy_is_published(client: Client) -> None:
    response = await client.run(
        "{ passwordPolicy { minLength maxBytes requireUpper requireLower requireDigit requireSpecial } }"
    )

    assert response == {
        "data": {
            "passwordPolicy": {
                "minLength": 8,
                "maxBytes": 72,
                "requireUpper": True,
                "requireLower": True,
                "requireDigit": True,
                "requireSpecial": True,
            }
        }
    }
