"""Editors see the catalogue as others will: at a moment, elsewhere, with a limit, with drafts. Nobody else does, unless
an editor hands them the address of a preview, and then that preview alone until its end."""

from datetime import timedelta
from typing import Any

import pytest

from subgraphs.catalog.service import uploads
from subgraphs.catalog.service.preview_links import PreviewTerms, terms_of, token_of
from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.values import MaturityRating, Tier
from subgraphs.users.models import Role
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, PUBLISHER, Desk, person
from tests.subgraphs.catalog.support import ADULT, NOW, UNKNOWN, TurnedClock, id_of, movie

PREVIEW = """query($at: DateTime, $country: CountryCode, $limit: MaturityRating, $drafts: [ID!], $id: ID!) {
  preview(at: $at, country: $country, maturityLimit: $limit, drafts: $drafts) {
    title(id: $id) { name availability { status } ... on Movie { playable { durationSeconds } } }
    titles(first: 100) { edges { node { id name } } totalCount }
    search(query: "letters") { edges { node { ... on Movie { id name } } } totalCount }
    genres { titleCount }
  }
}"""


async def previewed(desk: Desk, own: str, viewer: Viewer = CREATOR, **arguments: Any) -> str | None:
    """Return the title's name in a preview, by every path alike; None when it is not there."""
    shown = (await desk.catalog.data(PREVIEW, {"id": own, **arguments}, viewer=viewer))["preview"]
    name = shown["title"]["name"] if shown["title"] else None
    found = [edge["node"]["name"] for edge in shown["titles"]["edges"] if edge["node"]["id"] == own]
    assert found == ([name] if name else [])
    return name


@pytest.mark.requirement("FR-CMS-002.1")
async def test_a_draft_is_seen_in_a_preview_that_asks_for_it_and_by_nobody_else(desk: Desk) -> None:
    own = await desk.draft()
    before = await desk.everything()

    shown = (await desk.catalog.data(PREVIEW, {"id": own, "drafts": [own]}, viewer=CREATOR))["preview"]

    assert shown["title"] == {
        "name": "Monsoon Letters",
        "availability": {"status": "AVAILABLE"},
        "playable": {"durationSeconds": 7080},
    }
    assert {"id": own, "name": "Monsoon Letters"} in [edge["node"] for edge in shown["titles"]["edges"]]
    assert shown["search"] == {"edges": [{"node": {"id": own, "name": "Monsoon Letters"}}], "totalCount": 1}
    assert await previewed(desk, own) is None
    assert await desk.seen(own) is None
    assert await desk.everything() == before


async def test_an_edit_of_a_published_title_is_seen_in_its_preview_and_the_live_one_by_everybody_else(
    desk: Desk,
) -> None:
    own = await desk.published()
    text = {"translations": [{"locale": "en", "name": "Letters of Rain", "description": "New."}]}
    await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=1, input=text)
    assert await desk.seen(own) == "Monsoon Letters"

    assert await previewed(desk, own, drafts=[own]) == "Letters of Rain"
    assert await previewed(desk, own) == "Monsoon Letters"
    assert await desk.seen(own) == "Monsoon Letters"
    assert await previewed(desk, own, drafts=[own]) == "Letters of Rain"


async def test_a_later_moment_shows_what_is_scheduled_until_then_and_windows_as_they_will_be(
    desk: Desk,
) -> None:
    own = await desk.approved()
    await desk.title("titlePublish", PUBLISHER, id=own, at=(NOW + timedelta(days=2)).isoformat())
    soon = movie("Letters Soon", available_from=NOW + timedelta(days=3), available_until=NOW + timedelta(days=5))
    await desk.catalog.store(soon)

    async def names_after(days: int) -> list[str]:
        moment = (NOW + timedelta(days=days)).isoformat()
        shown = (await desk.catalog.data(PREVIEW, {"id": own, "at": moment}, viewer=CREATOR))["preview"]
        listed = [edge["node"]["id"] for edge in shown["titles"]["edges"]]
        return [name for name, each in (("scheduled", own), ("in its window", id_of(soon))) if each in listed]

    assert [await names_after(days) for days in (1, 2, 3, 5)] == [
        [],
        ["scheduled"],
        ["scheduled", "in its window"],
        ["scheduled"],
    ]
    assert await desk.seen(own) is None


