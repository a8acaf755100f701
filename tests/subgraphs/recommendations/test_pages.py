"""Pages, trays and items as viewers get them."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import redis

from subgraphs.recommendations.service import Batches, Entitlement
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.recommendations.catalogue import FEATURES, NOW, movie, profile_id, title_id, user_id
from tests.subgraphs.recommendations.conftest import TurnedClock
from tests.subgraphs.recommendations.support import viewer as viewer_of
from tests.subgraphs.recommendations.support import watch

HOME = """
query Home($slug: PageSlug! = HOME, $trays: Int! = 10, $items: Int! = 10, $afterTray: String, $afterItem: String) {
  page(slug: $slug) {
    id slug degraded refreshAfter
    trays(first: $trays, after: $afterTray) {
      pageInfo { hasNextPage endCursor }
      edges { cursor node {
        id kind layout heading isPersonalised trackingToken reason { kind text }
        items(first: $items, after: $afterItem) {
          pageInfo { hasNextPage hasPreviousPage endCursor }
          edges { cursor rank trackingToken reason { kind text because { id } } node {
            __typename ... on TitleItem { title { id } } ... on AdItem { slot { id } }
          } }
        }
      } }
    }
  }
}
"""
ASHA = viewer_of("asha", profile_locale="hi")
KID = viewer_of("asha", profile_id=profile_id("kid"), maturity_limit=MaturityRating.UA_7, is_kids=True)


async def home(app: SubgraphApp, viewer: Viewer, **variables: object) -> dict[str, Any]:
    response = await app.execute_as(viewer, HOME, variables=variables)
    assert "errors" not in response, response
    page: dict[str, Any] = response["data"]["page"]
    return page


def trays_of(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in page["trays"]["edges"]]


def titles_of(tray: dict[str, Any]) -> list[str]:
    return [edge["node"]["title"]["id"] for edge in tray["items"]["edges"] if "title" in edge["node"]]


def slots_of(page: dict[str, Any]) -> list[tuple[int, int]]:
    """Return tray number and rank of every ad slot."""
    return [
        (number, edge["rank"])
        for number, tray in enumerate(trays_of(page), start=1)
        for edge in tray["items"]["edges"]
        if edge["node"]["__typename"] == "AdItem"
    ]


@pytest.mark.requirement("IN-RM-2")
@pytest.mark.parametrize("viewer", [ANONYMOUS, ASHA, KID, Viewer(maturity_limit=MaturityRating.UA_13)])
async def test_every_viewer_gets_at_least_eight_full_trays(app: SubgraphApp, filled: Batches, viewer: Viewer) -> None:
    page = await home(app, viewer)

    full = [tray for tray in trays_of(page) if len(tray["items"]["edges"]) == 10]
    assert len(full) >= 8
    assert page["degraded"] is False


async def test_headings_follow_the_locale(app: SubgraphApp, filled: Batches) -> None:
    english = await home(app, ANONYMOUS, trays=2, items=0)
    hindi = await home(app, ASHA, trays=2, items=0)

    assert [tray["heading"] for tray in trays_of(english)] == ["Trending now", "New releases"]
    assert [tray["heading"] for tray in trays_of(hindi)] == ["अभी ट्रेंडिंग", "नई रिलीज़"]


@pytest.mark.parametrize("limit", list(MaturityRating))
@pytest.mark.parametrize("slug", ["HOME", "MOVIES", "SHOWS", "KIDS"])
async def test_nothing_above_the_limit_on_any_page(
    app: SubgraphApp, filled: Batches, limit: MaturityRating, slug: str
) -> None:
    viewer = Viewer(user_id=user_id("a"), profile_id=profile_id("limited"), maturity_limit=limit)
    await watch(filled, "limited", title_id(4), title_id(5))

    page = await home(app, viewer, slug=slug, trays=100, items=100)

    highest = min(limit.age_floor, 7) if slug == "KIDS" else limit.age_floor
    shown = {title for tray in trays_of(page) for title in titles_of(tray)}
    assert shown
    assert max(FEATURES[title].age_floor for title in shown) <= highest


async def test_pages_of_movies_and_shows_keep_to_their_kind(app: SubgraphApp, filled: Batches) -> None:
    kinds = {}
    for slug in ("MOVIES", "SHOWS"):
        page = await home(app, ANONYMOUS, slug=slug, trays=100, items=100)
        kinds[slug] = {FEATURES[title].kind for tray in trays_of(page) for title in titles_of(tray)}

    assert kinds == {"MOVIES": {"MOVIE"}, "SHOWS": {"SHOW"}}


async def test_ad_slots_are_for_free_viewers_only(app: SubgraphApp, filled: Batches) -> None:
    await filled.project_entitlements([Entitlement(user_id("rich"), Tier.PREMIUM, 2, NOW + timedelta(days=9))])
    premium = Viewer(user_id=user_id("rich"), profile_id=profile_id("rich"))

    anonymous, free, paying, kid = [await home(app, viewer) for viewer in (ANONYMOUS, ASHA, premium, KID)]
    kids_page = await home(app, ANONYMOUS, slug="KIDS")

    assert slots_of(anonymous) == slots_of(free) == [(2, 5)]
    assert slots_of(paying) == slots_of(kid) == slots_of(kids_page) == []


async def test_a_lapsed_subscription_brings_the_ad_slot_back(
    app: SubgraphApp, filled: Batches, clock: TurnedClock
) -> None:
    until = NOW + timedelta(minutes=30)
    await filled.project_entitlements([Entitlement(user_id("asha"), Tier.PREMIUM, 1, until)])
    before = await home(app, ASHA)
    clock.turn(timedelta(minutes=30))

    after = await home(app, ASHA)

    assert slots_of(before) == []
    assert slots_of(after) == [(2, 5)]


async def test_an_ad_slot_keeps_its_id(app: SubgraphApp, filled: Batches) -> None:
    def slot(page: dict[str, Any]) -> str:
        return str(trays_of(page)[1]["items"]["edges"][4]["node"]["slot"]["id"])

    first = slot(await home(app, ANONYMOUS))
    await filled.compute_trending()
    again = slot(await home(app, ASHA))

    assert first == again


async def test_items_page_through_a_tray_without_gap_or_repetition(app: SubgraphApp, filled: Batches) -> None:
    whole = trays_of(await home(app, ANONYMOUS, trays=2, items=100))[1]["items"]["edges"]
    seen: list[Any] = []
    cursor = None
    tray_query = """query Tray($id: ID!, $after: String) { tray(id: $id) { items(first: 3, after: $after) {
        pageInfo { hasNextPage endCursor } edges { rank node { ... on TitleItem { title { id } } } } } } }"""
    tray = trays_of(await home(app, ANONYMOUS, trays=2))[1]["id"]

    for _ in range(20):
        response = await app.execute_as(ANONYMOUS, tray_query, variables={"id": tray, "after": cursor})
        items = response["data"]["tray"]["items"]
        seen.extend(items["edges"])
        cursor = items["pageInfo"]["endCursor"]
        if not items["pageInfo"]["hasNextPage"]:
            break

    assert [edge["rank"] for edge in seen] == list(range(1, len(whole) + 1)) == list(range(1, 42))
    assert [edge["node"].get("title") for edge in seen] == [edge["node"].get("title") for edge in whole]


async def test_trays_page_without_gap_or_repetition(app: SubgraphApp, filled: Batches) -> None:
    whole = [tray["id"] for tray in trays_of(await home(app, ANONYMOUS, trays=100, items=0))]
    first = await home(app, ANONYMOUS, trays=3, items=0)

    rest = await home(app, ANONYMOUS, trays=100, items=0, afterTray=first["trays"]["pageInfo"]["endCursor"])

    assert [tray["id"] for tray in trays_of(first) + trays_of(rest)] == whole
    assert first["trays"]["pageInfo"]["hasNextPage"] is True
    assert rest["trays"]["pageInfo"]["hasNextPage"] is False


async def test_a_cursor_of_another_tray_is_refused(app: SubgraphApp, filled: Batches) -> None:
    trays = trays_of(await home(app, ANONYMOUS, trays=2))
    foreign = trays[0]["items"]["pageInfo"]["endCursor"]

    response = await app.execute_as(
        ANONYMOUS,
        "query T($id: ID!, $after: String) { tray(id: $id) { id items(after: $after) { edges { rank } } } }",
        variables={"id": trays[1]["id"], "after": foreign},
    )

    assert [error["extensions"]["cause"] for error in response["errors"]] == ["INVALID_CURSOR"]
    assert response["data"]["tray"] is None


@pytest.mark.parametrize("first", [-1, 101])
async def test_page_sizes_are_bounded(app: SubgraphApp, filled: Batches, first: int) -> None:
    response = await app.execute_as(ANONYMOUS, HOME, variables={"items": first})

    assert {error["extensions"]["cause"] for error in response["errors"]} == {"PAGE_SIZE"}


async def test_a_title_leaves_the_rows_when_its_window_ends(
    app: SubgraphApp, batches: Batches, clock: TurnedClock
) -> None:
    ends = NOW + timedelta(hours=1)
    await batches.project_titles([movie(1, available_until=ends), movie(2), movie(3, available_from=ends)])
    before = titles_of(trays_of(await home(app, ANONYMOUS))[0])
    clock.turn(timedelta(hours=1))

    with count_statements() as statements:
        after = titles_of(trays_of(await home(app, ANONYMOUS))[0])

    assert set(before) == {title_id(1), title_id(2)}
    assert set(after) == {title_id(2), title_id(3)}
    assert dict(statements) == {"redis": 1}


async def test_a_title_of_other_countries_is_not_shown(app: SubgraphApp, batches: Batches) -> None:
    await batches.project_titles([movie(1, countries=["US"]), movie(2, countries=["IN", "US"]), movie(3)])

    india = titles_of(trays_of(await home(app, Viewer(country="IN")))[0])
    america = titles_of(trays_of(await home(app, Viewer(country="US")))[0])

    assert set(india) == {title_id(2), title_id(3)}
    assert set(america) == {title_id(1), title_id(2), title_id(3)}


async def test_an_unpublished_or_stricter_title_leaves_the_rows_at_once(app: SubgraphApp, filled: Batches) -> None:
    gone = titles_of(trays_of(await home(app, KID))[0])[:2]
    changed = [
        movie(1, title_id=gone[0], version=2, published=False),
        movie(1, title_id=gone[1], version=2, maturity_rating=MaturityRating.A),
    ]

    await filled.project_titles(changed)

    shown = {title for tray in trays_of(await home(app, KID, trays=100, items=100)) for title in titles_of(tray)}
    assert not shown & set(gone)


@pytest.mark.parametrize("viewer", [ANONYMOUS, ASHA], ids=["anonymous", "personal"])
async def test_a_warm_page_costs_one_round_trip_whatever_its_size(
    app: SubgraphApp, filled: Batches, viewer: Viewer
) -> None:
    await watch(filled, "asha", title_id(4), title_id(8))
    await home(app, viewer)

    counts = []
    for size in (2, 20):
        with count_statements() as statements:
            await home(app, viewer, trays=size, items=size)
        counts.append(dict(statements))

    assert counts == [{"redis": 1}, {"redis": 1}]


async def test_a_cold_page_is_ranked_in_one_statement_and_kept(app: SubgraphApp, filled: Batches) -> None:
    with count_statements() as cold:
        await home(app, ANONYMOUS)
    with count_statements() as cold_personal:
        await home(app, ASHA)

    assert dict(cold) == {"redis": 3, "postgres:" + database_name(app, cold): 1}
    assert cold_personal["redis"] == 3
    assert sum(cold_personal.values()) == 3 + 2


async def test_whoever_waits_for_a_cold_page_shares_one_ranking(app: SubgraphApp, filled: Batches) -> None:
    with count_statements() as statements:
        pages = await asyncio.gather(*(home(app, ANONYMOUS, trays=2, items=2) for _ in range(10)))

    assert statements["postgres:" + database_name(app, statements)] == 1
    assert all(page == pages[0] for page in pages)


def database_name(app: SubgraphApp, statements: Any) -> str:
    return str(next(name.partition(":")[2] for name in statements if name.startswith("postgres:")))


async def test_a_lost_cache_loses_nothing(app: SubgraphApp, filled: Batches, redis_url: str) -> None:
    await watch(filled, "asha", title_id(4), title_id(8))
    before = await home(app, ASHA, trays=100, items=100)
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()

    after = await home(app, ASHA, trays=100, items=100)

    assert {**after, "refreshAfter": None} == {**before, "refreshAfter": None}
    assert after["degraded"] is False


async def test_two_profiles_of_an_account_never_share_rows(app: SubgraphApp, filled: Batches) -> None:
    other = Viewer(user_id=ASHA.user_id, profile_id=profile_id("ravi"))
    await watch(filled, "asha", title_id(4), title_id(8))

    asha, ravi = await home(app, ASHA), await home(app, other)

    assert {tray["isPersonalised"] for tray in trays_of(asha)} == {True, False}
    assert {tray["isPersonalised"] for tray in trays_of(ravi)} == {False}


async def test_pages_of_trays_that_are_kept_are_those_that_nobody_kept(app: SubgraphApp, filled: Batches) -> None:
    await watch(filled, "asha", title_id(4), title_id(8))
    viewers = [ANONYMOUS, ASHA, replace(ASHA, profile_locale=None), KID, Viewer(country="DE"), viewer_of("ravi")]
    asked: list[dict[str, Any]] = [{}, {"trays": 3, "items": 2}, {"trays": 4, "items": 2}]
    schema: Any = app.schema
    schema.__dict__["compiled_operations"], compiled = None, schema.compiled_operations
    try:
        expected = [[await home(app, viewer, **each) for each in asked] for viewer in viewers]
    finally:
        schema.__dict__["compiled_operations"] = compiled
    app.compile_known([HOME])

    for _ in range(2):
        assert [[await home(app, viewer, **each) for each in asked] for viewer in viewers] == expected

    assert len({repr(pages) for pages in expected}) > 3
    assert compiled.statistics.compiled_runs >= 2 * len(viewers) * len(asked)


async def test_a_tray_resolves_by_its_id_for_whom_it_is(app: SubgraphApp, filled: Batches) -> None:
    await watch(filled, "asha", title_id(4))
    because = next(tray for tray in trays_of(await home(app, ASHA)) if tray["kind"] == "BECAUSE_YOU_WATCHED")
    query = "query T($id: ID!) { tray(id: $id) { id heading } }"

    own = await app.execute_as(ASHA, query, variables={"id": because["id"]})
    foreign = await app.execute_as(ANONYMOUS, query, variables={"id": because["id"]})

    assert own["data"]["tray"] == {"id": because["id"], "heading": "क्योंकि आपने फ़िल्म 4 देखा"}
    assert foreign == {"data": {"tray": None}}
