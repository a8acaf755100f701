"""Who registers somebody else's address and waits for the owner is outside once the owner comes, however that is."""

from typing import Any

import pytest

from subgraphs.shared.identity import ANONYMOUS, Viewer
from tests.subgraphs.users.support import PASSWORD, Client
from tests.subgraphs.users.test_verification import UPDATE, VERIFY, newest_token

OWNERS_PASSWORD = "Battery-Staple-8"
WHO = "{ viewer { account { id hasPassword emailVerified consents { purpose granted } } } }"
RESET_REQUEST = "mutation ($email: String!) { result: passwordResetRequest(email: $email) { ok } }"
RESET = """mutation ($token: String!, $new: String!) {
  result: passwordReset(token: $token, newPassword: $new) { ok errors { code } } }"""
CHANGE = """mutation ($old: String!, $new: String!) {
  result: passwordChange(current: $old, new: $new) { ok errors { code } } }"""


async def squat(client: Client) -> dict[str, Any]:
    """Register the owner's address as somebody else would, and leave behind what a stranger might."""
    squatted = await client.register("owner@example.com", verified=False, idempotencyKey="mine")
    user = "(SELECT id FROM users WHERE email = 'owner@example.com')"
    await client.sql(
        "INSERT INTO consents (user_id, purpose, granted, version, at) "
        f"VALUES ({user}, 'MARKETING_EMAIL', true, '1', now())"
    )
    await client.sql(
        "INSERT INTO identities (id, user_id, provider, subject, linked_at) "
        f"VALUES (gen_random_uuid(), {user}, 'FACEBOOK', 'stranger', now())"
    )
    await client.sql(
        "INSERT INTO phone_numbers (user_id, number_index, sealed_number, verified_at) "
        f"VALUES ({user}, 'index', 'sealed', now())"
    )
    return squatted


async def account_of(client: Client, tokens: dict[str, Any]) -> dict[str, Any]:
    viewer = Viewer(user_id=tokens["account"]["id"])
    account: dict[str, Any] = (await client.run(WHO, viewer))["data"]["viewer"]["account"]
    return account


async def left_by_the_stranger(client: Client) -> tuple[int, ...]:
    [row] = await client.sql(
        "SELECT (SELECT count(*) FROM identities), (SELECT count(*) FROM phone_numbers), "
        "(SELECT count(*) FROM consents), (SELECT count(*) FROM users WHERE registration_key_hash IS NOT NULL)"
    )
    return tuple(row)


@pytest.mark.requirement("FR-UM-001.3", "CL-07")
async def test_the_owners_link_voids_the_strangers_password_and_everything_that_was_left(client: Client) -> None:
    squatted = await squat(client)

    tokens = await client.result(VERIFY, token=await newest_token(client))
    account = await account_of(client, tokens)
    stranger = await client.login("owner@example.com")
    again = await client.register("owner@example.com", verified=False, idempotencyKey="mine")

    assert tokens["account"]["id"] == account["id"] == squatted["user"]["id"]
    assert account == {"id": account["id"], "hasPassword": False, "emailVerified": True, "consents": []}
    assert stranger["__typename"] == "InvalidCredentials"
    assert (again["user"], again["registrationSecret"], again["errors"][0]["code"]) == (None, None, "EMAIL_TAKEN")
    assert await left_by_the_stranger(client) == (0, 0, 0, 0)
    withdrawn = await client.sql("SELECT payload FROM outbox WHERE topic = 'users.consent_changed'")
    assert len(withdrawn) == 1
    [entry] = await client.sql("SELECT changes::text FROM audit_entries WHERE action = 'account.adopt'")
    assert "VOID" in entry["changes"]


async def test_the_owner_sets_a_password_and_signs_in_with_it(client: Client) -> None:
    await squat(client)
    tokens = await client.result(VERIFY, token=await newest_token(client))

    changed = await client.result(CHANGE, client.viewer_of(tokens), old="", new=OWNERS_PASSWORD)

    assert changed == {"ok": True, "errors": []}
    assert (await client.login("owner@example.com", OWNERS_PASSWORD))["__typename"] == "AuthTokens"
    assert (await client.login("owner@example.com"))["__typename"] == "InvalidCredentials"