async def test_a_preview_is_of_a_country_and_an_age(desk: Desk) -> None:
    abroad = movie("Letters Abroad", countries=("US",))
    strict = movie("Strict Letters", maturity_rating=MaturityRating.A)
    await desk.catalog.store(abroad, strict)

    assert await previewed(desk, id_of(abroad)) is None
    assert await previewed(desk, id_of(abroad), country="US") == "Letters Abroad"
    assert await previewed(desk, id_of(strict)) == "Strict Letters"
    assert await previewed(desk, id_of(strict), limit="UA_16") is None


@pytest.mark.parametrize("viewer", [ANONYMOUS, ADULT, person("viewer", Role.USER)], ids=["nobody", "adult", "user"])
async def test_who_is_no_editor_gets_no_preview(desk: Desk, viewer: Viewer) -> None:
    own = await desk.draft()

    answer = await desk.catalog.ask(PREVIEW, {"id": own, "drafts": [own]}, viewer=viewer)

    code = "UNAUTHENTICATED" if viewer.is_anonymous else "FORBIDDEN"
    assert (answer.data, [error["extensions"]["code"] for error in answer.errors]) == ({"preview": None}, [code])


async def test_a_preview_stands_alone_and_shows_known_drafts_only(desk: Desk) -> None:
    own, unknown = await desk.draft(), encode_id("Movie", UNKNOWN)
    genre = (await desk.catalog.data("{ genres { id } }"))["genres"][0]["id"]
    for query, drafts in (
        ("query($d: [ID!]) { preview(drafts: $d) { at } titles { totalCount } }", [own]),
        ("query($d: [ID!]) { a: preview(drafts: $d) { at } b: preview { at } }", [own]),
        ("query($d: [ID!]) { ...on Query { preview(drafts: $d) { at } genres { slug } } }", [own]),
        ("query($d: [ID!]) { preview(drafts: $d) { at } }", [unknown]),
        ("query($d: [ID!]) { preview(drafts: $d) { at } }", [genre]),
        ("query($d: [ID!]) { preview(drafts: $d) { at } }", ["not-an-id"]),
        ("query($d: [ID!]) { preview(drafts: $d) { at } }", [await desk.draft() for _ in range(21)]),
    ):
        answer = await desk.catalog.ask(query, {"d": drafts}, viewer=CREATOR)
        assert {error["extensions"]["code"] for error in answer.errors} == {"BAD_USER_INPUT"}, query


KEY = "m" * 32
URL = """query($id: ID!, $hours: Int! = 24) { cmsTitle(id: $id) { previewUrl(hours: $hours) } }"""
SHARED = """query($token: String!, $id: ID!) {
  sharedPreview(token: $token) {
    at country maturityLimit tier watching(id: $id) title(id: $id) { name }
    titles(first: 100) { edges { node { id name } } totalCount }
    search(query: "letters") { edges { node { ... on Movie { id name } } } totalCount }
  }
}"""


async def address_of(desk: Desk, own: str, **variables: Any) -> str:
    return str((await desk.catalog.data(URL, {"id": own, **variables}, viewer=CREATOR))["cmsTitle"]["previewUrl"])


def token_in(address: str) -> str:
    page, mark, token = address.partition("#")
    assert (page, mark) == ("http://127.0.0.1:4000/preview", "#")
    return token


async def names_by(desk: Desk, token: str, own: str, viewer: Viewer = ANONYMOUS) -> set[str]:
    """Return the names of unpublished titles that a link shows, by every path alike."""
    shown = (await desk.catalog.data(SHARED, {"token": token, "id": own}, viewer=viewer))["sharedPreview"]
    found = {edge["node"]["name"] for edge in shown["titles"]["edges"]} - {"Old Film", "Old Show"}
    assert {edge["node"]["name"] for edge in shown["search"]["edges"]} == {name for name in found if "Letters" in name}
    assert (shown["title"] is not None) is (own in [edge["node"]["id"] for edge in shown["titles"]["edges"]])
    return found


async def refused(desk: Desk, token: str) -> bool:
    answer = await desk.catalog.ask(SHARED, {"token": token, "id": encode_id("Movie", UNKNOWN)})
    codes = [error["extensions"]["code"] for error in answer.errors]
    return (answer.data, codes) == ({"sharedPreview": None}, ["FORBIDDEN"])


