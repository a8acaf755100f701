"""Sessions and devices: listed, ended one by one or all at once; the access tokens of ended ones are denied."""

from datetime import timedelta
from typing import Any

import pytest
import redis

from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import LOGIN, PASSWORD, Client

LISTS = """{ viewer { account {
  sessions { id current createdAt expiresAt ipHash device { name } } devices { id name type lastCountry current }
} } }"""
LOGOUT = "mutation ($all: Boolean!) { result: logout(allDevices: $all) { ok } }"
REVOKE_SESSION = "mutation ($id: ID!) { result: sessionRevoke(id: $id) { ok errors { code path } } }"
REVOKE_DEVICE = "mutation ($id: ID!) { result: deviceRevoke(id: $id) { ok errors { code path } } }"
TV = {"clientId": "tv-1", "type": "TV", "name": "Living room"}
PHONE = {"clientId": "phone-1", "type": "MOBILE", "name": "Asha's phone"}


async def login_on(client: Client, device: dict[str, str] | None) -> dict[str, Any]:
    given = {"email": "asha@example.com", "password": PASSWORD, "device": device}
    return await client.result(LOGIN, input=given)


async def lists_of(client: Client, tokens: dict[str, Any]) -> dict[str, Any]:
    response = await client.run(LISTS, client.viewer_of(tokens))
    assert "errors" not in response, response
    account: dict[str, Any] = response["data"]["viewer"]["account"]
    return account


def denied(client: Client) -> list[str]:
    """Return the claims in the stream of denials."""
    with redis.Redis.from_url(client.settings.redis_url, decode_responses=True) as store:
        entries: Any = store.xrange(client.settings.denied_tokens_stream)
    return [fields["id"] for _, fields in entries]


def session_of(client: Client, tokens: dict[str, Any]) -> str:
    session_id: str = client.claims(tokens)["sid"]
    return session_id


async def survivors(client: Client, *every: dict[str, Any]) -> list[bool]:
    """Return of which sessions the refresh token still works."""
    return [(await client.refresh(tokens["refreshToken"]))["__typename"] == "AuthTokens" for tokens in every]


@pytest.mark.requirement("FR-UM-002.3")
async def test_sessions_are_listed_newest_first_with_their_devices(client: Client, clock: TurnedClock) -> None:
    await client.register()
    await login_on(client, TV)
    clock.turn(timedelta(hours=1))
    phone = await login_on(client, PHONE)

    lists = await lists_of(client, phone)

    assert [(session["device"]["name"], session["current"]) for session in lists["sessions"]] == [
        ("Asha's phone", True),
        ("Living room", False),
    ]
    assert lists["sessions"][0]["createdAt"] == clock.now.isoformat()
    assert lists["sessions"][0]["expiresAt"] == (clock.now + timedelta(days=7)).isoformat()
    assert [(device["name"], device["type"], device["current"]) for device in lists["devices"]] == [
        ("Asha's phone", "MOBILE", True),
        ("Living room", "TV", False),
    ]


@pytest.mark.requirement("FR-UM-002.3")
async def test_a_session_that_expired_is_not_listed(client: Client, clock: TurnedClock) -> None:
    await client.register()
    await login_on(client, TV)
    clock.turn(timedelta(days=7))
    phone = await login_on(client, PHONE)

    lists = await lists_of(client, phone)

    assert [session["device"]["name"] for session in lists["sessions"]] == ["Asha's phone"]
    assert len(lists["devices"]) == 2


async def test_a_device_is_known_again_and_a_new_one_is_told_to_the_owner(client: Client) -> None:
    await client.register()
    for device in (TV, TV, PHONE, TV):
        tokens = await login_on(client, device)

    letters = await client.letters("NEW_DEVICE")

    assert len((await lists_of(client, tokens))["devices"]) == 2
    assert [letter["data"]["device"] for letter in letters] == ["Asha's phone"]


@pytest.mark.parametrize("device", [{"clientId": "", "type": "TV"}, {"clientId": "x" * 101, "type": "TV"}])
async def test_a_device_must_have_an_id(client: Client, device: dict[str, str]) -> None:
    await client.register()

    response = await client.run(LOGIN, input={"email": "asha@example.com", "password": PASSWORD, "device": device})

    assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.requirement("FR-UM-002.4", "IN-8.1-d")