async def test_a_reset_of_an_unconfirmed_account_leaves_nothing_of_the_stranger_either(client: Client) -> None:
    await squat(client)
    await client.result(RESET_REQUEST, email="owner@example.com")

    done = await client.result(RESET, token=await newest_token(client, "PASSWORD_RESET"), new=OWNERS_PASSWORD)

    assert done == {"ok": True, "errors": []}
    assert await left_by_the_stranger(client) == (0, 0, 0, 0)
    assert (await client.login("owner@example.com", OWNERS_PASSWORD))["__typename"] == "AuthTokens"
    # The letter that came with the registration is no way in any more.
    assert (await client.result(VERIFY, token=await newest_token(client)))["__typename"] == "TokenInvalid"


@pytest.mark.parametrize("proof", ["secret", "password"])
async def test_who_chose_the_password_keeps_it(client: Client, proof: str) -> None:
    registered = await client.register(verified=False)
    given = {"secret": registered["registrationSecret"]} if proof == "secret" else {"password": PASSWORD}

    tokens = await client.result(VERIFY, token=await newest_token(client), **given)

    assert tokens["__typename"] == "AuthTokens"
    assert (await account_of(client, tokens))["hasPassword"] is True
    assert (await client.login())["__typename"] == "AuthTokens"


async def test_a_wrong_password_confirms_nothing_and_the_link_stays_good(client: Client) -> None:
    await client.register(verified=False)
    token = await newest_token(client)

    wrong = await client.result(VERIFY, token=token, password="Wrong-Horse-7")
    right = await client.result(VERIFY, token=token, password=PASSWORD)

    assert (wrong["__typename"], wrong["code"]) == ("InvalidCredentials", "INVALID_CREDENTIALS")
    assert right["__typename"] == "AuthTokens"


async def test_the_secret_of_another_registration_proves_nothing(client: Client) -> None:
    other = await client.register("ravi@example.com", verified=False)
    await client.register(verified=False)

    tokens = await client.result(VERIFY, token=await newest_token(client), secret=other["registrationSecret"])

    assert (await account_of(client, tokens))["hasPassword"] is False


async def test_an_address_is_not_added_to_an_account_by_who_only_reads_its_letters(client: Client) -> None:
    stranger = await client.newcomer("stranger@example.com")
    await client.result(UPDATE, stranger, input={"email": "owner@example.com", "accountPassword": PASSWORD})
    token = await newest_token(client, "EMAIL_CHANGE_VERIFICATION")
    another = await client.newcomer("third@example.com")

    by_the_owner = await client.result(VERIFY, token=token)
    by_another = await client.result(VERIFY, another, token=token)

    assert [each["__typename"] for each in (by_the_owner, by_another)] == ["InvalidCredentials"] * 2
    rows = await client.sql("SELECT count(*) FROM users WHERE email = 'owner@example.com'")
    assert [row["count"] for row in rows] == [0]
    assert (await client.register("owner@example.com"))["errors"] == []


@pytest.mark.parametrize("how", ["reset", "change"])
async def test_a_new_password_ends_the_change_of_address_that_a_thief_began(client: Client, how: str) -> None:
    viewer = await client.newcomer()
    await client.result(UPDATE, viewer, input={"email": "thief@example.com", "accountPassword": PASSWORD})
    token = await newest_token(client, "EMAIL_CHANGE_VERIFICATION")

    if how == "reset":
        await client.result(RESET_REQUEST, email="asha@example.com")
        await client.result(RESET, token=await newest_token(client, "PASSWORD_RESET"), new=OWNERS_PASSWORD)
    else:
        await client.result(CHANGE, viewer, old=PASSWORD, new=OWNERS_PASSWORD)

    for asker in (ANONYMOUS, viewer):
        assert (await client.result(VERIFY, asker, token=token))["__typename"] == "TokenInvalid"
    assert (await client.login("asha@example.com", OWNERS_PASSWORD))["__typename"] == "AuthTokens"