@pytest.mark.requirement("FR-CMS-002.1")
async def test_whoever_has_the_address_of_a_preview_sees_that_draft_and_no_other(desk: Desk) -> None:
    own = await desk.draft()
    other = await desk.draft(translations=[{"locale": "en", "name": "Other Letters"}])

    token = token_in(await address_of(desk, own))

    assert await names_by(desk, token, own) == {"Monsoon Letters"}
    assert await names_by(desk, token, other) == {"Monsoon Letters"}
    assert await names_by(desk, token, own, viewer=ADULT) == {"Monsoon Letters"}
    assert await desk.seen(own) is None


async def test_an_address_shows_the_newest_version_until_its_hours_are_over(desk: Desk, clock: TurnedClock) -> None:
    own = await desk.draft()
    token = token_in(await address_of(desk, own, hours=2))
    text = {"translations": [{"locale": "en", "name": "Letters of Rain", "description": "New."}]}
    await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=1, input=text)

    clock.turn(timedelta(hours=2) - timedelta(seconds=1))
    before = await names_by(desk, token, own)
    clock.turn(timedelta(seconds=1))

    assert before == {"Letters of Rain"}
    assert await refused(desk, token)


async def test_a_title_that_was_put_away_is_in_no_preview_that_was_handed_on(desk: Desk) -> None:
    own = await desk.draft()
    token = token_in(await address_of(desk, own))

    await desk.title("titleArchive", ADMIN, id=own)

    assert await names_by(desk, token, own) == set()
    assert await previewed(desk, own, drafts=[own]) == "Monsoon Letters"


async def test_a_title_that_no_editor_touched_is_as_everybody_sees_it(desk: Desk) -> None:
    film = movie("Untouched Letters")
    await desk.catalog.store(film)

    token = token_in(await address_of(desk, id_of(film)))

    assert await names_by(desk, token, id_of(film)) == {"Untouched Letters"}


async def test_a_preview_as_somebody_at_a_moment_is_handed_on_as_it_is(desk: Desk) -> None:
    own = await desk.draft(countries=["US"], requiredTier="PREMIUM")
    soon = movie("Letters Soon", available_from=NOW + timedelta(days=3))
    strict = movie("Strict Letters", maturity_rating=MaturityRating.A)
    await desk.catalog.store(soon, strict)
    at = (NOW + timedelta(days=4)).isoformat()
    query = """query($own: [ID!], $at: DateTime) {
      preview(drafts: $own, at: $at, country: "US", maturityLimit: UA_13, tier: PREMIUM) { url(hours: 1) }
    }"""

    made = (await desk.catalog.data(query, {"own": [own], "at": at}, viewer=CREATOR))["preview"]
    token = token_in(made["url"])
    shown = (await desk.catalog.data(SHARED, {"token": token, "id": own}))["sharedPreview"]

    assert {name: shown[name] for name in ("at", "country", "maturityLimit", "tier", "watching")} == {
        "at": at, "country": "US", "maturityLimit": "UA_13", "tier": "PREMIUM", "watching": "PLAYS",
    }  # fmt: skip
    assert await names_by(desk, token, own) == {"Monsoon Letters", "Letters Soon"}


async def test_what_is_scheduled_is_in_a_preview_that_was_handed_on_only_if_it_was_named(desk: Desk) -> None:
    own = await desk.draft(translations=[{"locale": "en", "name": "Named Letters"}])
    scheduled = await desk.approved()
    await desk.title("titlePublish", PUBLISHER, id=scheduled, at=(NOW + timedelta(days=2)).isoformat())
    query = "query($drafts: [ID!], $at: DateTime) { preview(drafts: $drafts, at: $at) { url } }"
    at = (NOW + timedelta(days=3)).isoformat()

    async def token(*drafts: str) -> str:
        made = await desk.catalog.data(query, {"drafts": list(drafts), "at": at}, viewer=CREATOR)
        return token_in(made["preview"]["url"])

    assert await previewed(desk, scheduled, at=at) == "Monsoon Letters"
    assert await names_by(desk, await token(own), scheduled) == {"Named Letters"}
    assert await names_by(desk, await token(own, scheduled), scheduled) == {"Named Letters", "Monsoon Letters"}


