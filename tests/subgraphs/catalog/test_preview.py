"""Editors see the catalogue as others will: at a moment, elsewhere, with a limit, with drafts. Nobody else does."""

from datetime import timedelta
from typing import Any

import pytest

from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating
from subgraphs.users.models import Role
from tests.subgraphs.catalog.desk import CREATOR, PUBLISHER, Desk, person
from tests.subgraphs.catalog.support import ADULT, NOW, UNKNOWN, id_of, movie

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
