"""What an account's owner changes: phone, language, state. Where an account stands. Consents from the beginning."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.users.app import create_app
from subgraphs.users.config import Settings
from tests.subgraphs.users.catcher import Catcher, catching
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import AUTH_FIELDS, PASSWORD, Client

UPDATE = """mutation ($input: AccountInput!) {
  result: accountUpdate(input: $input) { account { phone locale stateCode } errors { code path } } }"""
ME = "{ viewer { account { phone stateCode status consents { purpose granted version at } } } }"
ASK = "mutation ($phone: String!) { result: otpRequest(phone: $phone) { ok errors { code } } }"
SIGN_IN = f"""mutation ($phone: String!, $code: String!) {{
  result: otpVerify(phone: $phone, code: $code) {{ {AUTH_FIELDS} }} }}"""
CONSENT = "mutation ($input: [ConsentInput!]!) { result: consentSet(input: $input) { errors { code path } } }"
CREATE = """mutation ($input: ProfileInput!) {
  result: profileCreate(input: $input) { profile { id } errors { code } } }"""
DELETE = "mutation ($p: String) { result: accountDeletionRequest(password: $p) { account { status } } }"
USERS = "query ($filter: UserFilter) { result: users(filter: $filter) { edges { node { email status } } } }"
PHONE = "+919812345678"
OTHER_PHONE = "+919812345679"


@pytest.fixture(name="texts")
async def _texts() -> AsyncIterator[Catcher]:
    async with catching() as catcher:
        yield catcher


@pytest.fixture(name="app")
async def _app(settings: Settings, clock: TurnedClock, texts: Catcher) -> AsyncIterator[SubgraphApp]:
    with_phones = settings.model_copy(update={"sms_mail_url": texts.url})
    async with create_app(with_phones, clock=clock).running() as app:
        yield app


async def code_for(client: Client, texts: Catcher, phone: str) -> str:
    asked = await client.result(ASK, phone=phone)
    assert asked == {"ok": True, "errors": []}
    body = texts.letters[-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"\b\d{6}\b", body.get_content())
    assert found is not None
    return found[0]


async def me(client: Client, viewer: Viewer) -> dict[str, Any]:
    account: dict[str, Any] = (await client.run(ME, viewer))["data"]["viewer"]["account"]
    return account


@pytest.mark.requirement("NFR-SEC-004", "CL-06", "FF-13")
async def test_a_number_that_got_a_code_is_the_accounts_sealed_and_signs_in(
    client: Client, clock: TurnedClock, texts: Catcher
) -> None:
    asha = await client.newcomer()
    given = {"phone": "98123 45678", "phoneCode": await code_for(client, texts, PHONE), "accountPassword": PASSWORD}

    updated = await client.result(UPDATE, asha, input=given)
    clock.turn(timedelta(minutes=1))
    signed_in = await client.result(SIGN_IN, phone=PHONE, code=await code_for(client, texts, PHONE))

    assert updated == {"account": {"phone": PHONE, "locale": "en", "stateCode": None}, "errors": []}
    assert signed_in["account"]["id"] == asha.user_id
    [row] = await client.sql("SELECT phone_numbers::text AS text FROM phone_numbers")
    assert PHONE[3:] not in row["text"]
    [letter] = await client.letters("PHONE_CHANGED")
    assert letter["email"] == "asha@example.com"


async def test_another_number_takes_the_place_of_the_first(client: Client, texts: Catcher) -> None:
    asha = await client.newcomer()
    for phone in (PHONE, OTHER_PHONE):
        given = {"phone": phone, "phoneCode": await code_for(client, texts, phone), "accountPassword": PASSWORD}
        await client.result(UPDATE, asha, input=given)

    assert (await me(client, asha))["phone"] == OTHER_PHONE
    assert len(await client.sql("SELECT 1 FROM phone_numbers")) == 1


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"phoneCode": "000000"}, "OTP_INVALID", ["input", "phoneCode"]),
        ({"phoneCode": None}, "OTP_INVALID", ["input", "phoneCode"]),
        ({"accountPassword": "Wrong-1x"}, "PASSWORD_WRONG", ["accountPassword"]),
        ({"accountPassword": None}, "PASSWORD_WRONG", ["accountPassword"]),
        ({"phone": "12"}, "PHONE_INVALID", ["input", "phone"]),
        ({"stateCode": "ZZ"}, "STATE_CODE_INVALID", ["input", "stateCode"]),
    ],
)
async def test_a_number_needs_its_code_and_the_password_and_nothing_changes_otherwise(
    client: Client, texts: Catcher, change: dict[str, Any], code: str, path: list[str]
) -> None:
    asha = await client.newcomer()
    right = await code_for(client, texts, PHONE)
    wrong = {"phone": PHONE, "phoneCode": "111111" if right == "000000" else right, "accountPassword": PASSWORD}

    refused = await client.result(UPDATE, asha, input={**wrong, "stateCode": "MH", **change})

    assert refused == {"account": None, "errors": [{"code": code, "path": path}]}
    account = await me(client, asha)
    assert (account["phone"], account["stateCode"]) == (None, None)
    [entry] = await client.sql("SELECT outcome, reason FROM audit_entries WHERE action = 'account.update'")
    assert (entry["outcome"], entry["reason"]) == ("FAILURE", code)


async def test_a_number_of_another_account_is_not_taken_over(
    client: Client, clock: TurnedClock, texts: Catcher
) -> None:
    asha = await client.newcomer()
    owner = await client.result(SIGN_IN, phone=PHONE, code=await code_for(client, texts, PHONE))
    clock.turn(timedelta(minutes=1))
    given = {"phone": PHONE, "phoneCode": await code_for(client, texts, PHONE), "accountPassword": PASSWORD}

    refused = await client.result(UPDATE, asha, input=given)

    assert refused["errors"] == [{"code": "PHONE_TAKEN", "path": ["input", "phone"]}]
    clock.turn(timedelta(minutes=1))
    again = await client.result(SIGN_IN, phone=PHONE, code=await code_for(client, texts, PHONE))
    assert again["account"]["id"] == owner["account"]["id"]


@pytest.mark.parametrize(("given", "kept"), [("mh", "MH"), (" OR ", "OD"), ("UT", "UK"), ("DL", "DL")])
async def test_the_state_is_kept_as_invoices_name_it(client: Client, given: str, kept: str) -> None:
    asha = await client.newcomer()

    updated = await client.result(UPDATE, asha, input={"stateCode": given})

    assert updated["account"]["stateCode"] == kept
    [entry] = await client.sql("SELECT changes::text FROM audit_entries WHERE action = 'account.update'")
    assert kept in entry["changes"]


@pytest.mark.requirement("IN-GDPR-1")
async def test_consents_of_the_registration_are_kept_with_version_and_moment(
    client: Client, clock: TurnedClock
) -> None:
    agreed = [
        {"purpose": "TERMS", "granted": True, "version": "2026-02"},
        {"purpose": "MARKETING_EMAIL", "granted": False, "version": "3"},
    ]
    await client.register(consents=agreed, stateCode="ka")
    asha = client.viewer_of(await client.login())

    account = await me(client, asha)

    at = clock.now.isoformat()
    assert account["consents"] == [{**each, "at": at} for each in agreed]
    assert account["stateCode"] == "KA"
    topics = await client.sql("SELECT payload FROM outbox WHERE topic = 'users.consent_changed'")
    assert len(topics) == 2


@pytest.mark.parametrize(
    ("consent", "code", "path"),
    [
        ({"purpose": "TERMS", "granted": False, "version": "1"}, "CONSENT_REQUIRED", ["input", "TERMS", "granted"]),
        ({"purpose": "PUSH", "granted": True, "version": ""}, "CONSENT_VERSION_INVALID", ["input", "PUSH", "version"]),
    ],
)
async def test_a_registration_with_a_consent_that_cannot_be_makes_no_account(
    client: Client, consent: dict[str, Any], code: str, path: list[str]
) -> None:
    payload = await client.register(verified=False, consents=[consent])

    assert payload["errors"] == [{"code": code, "path": path}]
    assert await client.sql("SELECT 1 FROM users") == []


async def choices(client: Client) -> list[bool]:
    """Return what was told of the newest profile's personal rows, oldest first."""
    query = "SELECT payload->>'opted_out' AS out FROM outbox WHERE topic = 'users.personalization_changed' "
    return [row["out"] == "true" for row in await client.sql(f"{query} ORDER BY position")]