async def test_a_preview_says_whether_somebody_with_a_tier_could_watch(desk: Desk) -> None:
    paid, free = movie("Paid", required_tier=Tier.PREMIUM), movie("Free")
    soon = movie("Soon", available_from=NOW + timedelta(days=3))
    over = movie("Over", available_until=NOW)
    await desk.catalog.store(paid, free, soon, over)
    query = """query($tier: Tier!, $paid: ID!, $free: ID!, $soon: ID!, $over: ID!, $none: ID!) { preview(tier: $tier) {
      paid: watching(id: $paid) free: watching(id: $free) soon: watching(id: $soon) over: watching(id: $over)
      none: watching(id: $none)
    } }"""
    ids = {"paid": id_of(paid), "free": id_of(free), "soon": id_of(soon), "over": id_of(over)}
    # The same uuid under another type is another id.
    ids["none"] = encode_id("Show", free.id)

    found = {
        tier: (await desk.catalog.data(query, {"tier": tier, **ids}, viewer=CREATOR))["preview"]
        for tier in ("FREE", "PREMIUM")
    }

    rest = {"free": "PLAYS", "soon": "COMING_SOON", "over": "NOT_SHOWN", "none": "NOT_SHOWN"}
    assert found == {"FREE": {"paid": "NEEDS_SUBSCRIPTION", **rest}, "PREMIUM": {"paid": "PLAYS", **rest}}


async def test_no_token_but_one_that_was_given_out_shows_anything(desk: Desk) -> None:
    own = await desk.draft()
    token = token_in(await address_of(desk, own))
    body, _, signature = token.partition(".")
    other = token_in(await address_of(desk, await desk.draft()))
    terms = PreviewTerms((decode_id(own, "Movie").uuid,), None, "IN", None, Tier.FREE)
    of_an_upload = uploads._signature(UNKNOWN, 1, KEY)
    forged = [
        "", ".", token[:-1], token[1:], f"{token}A", f"{token}.", body, f"{body}.", f".{signature}", "नदी", "x" * 5_000,
        f"{other.partition('.')[0]}.{signature}", f"{body}.{other.partition('.')[2]}", f"{body}.{of_an_upload}",
        token_of(terms, expires_at=NOW + timedelta(days=1), key="n" * 32), token_of(terms, expires_at=NOW, key=KEY),
    ]  # fmt: skip

    assert [each for each in forged if not await refused(desk, each)] == []
    assert not await refused(desk, token)


@pytest.mark.parametrize("hours", [0, -1, 169])
async def test_an_address_is_good_for_a_week_at_most(desk: Desk, hours: int) -> None:
    own = await desk.draft()

    answer = await desk.catalog.ask(URL, {"id": own, "hours": hours}, viewer=CREATOR)

    assert [error["extensions"]["code"] for error in answer.errors] == ["BAD_USER_INPUT"]
    assert token_in(await address_of(desk, own, hours=168))


async def test_who_was_handed_a_preview_cannot_hand_on_a_longer_one(desk: Desk) -> None:
    own = await desk.draft()
    token = token_in(await address_of(desk, own))
    query = "query($token: String!) { sharedPreview(token: $token) { url titles { totalCount } } }"

    for viewer, code in ((ANONYMOUS, "UNAUTHENTICATED"), (person("viewer", Role.USER), "FORBIDDEN")):
        answer = await desk.catalog.ask(query, {"token": token}, viewer=viewer)
        assert answer.data == {"sharedPreview": {"url": None, "titles": {"totalCount": 3}}}
        assert [error["extensions"]["code"] for error in answer.errors] == [code]


async def test_a_shared_preview_stands_alone(desk: Desk) -> None:
    own = await desk.draft()
    token = token_in(await address_of(desk, own))

    for query in (
        "query($t: String!) { sharedPreview(token: $t) { at } titles { totalCount } }",
        "query($t: String!) { a: sharedPreview(token: $t) { at } b: sharedPreview(token: $t) { at } }",
        "query($t: String!) { sharedPreview(token: $t) { at } ... on Query { genres { slug } } }",
    ):
        answer = await desk.catalog.ask(query, {"t": token})
        assert {error["extensions"]["code"] for error in answer.errors} == {"BAD_USER_INPUT"}, query


def test_a_token_holds_its_terms() -> None:
    terms = PreviewTerms((UNKNOWN,), NOW + timedelta(days=1), "US", MaturityRating.UA_7, Tier.PREMIUM)
    token = token_of(terms, expires_at=NOW + timedelta(hours=1), key=KEY)

    assert terms_of(token, now=NOW, key=KEY) == terms
    with pytest.raises(ForbiddenError):
        terms_of(token, now=NOW + timedelta(hours=1), key=KEY)