async def test_logout_ends_this_session_only_and_denies_its_access_tokens(client: Client) -> None:
    await client.register()
    this, other = await client.login(), await client.login()

    await client.result(LOGOUT, client.viewer_of(this), all=False)

    assert denied(client) == [session_of(client, this)]
    assert await survivors(client, this, other) == [False, True]


@pytest.mark.requirement("FR-UM-002.4")
async def test_logout_of_all_devices_ends_every_session_of_the_account_and_no_other(client: Client) -> None:
    await client.register()
    await client.register("ravi@example.com")
    mine = [await client.login() for _ in range(3)]
    foreign = await client.login("ravi@example.com")

    await client.result(LOGOUT, client.viewer_of(mine[0]), all=True)

    assert {*denied(client)} == {session_of(client, tokens) for tokens in mine}
    assert await survivors(client, *mine, foreign) == [False, False, False, True]


@pytest.mark.requirement("FR-UM-002.3")
async def test_a_session_is_revoked_from_another_one(client: Client) -> None:
    await client.register()
    here, lost = await client.login(), await client.login()
    lists = await lists_of(client, here)
    other_id = next(session["id"] for session in lists["sessions"] if not session["current"])

    done = await client.result(REVOKE_SESSION, client.viewer_of(here), id=other_id)
    again = await client.result(REVOKE_SESSION, client.viewer_of(here), id=other_id)

    assert done == {"ok": True, "errors": []}
    assert again == {"ok": False, "errors": [{"code": "SESSION_UNKNOWN", "path": ["id"]}]}
    assert denied(client) == [session_of(client, lost)]
    assert await survivors(client, here, lost) == [True, False]


async def test_another_accounts_session_and_device_cannot_be_revoked(client: Client) -> None:
    await client.register()
    await client.register("ravi@example.com")
    stranger = client.viewer_of(await client.login("ravi@example.com"))
    tokens = await login_on(client, TV)
    lists = await lists_of(client, tokens)

    session = await client.result(REVOKE_SESSION, stranger, id=lists["sessions"][0]["id"])
    device = await client.result(REVOKE_DEVICE, stranger, id=lists["devices"][0]["id"])

    assert [error["code"] for error in (*session["errors"], *device["errors"])] == ["SESSION_UNKNOWN", "DEVICE_UNKNOWN"]
    assert denied(client) == []
    assert await survivors(client, tokens) == [True]


async def test_revoking_a_device_forgets_it_and_ends_the_sessions_on_it(client: Client) -> None:
    await client.register()
    on_tv = [await login_on(client, TV) for _ in range(2)]
    on_phone = await login_on(client, PHONE)
    tv = next(device for device in (await lists_of(client, on_phone))["devices"] if device["type"] == "TV")

    done = await client.result(REVOKE_DEVICE, client.viewer_of(on_phone), id=tv["id"])

    assert done == {"ok": True, "errors": []}
    assert [device["type"] for device in (await lists_of(client, on_phone))["devices"]] == ["MOBILE"]
    assert await survivors(client, *on_tv, on_phone) == [False, False, True]


@pytest.mark.requirement("FR-UM-002.2")
async def test_reuse_of_a_refresh_token_denies_the_access_tokens_as_well(client: Client) -> None:
    await client.register()
    first = await client.login()
    await client.refresh(first["refreshToken"])

    await client.refresh(first["refreshToken"])

    assert denied(client) == [session_of(client, first)]


@pytest.mark.requirement("FR-UM-003.4")
async def test_tokens_of_a_profile_whose_limit_changes_are_outdated(client: Client, clock: TurnedClock) -> None:
    viewer = await client.newcomer()
    update = "mutation ($id: ID!, $input: ProfileInput!) { profileUpdate(id: $id, input: $input) { errors { code } } }"

    await client.run(update, viewer, id=viewer.profile_id, input={"name": "Asha R."})
    unchanged = denied(client)
    await client.run(update, viewer, id=viewer.profile_id, input={"maturityLimit": "UA_7"})

    assert unchanged == []
    with redis.Redis.from_url(client.settings.redis_url, decode_responses=True) as store:
        [(_, fields)] = store.xrange(client.settings.denied_tokens_stream)
    assert fields == {
        "id": viewer.profile_id,
        "before": str(clock.now.timestamp()),
        "until": str(int(clock.now.timestamp()) + 960),
    }


async def test_a_session_id_of_another_kind_is_refused(client: Client) -> None:
    viewer = await client.newcomer()

    response = await client.run(REVOKE_SESSION, viewer, id=viewer.profile_id)

    assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]