@pytest.mark.requirement("IN-GDPR-1")
async def test_a_withdrawn_consent_to_personal_rows_counts_for_every_profile_and_for_new_ones(client: Client) -> None:
    asha = await client.newcomer()
    second = await client.result(CREATE, asha, input={"name": "Second", "personalizationOptOut": True})
    consent = {"purpose": "PERSONALIZATION", "granted": False, "version": "1"}

    await client.result(CONSENT, asha, input=[consent])
    await client.result(CREATE, asha, input={"name": "Third"})
    await client.result(CONSENT, asha, input=[{**consent, "granted": True}])

    assert second["errors"] == []
    # The second profile by itself; both; the third because the account withdrew; then each as it wishes.
    assert await choices(client) == [True, *[True, True], True, *[False, True, False]]


@pytest.mark.requirement("IN-8.1-b", "CL-06")
async def test_an_account_tells_where_it_stands(client: Client, clock: TurnedClock) -> None:
    registered = await client.register(verified=False)
    pending = registered["user"]["status"]
    await client.sql("UPDATE users SET email_verified = true")
    asha = client.viewer_of(await client.login())
    active = (await me(client, asha))["status"]
    for _ in range(5):
        await client.login(password="Wrong-Horse-7")
    locked = (await me(client, asha))["status"]
    clock.turn(timedelta(minutes=15))
    unlocked = (await me(client, asha))["status"]
    leaving = await client.result(DELETE, asha, p=PASSWORD)
    await client.sql("UPDATE users SET status = 'SUSPENDED'")
    suspended = (await me(client, asha))["status"]

    assert (pending, active, locked, unlocked) == ("PENDING_VERIFICATION", "ACTIVE", "LOCKED", "ACTIVE")
    assert (leaving["account"]["status"], suspended) == ("PENDING_DELETION", "SUSPENDED")


