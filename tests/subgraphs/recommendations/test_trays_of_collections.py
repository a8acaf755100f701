"""Trays in which collections stand: what curators put there, and who gets to see which."""

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from subgraphs.recommendations.service import Batches, CollectedTitles
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import Database
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.recommendations.catalogue import NOW, movie, title_id
from tests.subgraphs.recommendations.conftest import TurnedClock
from tests.subgraphs.recommendations.support import ask
from tests.subgraphs.recommendations.test_curating import KID, UPSERT, everything, run, upsert


def collection_id(name: str) -> str:
    return encode_id("Collection", uuid5(NAMESPACE_URL, name))


FOR_ALL, FOR_ADULTS, ABROAD, SOON, HIDDEN, EMPTY = (
    collection_id(name) for name in ("for all", "for adults", "abroad", "soon", "hidden", "empty")
)
EVERY = [HIDDEN, SOON, FOR_ADULTS, ABROAD, FOR_ALL]
"""In the order of the tray. Nobody gets the first one, since all its titles are hidden."""
TRAY: dict[str, Any] = {
    "page": "HOME",
    "position": 45,
    "layout": "LANDSCAPE",
    "source": "COLLECTIONS",
    "collectionIds": EVERY,
    "headings": [{"locale": "en", "text": "For every mood"}],
}
PAGE = """query($slug: PageSlug! = HOME) { page(slug: $slug) { trays(first: 100) { edges { node {
  id kind layout items(first: 100) { edges { rank reason { kind }
    node { __typename ... on CollectionItem { collection { id } } } } } } } } } }"""
TRAY_ITEMS = """query($id: ID!, $first: Int!, $after: String) { tray(id: $id) { items(first: $first, after: $after) {
  edges { cursor node { ... on CollectionItem { collection { id } } } } pageInfo { hasNextPage endCursor } } } }"""


@pytest.fixture(name="curated")
async def _curated(filled: Batches) -> Batches:
    """The small catalogue with collections for everybody, for adults, for another country, for later, for nobody."""
    await filled.project_titles(
        [
            movie(12, version=2, countries=["US"]),
            movie(18, version=2, available_from=NOW + timedelta(minutes=5)),
            movie(24, version=2, published=False),
        ]
    )
    await filled.project_collections(
        [
            CollectedTitles(FOR_ALL, 1, [title_id(24), title_id(5), title_id(0), title_id(6)]),
            CollectedTitles(FOR_ADULTS, 1, [title_id(4), title_id(5)]),
            CollectedTitles(ABROAD, 1, [title_id(12)]),
            CollectedTitles(SOON, 1, [title_id(18)]),
            CollectedTitles(HIDDEN, 1, [title_id(24)]),
            CollectedTitles(EMPTY, 1, []),
        ]
    )
    return filled


async def shown(app: SubgraphApp, viewer: Viewer = ANONYMOUS, *, page: str = "HOME") -> list[list[str]]:
    """Return the collections of each tray that has some, as the viewer gets the page."""
    trays = (await ask(app, viewer, PAGE, slug=page))["page"]["trays"]["edges"]
    found = [
        [edge["node"]["collection"]["id"] for edge in tray["node"]["items"]["edges"] if "collection" in edge["node"]]
        for tray in trays
    ]
    return [each for each in found if each]


@pytest.mark.requirement("IN-RM-2")
async def test_collections_stand_in_a_tray_in_the_curators_order(app: SubgraphApp, curated: Batches) -> None:
    made = await upsert(app, **TRAY)

    trays = (await ask(app, ANONYMOUS, PAGE))["page"]["trays"]["edges"]
    [tray] = [each["node"] for each in trays if each["node"]["id"] == made["id"]]
    assert (made["argument"], made["collection"], made["kind"]) == (None, None, "EDITORIAL")
    assert made["collections"] == [{"id": each} for each in EVERY]
    assert (tray["kind"], tray["layout"]) == ("EDITORIAL", "LANDSCAPE")
    assert tray["items"]["edges"] == [
        {
            "rank": rank,
            "reason": {"kind": "EDITORIAL"},
            "node": {"__typename": "CollectionItem", "collection": {"id": own}},
        }
        for rank, own in enumerate([FOR_ADULTS, FOR_ALL], start=1)
    ]


