"""Collections: kept by editors, by hand and by rule; what viewers get of them; what others are told."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from subgraphs.catalog.service.collections import MOST_TITLES, refresh_rules
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import outbox_table
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, PUBLISHER, REVIEWER, Desk
from tests.subgraphs.catalog.support import ADULT, KID, NOW, UNKNOWN, Client, TurnedClock, id_of, movie, show

UPSERT = """mutation($input: CollectionInput!) {
  done: collectionUpsert(input: $input) {
    collection { id slug version published sort rule { kind genre yearFrom } translations { locale name description }
      titles(first: 100) { totalCount edges { node { id } } }
      preview { titles(first: 100) { edges { node { id } } } } }
    errors { code path }
  }
}"""
DELETE = """mutation($id: ID!, $version: Int!) {
  done: collectionDelete(id: $id, expectedVersion: $version) { collection { id } errors { code path } }
}"""
SHOWN = """query($id: ID, $slug: String, $first: Int = 100, $after: String) {
  collection(id: $id, slug: $slug) {
    id slug name hindi: name(locale: "hi") description
    titles(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } }
  }
}"""

RIVER, HARBOUR, NIGHT = movie("River"), show("Harbour"), movie("Night", maturity_rating=MaturityRating.A)
ABROAD, OVER = movie("Abroad", countries=("US",)), movie("Over", available_until=NOW - timedelta(days=1))
SOON = movie("Soon", available_from=NOW + timedelta(hours=1))
WITHDRAWN = movie("Withdrawn", published_at=None)
ALL = [NIGHT, RIVER, ABROAD, HARBOUR, OVER, SOON, WITHDRAWN]

NAMES = [
    {"locale": "en", "name": "Rainy days", "description": "For the monsoon."},
    {"locale": "hi", "name": "बारिश के दिन"},
]
RAINY: dict[str, Any] = {"slug": "rainy-days", "translations": NAMES, "published": True}


async def run(catalog: Client, mutation: str, viewer: Viewer = PUBLISHER, **variables: Any) -> Any:
    return (await catalog.data(mutation, variables, viewer=viewer))["done"]


async def upsert(catalog: Client, **given: Any) -> Any:
    """Return the collection of an upsert without errors."""
    done = await run(catalog, UPSERT, input=given)
    assert done["errors"] == []
    return done["collection"]


async def by_hand(catalog: Client, **changes: Any) -> Any:
    """Return a new collection of every title, hidden ones too."""
    return await upsert(catalog, **{**RAINY, "titleIds": [id_of(each) for each in ALL], **changes})


async def shown(catalog: Client, viewer: Viewer = ADULT, **variables: Any) -> Any:
    """Return the ids that the viewer gets of the collection; None when they do not get it."""
    data = await catalog.data(SHOWN, variables, viewer=viewer)
    return data["collection"] and [edge["node"]["id"] for edge in data["collection"]["titles"]["edges"]]


async def told(catalog: Client) -> list[tuple[int, list[str]]]:
    """Return version and titles of every CollectionChanged, the oldest first."""
    statement = sa.select(outbox_table.c.payload).where(outbox_table.c.topic == "catalog.collection_changed")
    async with catalog.database.reading() as session:
        payloads = (await session.execute(statement.order_by(outbox_table.c.position))).scalars().all()
    return [(each["version"], each["title_ids"]) for each in payloads]


@pytest.fixture
async def stocked(catalog: Client) -> Client:
    await catalog.store(*ALL)
    return catalog


@pytest.mark.requirement("CL-03", "FR-CC-007.1")
async def test_viewers_get_what_they_may_see_in_the_order_of_the_editor_who_sees_all(stocked: Client) -> None:
    made = await by_hand(stocked)

    assert [edge["node"]["id"] for edge in made["titles"]["edges"]] == [id_of(each) for each in ALL]
    assert (made["version"], made["published"], made["titles"]["totalCount"], made["rule"]) == (1, True, 7, None)
    assert await shown(stocked, id=made["id"]) == [id_of(each) for each in (NIGHT, RIVER, HARBOUR)]
    assert await shown(stocked, slug="rainy-days", viewer=KID) == [id_of(RIVER), id_of(HARBOUR)]
    assert await shown(stocked, id=made["id"], viewer=Viewer(country="US")) == [
        id_of(each) for each in (NIGHT, RIVER, ABROAD, HARBOUR)
    ]


async def test_a_collection_has_names_and_a_description_by_language(stocked: Client) -> None:
    await by_hand(stocked)

    found = (await stocked.data(SHOWN, {"slug": "rainy-days", "first": 0}))["collection"]

    assert (found["name"], found["hindi"], found["description"]) == ("Rainy days", "बारिश के दिन", "For the monsoon.")
    assert found["titles"]["totalCount"] == 3


async def test_a_title_appears_when_its_window_begins(stocked: Client, clock: TurnedClock) -> None:
    own = (await by_hand(stocked))["id"]

    clock.turn(timedelta(hours=1, seconds=-1))
    before = await shown(stocked, id=own)
    clock.turn(timedelta(seconds=1))

    assert await shown(stocked, id=own) == [*before, id_of(SOON)]


@pytest.mark.requirement("FR-CMS-002.1")
async def test_a_collection_that_is_not_published_is_its_editors_alone(stocked: Client) -> None:
    made = await by_hand(stocked, published=False)
    own = made["id"]
    query = """query($id: ID!, $words: String!) {
      titles(filter: {collectionId: $id}) { totalCount edges { node { id } } }
      search(query: $words, filter: {collectionId: $id}) { totalCount }
      _entities(representations: [{__typename: "Collection", id: $id}]) { ... on Collection { name } }
    }"""

    hidden = await stocked.data(query, {"id": own, "words": "river"})

    assert hidden == {"titles": {"totalCount": 0, "edges": []}, "search": {"totalCount": 0}, "_entities": [None]}
    assert await shown(stocked, id=own) is None
    assert await shown(stocked, slug="rainy-days") is None
    assert [edge["node"]["id"] for edge in made["preview"]["titles"]["edges"]] == [
        id_of(each) for each in (NIGHT, RIVER, HARBOUR)
    ]
    assert await told(stocked) == [(1, [])]


async def test_pages_of_a_collection_join_into_the_whole(stocked: Client) -> None:
    own = (await by_hand(stocked))["id"]
    got, after = [], None
    while True:
        page = (await stocked.data(SHOWN, {"id": own, "first": 1, "after": after}))["collection"]["titles"]
        got += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert got == [id_of(each) for each in (NIGHT, RIVER, HARBOUR)]
    other = (await by_hand(stocked, slug="other"))["id"]
    refused = await stocked.ask(SHOWN, {"id": other, "after": after})
    assert [error["extensions"]["cause"] for error in refused.errors] == ["INVALID_CURSOR"]


@pytest.mark.parametrize("first", [2, 20])
async def test_titles_of_any_number_of_collections_are_one_statement(stocked: Client, first: int) -> None:
    ids = [(await by_hand(stocked, slug=f"rainy-{number}"))["id"] for number in range(3)]
    references = [*ids, ids[0], encode_id("Collection", UNKNOWN), "nonsense", encode_id("Movie", UNKNOWN)]

    names = await stocked.entities("Collection", references, "slug")
    titles = await stocked.entities("Collection", ids, f"titles(first: {first}) {{ edges {{ cursor }} }}")

    slugs = [{"slug": f"rainy-{number}"} for number in (0, 1, 2, 0)]
    assert (names.data, names.statements) == ([*slugs, None, None, None], 1)
    # The collections, the places of their titles, the cards of these.
    assert titles.statements == 3
    assert [len(each["titles"]["edges"]) for each in titles.data] == [min(first, 3)] * 3


async def test_a_rule_finds_titles_as_a_filter_does(stocked: Client) -> None:
    made = await upsert(stocked, **RAINY, rule={"kind": ["MOVIE"], "yearFrom": 2020}, sort="NAME_ASC")

    found = await stocked.data(
        "{ titles(filter: {kind: [MOVIE], yearFrom: 2020}, sort: NAME_ASC) { edges { node { id } } } }"
    )
    by_rule = await shown(stocked, id=made["id"])
    again = await shown(stocked, id=made["id"], first=1)
    assert made["rule"] == {"kind": ["MOVIE"], "genre": None, "yearFrom": 2020}
    assert by_rule == [edge["node"]["id"] for edge in found["titles"]["edges"]] == [id_of(NIGHT), id_of(RIVER)]
    assert again == [id_of(NIGHT)]
    assert await shown(stocked, id=made["id"], viewer=KID) == [id_of(RIVER)]
    assert made["titles"]["totalCount"] == 0


@pytest.mark.parametrize("content", [{"titleIds": [id_of(NIGHT), id_of(RIVER)]}, {"rule": {"kind": ["MOVIE"]}}])
async def test_lists_and_searches_can_be_narrowed_to_a_collection(stocked: Client, content: dict[str, Any]) -> None:
    own = (await upsert(stocked, **RAINY, **content))["id"]
    query = """query($id: ID!) {
      titles(filter: {collectionId: $id}, sort: NAME_ASC) { totalCount edges { node { id } } }
      search(query: "river", filter: {collectionId: $id}) { totalCount edges { node { ... on Movie { id } } } }
      other: search(query: "harbour", filter: {collectionId: $id}) { totalCount }
    }"""

    found = await stocked.data(query, {"id": own})

    assert [edge["node"]["id"] for edge in found["titles"]["edges"]] == [id_of(NIGHT), id_of(RIVER)]
    assert found["titles"]["totalCount"] == 2
    assert found["search"] == {"totalCount": 1, "edges": [{"node": {"id": id_of(RIVER)}}]}
    assert found["other"]["totalCount"] == 0


async def test_a_change_sets_only_what_it_names(stocked: Client) -> None:
    made = await by_hand(stocked)
    own = made["id"]

    renamed = await upsert(
        stocked, id=own, expectedVersion=1, translations=[{"locale": "en", "name": "Wet days", "description": ""}]
    )
    ruled = await upsert(stocked, id=own, expectedVersion=2, rule={"genre": ["drama"]}, slug="wet-days")
    unruled = await upsert(stocked, id=own, expectedVersion=3, titleIds=[id_of(RIVER)])

    assert [text["name"] for text in renamed["translations"]] == ["Wet days", "बारिश के दिन"]
    assert renamed["titles"] == made["titles"]
    assert (ruled["slug"], ruled["rule"]["genre"], ruled["titles"]["totalCount"]) == ("wet-days", ["drama"], 0)
    assert (unruled["version"], unruled["rule"], unruled["titles"]["totalCount"]) == (4, None, 1)
    assert await shown(stocked, slug="wet-days") == [id_of(RIVER)]


async def test_a_draft_can_be_put_in_before_viewers_see_it(desk: Desk) -> None:
    draft = await desk.draft()
    made = await upsert(desk.catalog, **RAINY, titleIds=[draft])

    before = await shown(desk.catalog, id=made["id"])
    await desk.publish(draft)

    assert [edge["node"]["id"] for edge in made["titles"]["edges"]] == [draft]
    assert (before, await shown(desk.catalog, id=made["id"])) == ([], [draft])


async def test_of_those_who_want_one_slug_at_the_same_moment_one_gets_it(stocked: Client) -> None:
    given = {**RAINY, "titleIds": []}

    outcomes = await asyncio.gather(*(run(stocked, UPSERT, input=given) for _ in range(6)))

    assert sorted((done["collection"] is not None, done["errors"]) for done in outcomes) == [
        *[(False, [{"code": "SLUG_TAKEN", "path": ["slug"]}])] * 5,
        (True, []),
    ]
    assert len(await told(stocked)) == 1


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"slug": None}, [("REQUIRED_FIELD", "slug")]),
        ({"translations": []}, [("REQUIRED_FIELD", "translations")]),
        ({"titleIds": None}, [("REQUIRED_FIELD", "titleIds")]),
        ({"slug": "Rainy Days"}, [("SLUG_INVALID", "slug")]),
        ({"slug": "x" * 101}, [("SLUG_INVALID", "slug")]),
        ({"slug": "taken"}, [("SLUG_TAKEN", "slug")]),
        ({"translations": [{"locale": "en", "name": "x" * 501}]}, [("NAME_LENGTH", "translations.en.name")]),
        (
            {"translations": [{"locale": "en", "name": "A", "description": "x" * 10_001}]},
            [("DESCRIPTION_LENGTH", "translations.en.description")],
        ),
        ({"rule": {}}, [("TITLES_OR_RULE", "rule")]),
        (
            {"titleIds": None, "rule": {"collectionId": encode_id("Collection", UNKNOWN)}},
            [("RULE_NESTED", "rule.collectionId")],
        ),
        ({"titleIds": [id_of(RIVER), id_of(RIVER)]}, [("TITLE_TWICE", "titleIds.1")]),
        (
            {"titleIds": ["nonsense", encode_id("Movie", UNKNOWN)]},
            [("TITLE_UNKNOWN", "titleIds.0"), ("TITLE_UNKNOWN", "titleIds.1")],
        ),
        ({"titleIds": [encode_id("Show", RIVER.id)]}, [("TITLE_UNKNOWN", "titleIds.0")]),
        ({"titleIds": [id_of(RIVER)] * (MOST_TITLES + 1)}, [("TOO_MANY_TITLES", "titleIds")]),
    ],
)
async def test_a_wrong_collection_is_refused(desk: Desk, given: dict[str, Any], codes: list[tuple[str, str]]) -> None:
    await desk.catalog.store(RIVER)
    await upsert(desk.catalog, **{**RAINY, "slug": "taken", "titleIds": []})
    before = await desk.everything()

    done = await run(desk.catalog, UPSERT, input={**RAINY, "titleIds": [id_of(RIVER)], **given})

    assert [(error["code"], ".".join(error["path"])) for error in done["errors"]] == codes
    assert done["collection"] is None
    assert await desk.everything() == before


async def test_who_has_seen_an_older_version_changes_nothing(desk: Desk) -> None:
    own = (await upsert(desk.catalog, **RAINY, titleIds=[]))["id"]
    await upsert(desk.catalog, id=own, expectedVersion=1, published=False)
    before = await desk.everything()

    stale = await run(desk.catalog, UPSERT, input={"id": own, "expectedVersion": 1, "published": True})
    blind = await run(desk.catalog, UPSERT, input={"id": own, "published": True})
    deleted = await run(desk.catalog, DELETE, id=own, version=1)
    unknown = await run(desk.catalog, DELETE, id=encode_id("Collection", UNKNOWN), version=1)

    codes = [[error["code"] for error in done["errors"]] for done in (stale, blind, deleted, unknown)]
    assert codes == [["VERSION_CONFLICT"], ["REQUIRED_FIELD"], ["VERSION_CONFLICT"], ["COLLECTION_UNKNOWN"]]
    assert await desk.everything() == before


@pytest.mark.requirement("IN-RBAC-2")
@pytest.mark.parametrize("viewer", [ADULT, CREATOR, REVIEWER], ids=["viewer", "creator", "reviewer"])
async def test_only_publishers_and_administrators_keep_collections(desk: Desk, viewer: Viewer) -> None:
    own = (await upsert(desk.catalog, **RAINY, titleIds=[]))["id"]
    before = await desk.everything()

    answers = [
        await desk.catalog.ask(UPSERT, {"input": {**RAINY, "slug": "mine", "titleIds": []}}, viewer=viewer),
        await desk.catalog.ask(DELETE, {"id": own, "version": 1}, viewer=viewer),
    ]

    code = "UNAUTHENTICATED" if viewer is ADULT else "FORBIDDEN"
    assert [[error["extensions"]["code"] for error in answer.errors] for answer in answers] == [[code], [code]]
    assert await desk.everything() == before


async def test_a_deleted_collection_is_gone_and_its_titles_stay(stocked: Client) -> None:
    own = (await by_hand(stocked))["id"]

    done = await run(stocked, DELETE, viewer=ADMIN, id=own, version=1)

    assert (done["errors"], done["collection"]["id"]) == ([], own)
    assert await shown(stocked, id=own) is None
    assert (await told(stocked))[-1] == (2, [])
    says_so = sa.select(outbox_table.c.payload["deleted"].as_boolean()).order_by(outbox_table.c.position)
    changes = says_so.where(outbox_table.c.topic == "catalog.collection_changed")
    async with stocked.database.reading() as session:
        assert (await session.execute(changes)).scalars().all() == [False, True]
    assert (await by_hand(stocked))["id"] != own


async def test_editors_read_all_collections_page_by_page(stocked: Client) -> None:
    for slug in ("c", "a", "b"):
        await by_hand(stocked, slug=slug, published=slug == "a")
    query = """query($after: String) {
      cmsCollections(first: 2, after: $after) { pageInfo { hasNextPage endCursor } edges { node { id slug published } }
      }
    }"""

    first = (await stocked.data(query, viewer=CREATOR))["cmsCollections"]
    rest = (await stocked.data(query, {"after": first["pageInfo"]["endCursor"]}, viewer=CREATOR))["cmsCollections"]

    nodes = [edge["node"] for edge in [*first["edges"], *rest["edges"]]]
    assert [(node["slug"], node["published"]) for node in nodes] == [("a", True), ("b", False), ("c", False)]
    one = "query($id: ID!) { cmsCollection(id: $id) { slug } }"
    assert (await stocked.data(one, {"id": nodes[1]["id"]}, viewer=CREATOR))["cmsCollection"] == {"slug": "b"}
    assert (await stocked.data(one, {"id": encode_id("Collection", UNKNOWN)}, viewer=CREATOR))["cmsCollection"] is None
    for asked in (query, one.replace("$id: ID!", f'$id: ID! = "{nodes[1]["id"]}"')):
        assert [error["extensions"]["code"] for error in (await stocked.ask(asked)).errors] == ["UNAUTHENTICATED"]


async def test_others_are_told_of_every_change_and_of_what_a_rule_finds_later(stocked: Client) -> None:
    own = (await upsert(stocked, **RAINY, rule={"genre": ["comedy"]}))["id"]
    await upsert(stocked, id=own, expectedVersion=1, slug="wet-days")
    comedy = movie("Puddles", genres=(KNOWN_GENRES["comedy"],))
    async with stocked.database.writing() as session:
        unchanged = await refresh_rules(session, now=NOW)

    await stocked.store(comedy)
    async with stocked.database.writing() as session:
        changed = [await refresh_rules(session, now=NOW), await refresh_rules(session, now=NOW)]

    assert (unchanged, changed) == (0, [1, 0])
    assert await told(stocked) == [(1, []), (2, []), (3, [id_of(comedy)])]
