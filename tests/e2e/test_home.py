"""The home page in one query: what it returns, what it costs, and that nobody sees what is another's."""

from collections import Counter

import pytest

from subgraphs.shared.telemetry import count_statements
from tests.e2e.home_page import HOME, begin_a_film, cards_of, edges_of, slots_of, trays_of
from tests.e2e.platform import Platform

HOME_CALLS = {
    "users": 1,
    "recommendations": 1,
    "activity": 1,
    "billing": 1,
    "ads": 1,
    "catalog": 2,  # the cards of the trays, and those of continue watching, which activity names
    "playback": 1,
}


@pytest.mark.requirement("IN-RM-2")
async def test_answers_eight_trays_of_ten_complete_cards_in_one_request(platform: Platform) -> None:
    await begin_a_film(platform, platform.token("viewer"))

    data = await platform.data(HOME, token=platform.token("viewer"))

    trays = trays_of(data)
    full = [tray for tray in trays if len(edges_of(tray)) == 10]
    assert len(full) >= 8
    assert all(edge["reason"]["text"] for tray in full for edge in edges_of(tray) if "title" in edge["node"])
    for card in cards_of(data):
        assert card["name"]
        assert card["poster"][0]["url"]
        assert card["thumbnail"][0]["url"]
        assert card["genres"]
        assert card["access"]["reason"] in {"FREE", "UPGRADE_REQUIRED"}
        assert card["inWatchlist"] in {True, False}
        assert card["myRating"] in {-1, 0, 1}
    assert any(card["progress"] for card in cards_of(data))
    assert data["page"]["degraded"] is False
    assert data["viewer"]["profile"]["name"] == "Asha"


async def test_a_free_viewer_gets_an_ad_and_a_subscriber_none(platform: Platform) -> None:
    free = await platform.data(HOME, token=platform.token("viewer"))
    anonymous = await platform.data(HOME)
    premium = await platform.data(HOME, token=platform.token("annual"))

    assert [bool(slot["decision"]["creative"]["mediaUrl"]) for slot in slots_of(free)] == [True]
    assert [bool(slot["decision"]["creative"]["mediaUrl"]) for slot in slots_of(anonymous)] == [True]
    assert slots_of(premium) == []
    assert {card["access"]["reason"] for card in cards_of(premium)} <= {"FREE", "SUBSCRIPTION"}
    assert {card["access"]["withAds"] for card in cards_of(premium)} == {False}


@pytest.mark.requirement("IN-B-02")
async def test_speaks_the_language_of_the_profile(platform: Platform) -> None:
    data = await platform.data(HOME, token=platform.token("family", profile=1))

    assert data["viewer"]["profile"]["language"] == "hi"
    texts = [tray["heading"] for tray in trays_of(data)] + [card["name"] for card in cards_of(data)]
    assert all(any("\u0900" <= letter <= "\u097f" for letter in text) for text in texts)


async def test_costs_one_call_per_subgraph_and_the_same_statements_for_every_page_size(platform: Platform) -> None:
    token = platform.token("viewer")
    # Plans, read models and the metadata of all titles are warm from here on.
    await platform.data(HOME, {"items": 20}, token=token)

    costs = []
    for items in (5, 10, 20):
        platform.calls.clear()
        with count_statements() as statements:
            await platform.data(HOME, {"items": items}, token=token)
        costs.append((dict(Counter(platform.calls)), dict(statements)))

    assert costs[0][0] == HOME_CALLS
    assert costs[0][1] == HOME_STATEMENTS
    assert costs[1:] == [costs[0], costs[0]]


HOME_STATEMENTS = {
    "postgres:users": 1,
    "postgres:catalog": 3,
    "postgres:playback": 1,
    "postgres:billing": 1,
    "postgres:ads": 1,
    "redis": 4,
}
"""No MongoDB: what a profile did is served from Valkey (docs/architecture.md, Data)."""