@pytest.mark.requirement("FR-CC-007.1", "FR-CMS-002.1")
async def test_a_collection_is_shown_to_whoever_may_see_one_of_its_titles(
    app: SubgraphApp, curated: Batches, clock: TurnedClock
) -> None:
    await upsert(app, **TRAY)
    await upsert(app, **{**TRAY, "page": "KIDS"})

    assert await shown(app) == [[FOR_ADULTS, FOR_ALL]]
    assert await shown(app, Viewer(country="US")) == [[FOR_ADULTS, ABROAD, FOR_ALL]]
    assert await shown(app, Viewer(maturity_limit=MaturityRating.UA_13)) == [[FOR_ALL]]
    assert await shown(app, KID) == [[FOR_ALL]]
    assert await shown(app, page="KIDS") == [[FOR_ALL]]
    clock.turn(timedelta(minutes=5, seconds=-1))
    assert await shown(app) == [[FOR_ADULTS, FOR_ALL]]
    clock.turn(timedelta(seconds=1))
    assert await shown(app) == [[SOON, FOR_ADULTS, FOR_ALL]]


async def test_a_collection_goes_with_what_viewers_see_of_it_and_comes_back(app: SubgraphApp, curated: Batches) -> None:
    own = (await upsert(app, **{**TRAY, "collectionIds": [FOR_ALL, FOR_ADULTS]}))["id"]
    before = await shown(app)

    await curated.project_collections([CollectedTitles(FOR_ALL, 2, [])])
    withdrawn = await shown(app)
    await curated.project_titles([movie(number, version=3, published=False) for number in (4, 5)])
    hidden = await shown(app)
    gone = (await ask(app, ANONYMOUS, TRAY_ITEMS, id=own, first=10))["tray"]
    await curated.project_collections([CollectedTitles(FOR_ALL, 3, [title_id(0)])])

    assert (before, withdrawn, hidden, gone) == ([[FOR_ALL, FOR_ADULTS]], [[FOR_ADULTS]], [], None)
    assert await shown(app) == [[FOR_ALL]]


async def test_a_collection_that_was_deleted_is_taken_out_of_trays(app: SubgraphApp, curated: Batches) -> None:
    own = (await upsert(app, **TRAY))["id"]
    other = (await upsert(app, **{**TRAY, "page": "MOVIES", "collectionIds": [ABROAD]}))["id"]
    alone = (await upsert(app, **{**TRAY, "page": "SHOWS", "collectionIds": [FOR_ALL]}))["id"]
    gone = CollectedTitles(FOR_ALL, 2, [], is_deleted=True)

    await curated.project_collections([gone])
    await curated.project_collections([gone])

    moved = [await upsert(app, id=tray, expectedVersion=2, position=46) for tray in (own, alone)]
    untouched = await upsert(app, id=other, expectedVersion=1, position=46)
    assert [[each["id"] for each in tray["collections"]] for tray in (*moved, untouched)] == [EVERY[:-1], [], [ABROAD]]
    assert await shown(app) == [[FOR_ADULTS]]
    assert await shown(app, page="SHOWS") == []


async def test_size_and_least_number_count_collections_that_the_viewer_gets(app: SubgraphApp, curated: Batches) -> None:
    made = await upsert(app, **TRAY, size=1)
    first = await shown(app)

    await upsert(app, id=made["id"], expectedVersion=1, size=4, minItems=2)

    assert first == [[FOR_ADULTS]]
    assert await shown(app) == [[FOR_ADULTS, FOR_ALL]]
    assert await shown(app, KID) == []