async def test_accounts_are_found_by_where_they_stand(client: Client) -> None:
    admin = Viewer(user_id=(await client.newcomer("admin@example.com")).user_id, scopes=frozenset({"users:read"}))
    for name in ("new", "locked", "leaving", "gone"):
        await client.register(f"{name}@example.com", verified=name != "new")
    for _ in range(5):
        await client.login("locked@example.com", "Wrong-Horse-7")
    leaving = client.viewer_of(await client.login("leaving@example.com"))
    await client.result(DELETE, leaving, p=PASSWORD)
    await client.sql("UPDATE users SET status = 'SUSPENDED' WHERE email = 'gone@example.com'")

    found = {}
    for status in ("PENDING_VERIFICATION", "LOCKED", "PENDING_DELETION", "SUSPENDED", "ACTIVE"):
        page = await client.result(USERS, admin, filter={"status": status})
        found[status] = [edge["node"]["email"].partition("@")[0] for edge in page["edges"]]
        assert {edge["node"]["status"] for edge in page["edges"]} == {status}

    assert found == {
        "PENDING_VERIFICATION": ["new"],
        "LOCKED": ["locked"],
        "PENDING_DELETION": ["leaving"],
        "SUSPENDED": ["gone"],
        "ACTIVE": ["admin"],
    }