@pytest.mark.requirement("FR-UM-003.3")
async def test_two_profiles_of_one_account_never_mix(platform: Platform) -> None:
    meera, arjun = platform.token("family", profile=0), platform.token("family", profile=2)
    mine = await platform.data(HOME, token=meera)
    title = next(card["id"] for card in cards_of(mine) if not card["inWatchlist"])
    before = await platform.data(PRIVATE, {"id": title}, token=arjun)

    await platform.data(KEEP, {"id": title}, token=meera)

    assert (await platform.data(PRIVATE, {"id": title}, token=arjun)) == before
    assert (await platform.data(PRIVATE, {"id": title}, token=meera))["title"]["inWatchlist"] is True
    others = mine["viewer"]["profile"]["id"]
    answer = await platform.send(OTHER_PROFILE, {"id": others}, token=arjun)
    assert answer["data"]["node"] == {"continueWatching": None, "watchlist": None, "history": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"] * 3


PRIVATE = """query Private($id: ID!) {
  title(id: $id) { inWatchlist myRating progress { percent } }
  viewer { profile {
    continueWatching(first: 20) { edges { node { title { id } percent } } }
    watchlist(first: 100) { totalCount edges { node { id } } }
    history(first: 100) { edges { node { id completionPercent } } }
    recommendations(first: 20) { edges { node { id } reason { kind } } }
  } }
}"""

KEEP = """mutation Keep($id: ID!) {
  watchlistAdd(titleId: $id) { errors { code } }
  titleRate(titleId: $id, value: 1) { errors { code } }
}"""

OTHER_PROFILE = """query Other($id: ID!) {
  node(id: $id) { ... on Profile {
    continueWatching { edges { cursor } } watchlist { totalCount } history { edges { cursor } }
  } }
}"""


@pytest.mark.requirement("IN-RM-2")
async def test_the_seeded_collection_has_a_tray_among_the_first_for_everybody(platform: Platform) -> None:
    collection = '{ collection(slug: "rainy-days") { name titles(first: 10) { totalCount edges { node { id } } } } }'
    rainy = (await platform.data(collection))["collection"]

    pages = [await platform.data(HOME, token=token) for token in (None, platform.token("viewer"))]

    wanted = [edge["node"]["id"] for edge in rainy["titles"]["edges"]]
    assert (rainy["name"], rainy["titles"]["totalCount"], len(wanted)) == ("For rainy days", 12, 10)
    for page in pages:
        [tray] = [tray for tray in trays_of(page) if tray["kind"] == "EDITORIAL"]
        assert tray["heading"] == "For rainy days"
        assert [edge["node"]["title"]["id"] for edge in edges_of(tray)] == wanted


SHELF = """mutation Shelf($collection: ID!) {
  trayUpsert(input: {
    page: SHOWS, position: 9000, layout: LANDSCAPE, source: COLLECTIONS, collectionIds: [$collection],
    headings: [{locale: "en", text: "More to see"}]
  }) { tray { id version collections { name } } errors { code } }
}"""
AWAY = """mutation Away($id: ID!, $version: Int!) {
  trayDelete(id: $id, expectedVersion: $version) { errors { code } }
}"""
SHELVES = """{ page(slug: SHOWS) { trays(first: 100) { edges { node { heading items(first: 5) { edges { node {
  __typename ... on CollectionItem { collection { name titles(first: 1) { totalCount } } } } } } } } } } }"""
FOUND = """{
  search(query: "for rainy days", first: 1) { edges { node { __typename ... on Collection { id name } } } }
  searchSuggestions(prefix: "for rai", first: 1) { text hit { __typename } }
}"""


@pytest.mark.requirement("IN-RM-2", "FR-CC-006.2")
async def test_the_seeded_collection_is_found_and_stands_in_a_tray_of_collections(platform: Platform) -> None:
    curator = platform.token("admin")
    found = await platform.data(FOUND)
    [edge] = found["search"]["edges"]

    made = (await platform.data(SHELF, token=curator, variables={"collection": edge["node"]["id"]}))["trayUpsert"]
    page = await platform.data(SHELVES)
    tray = made["tray"]
    gone = await platform.data(AWAY, token=curator, variables={"id": tray["id"], "version": tray["version"]})

    assert (edge["node"]["__typename"], edge["node"]["name"]) == ("Collection", "For rainy days")
    assert found["searchSuggestions"] == [{"text": "For rainy days", "hit": {"__typename": "Collection"}}]
    assert (made["errors"], tray["collections"], gone["trayDelete"]["errors"]) == ([], [{"name": "For rainy days"}], [])
    [shelf] = [each for each in trays_of(page) if each["heading"] == "More to see"]
    item = {"__typename": "CollectionItem", "collection": {"name": "For rainy days", "titles": {"totalCount": 12}}}
    assert shelf["items"]["edges"] == [{"node": item}]