async def test_pages_of_a_tray_of_collections_join_into_the_whole(app: SubgraphApp, curated: Batches) -> None:
    own = (await upsert(app, **TRAY))["id"]

    first = (await ask(app, ANONYMOUS, TRAY_ITEMS, id=own, first=1))["tray"]["items"]
    rest = (await ask(app, ANONYMOUS, TRAY_ITEMS, id=own, first=5, after=first["pageInfo"]["endCursor"]))["tray"]

    assert [edge["node"]["collection"]["id"] for edge in first["edges"]] == [FOR_ADULTS]
    assert [edge["node"]["collection"]["id"] for edge in rest["items"]["edges"]] == [FOR_ALL]
    assert (first["pageInfo"]["hasNextPage"], rest["items"]["pageInfo"]["hasNextPage"]) == (True, False)


async def test_a_tray_of_collections_costs_a_page_no_statement_more(
    app: SubgraphApp, curated: Batches, database: Database
) -> None:
    with count_statements() as without:
        await shown(app)
    await upsert(app, **TRAY)

    with count_statements() as ranked:
        await shown(app)
    with count_statements() as kept:
        await shown(app)

    assert without[f"postgres:{database.name}"] == ranked[f"postgres:{database.name}"] == 1
    assert kept == {"redis": 1}


async def test_a_change_replaces_the_collections_or_leaves_them(app: SubgraphApp, curated: Batches) -> None:
    made = await upsert(app, **TRAY)

    moved = await upsert(app, id=made["id"], expectedVersion=1, position=50)
    replaced = await upsert(app, id=made["id"], expectedVersion=2, collectionIds=[FOR_ALL])
    refilled = await upsert(app, id=made["id"], expectedVersion=3, source="TRENDING")

    assert moved["collections"] == made["collections"]
    assert (replaced["source"], replaced["collections"]) == ("COLLECTIONS", [{"id": FOR_ALL}])
    assert (refilled["kind"], refilled["collections"]) == ("TRENDING", None)


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"collectionIds": None}, [("REQUIRED_FIELD", "collectionIds")]),
        ({"collectionIds": []}, [("LIST_LENGTH", "collectionIds")]),
        ({"collectionIds": [FOR_ALL] * 101}, [("LIST_LENGTH", "collectionIds")]),
        ({"collectionIds": [FOR_ALL, FOR_ADULTS, FOR_ALL]}, [("COLLECTION_TWICE", "collectionIds.2")]),
        (
            {"collectionIds": [title_id(0), FOR_ALL, "nonsense", ""]},
            [("INVALID_ID", f"collectionIds.{place}") for place in (0, 2, 3)],
        ),
        (
            {"collectionIds": [FOR_ALL, EMPTY, collection_id("of nobody")]},
            [("COLLECTION_UNKNOWN", "collectionIds.1"), ("COLLECTION_UNKNOWN", "collectionIds.2")],
        ),
        ({"argument": FOR_ALL}, [("ARGUMENT_UNUSED", "argument")]),
        ({"source": "TRENDING"}, [("ARGUMENT_UNUSED", "collectionIds")]),
        ({"source": "COLLECTION", "argument": FOR_ALL}, [("ARGUMENT_UNUSED", "collectionIds")]),
    ],
)
async def test_wrong_collections_are_refused(
    app: SubgraphApp, curated: Batches, database: Database, given: dict[str, Any], codes: list[tuple[str, str]]
) -> None:
    before = await everything(database)

    done = await run(app, UPSERT, input={**TRAY, **given})

    assert [(error["code"], ".".join(error["path"])) for error in done["errors"]] == codes
    assert done["tray"] is None
    assert await everything(database) == before


async def test_a_tray_keeps_what_it_has_when_a_change_is_refused(
    app: SubgraphApp, curated: Batches, database: Database
) -> None:
    made = await upsert(app, **TRAY)
    before = await everything(database)

    done = await run(app, UPSERT, input={"id": made["id"], "expectedVersion": 1, "collectionIds": [EMPTY]})

    assert [error["code"] for error in done["errors"]] == ["COLLECTION_UNKNOWN"]
    assert await everything(database) == before
