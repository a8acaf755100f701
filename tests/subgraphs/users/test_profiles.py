"""Profiles of an account: limits, kids, and who may manage them."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from subgraphs.shared.identity import ANONYMOUS, Viewer
from tests.subgraphs.users.support import CREATE_PROFILE, DELETE_PROFILE, UPDATE_PROFILE, Client

LIST = "{ viewer { account { profiles { id name maturityLimit isKids } } } }"


async def create(client: Client, viewer: Viewer, **values: Any) -> dict[str, Any]:
    response = await client.run(CREATE_PROFILE, viewer, input=values)
    assert "errors" not in response, response
    payload: dict[str, Any] = response["data"]["profileCreate"]
    return payload


async def update(client: Client, viewer: Viewer, profile_id: str | None, **values: Any) -> dict[str, Any]:
    response = await client.run(UPDATE_PROFILE, viewer, id=profile_id, input=values)
    assert "errors" not in response, response
    payload: dict[str, Any] = response["data"]["profileUpdate"]
    return payload


async def listed(client: Client, viewer: Viewer) -> list[dict[str, Any]]:
    profiles: list[dict[str, Any]] = (await client.run(LIST, viewer))["data"]["viewer"]["account"]["profiles"]
    return profiles


@pytest.mark.requirement("FR-UM-003.2")
async def test_a_profile_keeps_what_it_was_given(client: Client) -> None:
    viewer = await client.newcomer()

    payload = await create(
        client,
        viewer,
        name="  दादी  ",
        avatarUrl="https://example.com/a.png",
        maturityLimit="UA_16",
        language="hi",
        audioLanguages=["hi", "en", "hi"],
        subtitleLanguage="en",
    )

    assert payload["errors"] == []
    assert payload["profile"].pop("id")
    assert payload["profile"] == {
        "name": "दादी",
        "avatarUrl": "https://example.com/a.png",
        "maturityLimit": "UA_16",
        "isKids": False,
        "language": "hi",
        "audioLanguages": ["hi", "en"],
        "subtitleLanguage": "en",
    }


@pytest.mark.requirement("FR-UM-003.1")
async def test_the_sixth_profile_is_refused_also_in_a_race(client: Client) -> None:
    viewer = await client.newcomer()

    payloads = await asyncio.gather(*(create(client, viewer, name=f"P{number}") for number in range(7)))

    refused = [payload for payload in payloads if payload["profile"] is None]
    assert [payload["errors"] for payload in refused] == [[{"code": "PROFILE_LIMIT_REACHED", "path": None}]] * 3
    assert len(await listed(client, viewer)) == 5


@pytest.mark.requirement("FR-UM-003.1")
async def test_fifty_sixth_profiles_at_once_make_none(client: Client) -> None:
    viewer = await client.newcomer()
    for number in range(4):
        await create(client, viewer, name=f"P{number}")

    payloads = await asyncio.gather(*(create(client, viewer, name=f"Q{number}") for number in range(50)))

    assert [payload["errors"] for payload in payloads] == [[{"code": "PROFILE_LIMIT_REACHED", "path": None}]] * 50
    assert [profile["name"] for profile in await listed(client, viewer)] == ["asha", "P0", "P1", "P2", "P3"]


@pytest.mark.requirement("FR-UM-003.4")
async def test_a_kids_profile_is_limited_to_ua_7_by_itself(client: Client) -> None:
    viewer = await client.newcomer()

    by_default = await create(client, viewer, name="Mini", isKids=True)
    stricter = await create(client, viewer, name="Tiny", isKids=True, maturityLimit="U")
    later = await update(client, viewer, viewer.profile_id, isKids=True)

    limits = [payload["profile"]["maturityLimit"] for payload in (by_default, stricter, later)]
    assert limits == ["UA_7", "U", "UA_7"]


@pytest.mark.requirement("FR-UM-003.4")
@pytest.mark.parametrize("limit", ["UA_13", "A", None])
async def test_a_kids_profile_never_gets_a_higher_limit(client: Client, limit: str | None) -> None:
    viewer = await client.newcomer()
    kid = (await create(client, viewer, name="Mini", isKids=True))["profile"]["id"]

    created = await create(client, viewer, name="Other", isKids=True, maturityLimit=limit)
    updated = await update(client, viewer, kid, maturityLimit=limit)
    made_kid = await update(client, viewer, viewer.profile_id, isKids=True, maturityLimit=limit)

    refusal = [{"code": "KIDS_LIMIT_TOO_HIGH", "path": ["input", "maturityLimit"]}]
    assert [payload["errors"] for payload in (created, updated, made_kid)] == [refusal] * 3
    assert [(profile["isKids"], profile["maturityLimit"]) for profile in await listed(client, viewer)] == [
        (False, None),
        (True, "UA_7"),
    ]


async def test_a_limited_profile_that_becomes_a_kids_profile_must_lower_its_limit(client: Client) -> None:
    viewer = await client.newcomer()
    await update(client, viewer, viewer.profile_id, maturityLimit="UA_16")

    payload = await update(client, viewer, viewer.profile_id, isKids=True)

    assert [error["code"] for error in payload["errors"]] == ["KIDS_LIMIT_TOO_HIGH"]
    assert [profile["isKids"] for profile in await listed(client, viewer)] == [False]


async def test_an_update_changes_only_what_it_names_and_null_clears(client: Client) -> None:
    viewer = await client.newcomer()
    before = await update(client, viewer, viewer.profile_id, avatarUrl="https://example.com/a.png", maturityLimit="A")

    after = await update(client, viewer, viewer.profile_id, maturityLimit=None, language=None, name="Asha")

    assert after["profile"] == {**before["profile"], "maturityLimit": None, "name": "Asha"}
    assert after["profile"]["avatarUrl"] == "https://example.com/a.png"


@pytest.mark.parametrize("name", ["", "   ", "x" * 51, "a\nb", "a\x00", "\u200d", "\u202eevil", None])
async def test_a_name_must_be_printable_and_short(client: Client, name: str | None) -> None:
    viewer = await client.newcomer()

    created = await create(client, viewer, name=name)
    updated = await update(client, viewer, viewer.profile_id, name=name)

    refusal = [{"code": "NAME_INVALID", "path": ["input", "name"]}]
    assert (created["errors"], updated["errors"]) == (refusal, refusal)
    assert [profile["name"] for profile in await listed(client, viewer)] == ["asha"]


@pytest.mark.parametrize("name", ["क्\u200dष", "👩\u200d👧", "Žofie O’Brien", "x" * 50])
async def test_a_name_may_be_written_in_any_script(client: Client, name: str) -> None:
    viewer = await client.newcomer()

    assert (await create(client, viewer, name=name))["profile"]["name"] == name


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//x/y", "https://", "data:x", "https://[::1", "x" * 3000])
async def test_an_avatar_must_be_a_web_address(client: Client, url: str) -> None:
    viewer = await client.newcomer()

    payload = await create(client, viewer, name="Mini", avatarUrl=url)

    assert payload["errors"] == [{"code": "AVATAR_URL_INVALID", "path": ["input", "avatarUrl"]}]


async def test_at_most_ten_audio_languages(client: Client) -> None:
    viewer = await client.newcomer()

    payload = await create(client, viewer, name="Polyglot", audioLanguages=["en", "hi"] * 6)

    assert payload["errors"] == [{"code": "TOO_MANY_LANGUAGES", "path": ["input", "audioLanguages"]}]


async def test_the_last_profile_stays_also_in_a_race(client: Client) -> None:
    viewer = await client.newcomer()
    second = (await create(client, viewer, name="Second"))["profile"]["id"]

    responses = await asyncio.gather(
        *(client.run(DELETE_PROFILE, viewer, id=profile_id) for profile_id in (viewer.profile_id, second))
    )

    outcomes = sorted((response["data"]["profileDelete"] for response in responses), key=lambda outcome: outcome["ok"])
    assert outcomes == [{"ok": False, "errors": [{"code": "LAST_PROFILE"}]}, {"ok": True, "errors": []}]
    assert len(await listed(client, viewer)) == 1


async def test_foreign_and_unknown_profiles_cannot_be_touched(client: Client) -> None:
    owner = await client.newcomer("ravi@example.com")
    await create(client, owner, name="Second")
    viewer = await client.newcomer()

    for operation, more in ((UPDATE_PROFILE, {"input": {"name": "Stolen"}}), (DELETE_PROFILE, {})):
        response = await client.run(operation, viewer, id=owner.profile_id, **more)
        assert response["data"] is None
        assert [error["extensions"]["code"] for error in response["errors"]] == ["FORBIDDEN"]
    assert [profile["name"] for profile in await listed(client, owner)] == ["ravi", "Second"]


@pytest.mark.parametrize("is_kids", [False, True])
async def test_only_a_grown_up_signed_in_viewer_manages_profiles(client: Client, *, is_kids: bool) -> None:
    owner = await client.newcomer()
    viewer = replace(owner, is_kids=True) if is_kids else ANONYMOUS
    code = "FORBIDDEN" if is_kids else "UNAUTHENTICATED"

    for operation, variables in (
        (CREATE_PROFILE, {"input": {"name": "New"}}),
        (UPDATE_PROFILE, {"id": owner.profile_id, "input": {"name": "New"}}),
        (DELETE_PROFILE, {"id": owner.profile_id}),
    ):
        response = await client.run(operation, viewer, **variables)
        assert [error["extensions"]["code"] for error in response["errors"]] == [code]
    assert [profile["name"] for profile in await listed(client, owner)] == ["asha"]


async def test_an_id_of_another_type_is_refused(client: Client) -> None:
    viewer = await client.newcomer()

    response = await client.run(DELETE_PROFILE, viewer, id=viewer.user_id)

    assert [error["extensions"] for error in response["errors"]] == [{"code": "BAD_USER_INPUT", "cause": "INVALID_ID"}]
