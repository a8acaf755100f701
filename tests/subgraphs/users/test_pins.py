"""PINs of profiles, what a limited profile may not do, and what a profile prefers."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from subgraphs.shared.identity import Viewer
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import CREATE_PROFILE, DELETE_PROFILE, PASSWORD, UPDATE_PROFILE, Client

SET_PIN = """mutation ($id: ID!, $pin: String, $password: String) {
  result: profilePinSet(id: $id, pin: $pin, accountPassword: $password) { ok errors { code path } }
}"""
SWITCH = """mutation ($id: ID!, $pin: String) { result: profileSwitch(id: $id, pin: $pin) {
  __typename ... on AuthTokens { accessToken profile { id name hasPin } } ... on PinRequired { code lockedUntil }
} }"""
PREFERENCES = """mutation ($id: ID!, $input: ProfileInput!) { profileUpdate(id: $id, input: $input) {
  profile { preferredQuality autoplayNext autoplayPreviews skipIntros hasPin } errors { code } } }"""
PIN = "4711"
ASKED = {"__typename": "PinRequired", "code": "PIN_REQUIRED", "lockedUntil": None}


async def family(client: Client) -> tuple[Viewer, str]:
    """Return a viewer on a kids profile, and the id of the grown-up profile, which has a PIN."""
    parent = await client.newcomer()
    assert parent.profile_id
    created = await client.run(CREATE_PROFILE, parent, input={"name": "Mini", "isKids": True})
    kid = created["data"]["profileCreate"]["profile"]["id"]
    assert await client.result(SET_PIN, parent, id=parent.profile_id, pin=PIN, password=PASSWORD) == {
        "ok": True,
        "errors": [],
    }
    switched = await client.result(SWITCH, parent, id=kid)
    return client.viewer_of(switched), parent.profile_id


@pytest.mark.requirement("FR-UM-003.5")
async def test_a_profile_with_a_pin_opens_with_it_only(client: Client) -> None:
    kid, parent_id = await family(client)

    without = await client.result(SWITCH, kid, id=parent_id)
    wrong = await client.result(SWITCH, kid, id=parent_id, pin="0000")
    right = await client.result(SWITCH, kid, id=parent_id, pin=PIN)

    assert (without, wrong) == (ASKED, ASKED)
    assert (right["__typename"], right["profile"]) == ("AuthTokens", {"id": parent_id, "name": "asha", "hasPin": True})


@pytest.mark.requirement("FR-UM-003.5")
async def test_five_wrong_pins_lock_the_profile_for_15_minutes(client: Client, clock: TurnedClock) -> None:
    kid, parent_id = await family(client)

    wrong = [await client.result(SWITCH, kid, id=parent_id, pin=f"000{number}") for number in range(5)]
    locked = await client.result(SWITCH, kid, id=parent_id, pin=PIN)
    clock.turn(timedelta(minutes=15))
    later = await client.result(SWITCH, kid, id=parent_id, pin=PIN)

    assert wrong[:4] == [ASKED] * 4
    assert wrong[4] == locked
    assert datetime.fromisoformat(locked["lockedUntil"]) == clock.now
    assert later["__typename"] == "AuthTokens"


@pytest.mark.requirement("FR-UM-003.5")
async def test_signing_in_begins_with_a_profile_that_asks_for_no_pin(client: Client) -> None:
    await family(client)

    tokens = await client.login()

    assert tokens["profile"]["name"] == "Mini"


@pytest.mark.requirement("FR-UM-003.4")
async def test_without_a_profile_a_token_shows_what_the_youngest_may_see(client: Client) -> None:
    viewer = await client.newcomer()
    await client.result(SET_PIN, viewer, id=viewer.profile_id, pin=PIN, password=PASSWORD)

    tokens = await client.login()

    claims = client.claims(tokens)
    assert tokens["profile"] is None
    assert ("pid" in claims, claims["lim"]) == (False, "U")


@pytest.mark.parametrize(
    ("pin", "password", "code", "path"),
    [
        ("12", PASSWORD, "PIN_INVALID", ["pin"]),
        ("1234567", PASSWORD, "PIN_INVALID", ["pin"]),
        ("12a4", PASSWORD, "PIN_INVALID", ["pin"]),
        ("१२३४", PASSWORD, "PIN_INVALID", ["pin"]),
        (PIN, "Wrong-1x", "PASSWORD_WRONG", ["accountPassword"]),
        (PIN, None, "PASSWORD_WRONG", ["accountPassword"]),
        (None, "Wrong-1x", "PASSWORD_WRONG", ["accountPassword"]),
    ],
)
async def test_a_pin_has_digits_and_is_set_with_the_password(
    client: Client, pin: str | None, password: str | None, code: str, path: list[str]
) -> None:
    viewer = await client.newcomer()

    refused = await client.result(SET_PIN, viewer, id=viewer.profile_id, pin=pin, password=password)

    assert refused == {"ok": False, "errors": [{"code": code, "path": path}]}
    assert [row["pin_hash"] for row in await client.sql("SELECT pin_hash FROM profiles")] == [None]


async def test_a_pin_is_kept_as_bcrypt_and_can_be_taken_away(client: Client) -> None:
    viewer = await client.newcomer()

    await client.result(SET_PIN, viewer, id=viewer.profile_id, pin=PIN, password=PASSWORD)
    [kept] = await client.sql("SELECT pin_hash FROM profiles")
    await client.result(SET_PIN, viewer, id=viewer.profile_id, pin=None, password=PASSWORD)
    [gone] = await client.sql("SELECT pin_hash FROM profiles")

    assert kept["pin_hash"].startswith("$2b$04$")
    assert gone["pin_hash"] is None


@pytest.mark.requirement("FR-UM-003.4")
async def test_a_limited_profile_cannot_free_itself(client: Client) -> None:
    viewer = await client.newcomer()
    limited = Viewer(
        user_id=viewer.user_id,
        profile_id=viewer.profile_id,
        session_id=viewer.session_id,
        maturity_limit=MaturityRating.UA_13,
    )
    profile = {"id": viewer.profile_id}
    forbidden: list[tuple[str, dict[str, Any]]] = [
        (CREATE_PROFILE, {"input": {"name": "Free"}}),
        (UPDATE_PROFILE, {**profile, "input": {"maturityLimit": None}}),
        (UPDATE_PROFILE, {**profile, "input": {"isKids": False}}),
        (DELETE_PROFILE, profile),
        (SET_PIN, {**profile, "pin": PIN, "password": PASSWORD}),
    ]

    codes = []
    for mutation, variables in forbidden:
        response = await client.run(mutation, limited, **variables)
        codes += [error["extensions"]["code"] for error in response["errors"]]
    allowed = await client.run(UPDATE_PROFILE, limited, **profile, input={"name": "Arjun"})

    assert codes == ["FORBIDDEN"] * 5
    assert allowed["data"]["profileUpdate"]["profile"]["name"] == "Arjun"
    [row] = await client.sql("SELECT maturity_limit, is_kids, pin_hash FROM profiles")
    assert tuple(row) == (None, False, None)


@pytest.mark.requirement("FR-UM-003.2")
async def test_a_profile_keeps_what_it_prefers(client: Client) -> None:
    viewer = await client.newcomer()
    wanted = {"preferredQuality": "DATA_SAVER", "autoplayNext": False, "autoplayPreviews": False, "skipIntros": True}

    before = await client.run(PREFERENCES, viewer, id=viewer.profile_id, input={})
    after = await client.run(PREFERENCES, viewer, id=viewer.profile_id, input=wanted)

    assert before["data"]["profileUpdate"]["profile"] == {
        "preferredQuality": "AUTO",
        "autoplayNext": True,
        "autoplayPreviews": True,
        "skipIntros": False,
        "hasPin": False,
    }
    assert after["data"]["profileUpdate"]["profile"] == {**wanted, "hasPin": False}
