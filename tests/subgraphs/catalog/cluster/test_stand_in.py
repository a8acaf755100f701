"""The catalog with a search cluster: chosen by settings, and PostgreSQL standing in while it is down."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.catalog.app import create_app
from subgraphs.catalog.config import Settings
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.service.engines import open_feed
from subgraphs.catalog.service.search_engine import PostgresSearch, SearchWithStandIn
from subgraphs.shared.postgres import Database
from tests.subgraphs.catalog.cluster.support import FILMS, INDEX, Bench, quietly
from tests.subgraphs.catalog.support import Client, TurnedClock
from tests.subgraphs.catalog.test_search_contract import ADULT, EVERYTHING
from tests.support.search_cluster import FakeCluster

SEARCH = """query($q: String!, $n: Int! = 20, $after: String) { search(query: $q, first: $n, after: $after) {
  edges { node { ... on Title { name } ... on Person { name } } } degraded totalCount
  facets { field } pageInfo { hasNextPage endCursor }
}}"""


@pytest.fixture
def with_cluster(settings: Settings, fake: FakeCluster) -> Settings:
    return settings.model_copy(update={"search_url": fake.url, "search_index": INDEX, "search_timeout_seconds": 30.0})


@pytest.fixture
async def platform(with_cluster: Settings, clock: TurnedClock) -> AsyncIterator[Client]:
    """The catalog, whose settings name the cluster, with the films in its index."""
    database = Database(with_cluster.database_url, with_cluster.catalog_database, pool_size=2)
    app = create_app(with_cluster, clock=clock)
    client = Client(app, database)
    async with app.running():
        await client.store(*FILMS)
        async with open_feed(with_cluster, clock=clock) as feed:
            assert feed is not None
            await feed.rebuild(progress=quietly)
        yield client
    await database.close()


def names(answer: Any) -> list[str]:
    return [edge["node"]["name"] for edge in answer["search"]["edges"]]


@pytest.mark.requirement("CL-02")
async def test_settings_choose_the_cluster(platform: Client, fake: FakeCluster) -> None:
    fake.requests.clear()

    answer = await platform.data(SEARCH, {"q": "golden river"})

    assert names(answer) == ["Golden River"]
    assert (answer["search"]["degraded"], answer["search"]["totalCount"]) == (False, 1)
    assert [request.path for request in fake.requests] == [f"/{INDEX}/_search"]


async def test_a_search_of_the_cluster_takes_one_statement_for_who_may_see_it(platform: Client) -> None:
    query = "query($q: String!) { search(query: $q) { edges { score node { ... on Title { name } } } } }"

    answers = [await platform.ask_again(query, {"q": text}) for text in ("golden river", "dragon", "qwertzuiop")]

    assert [answer.statements for answer in answers] == [2, 2, 0]


@pytest.mark.requirement("NFR-REL-003")
@pytest.mark.requirement("CL-02")
async def test_postgresql_stands_in_for_a_cluster_that_is_down_and_the_answer_says_so(
    platform: Client, fake: FakeCluster
) -> None:
    fake.answer = lambda _request: (503, b"")

    first = await platform.data(SEARCH, {"q": "rivre", "n": 1})
    after = first["search"]["pageInfo"]["endCursor"]
    second = await platform.data(SEARCH, {"q": "rivre", "n": 1, "after": after})
    suggested = await platform.data('{ searchSuggestions(prefix: "drag") { text } }')

    assert sorted(names(first) + names(second)) == ["Golden River", "Silver River"]
    assert [each["search"]["degraded"] for each in (first, second)] == [True, True]
    assert (first["search"]["totalCount"], bool(first["search"]["facets"])) == (2, True)
    assert [each["pageInfo"]["hasNextPage"] for each in (first["search"], second["search"])] == [True, False]
    assert suggested["searchSuggestions"] == [{"text": "Dragon"}]


@pytest.mark.requirement("NFR-REL-003")
async def test_a_list_that_the_cluster_began_ends_while_it_is_down_and_goes_on_when_it_is_back(
    platform: Client, fake: FakeCluster, clock: TurnedClock
) -> None:
    first = await platform.data(SEARCH, {"q": "river", "n": 1})
    after = {"q": "river", "n": 1, "after": first["search"]["pageInfo"]["endCursor"]}

    fake.answer = lambda _request: (503, b"")
    without = await platform.data(SEARCH, after)
    fake.answer = None
    clock.turn(timedelta(seconds=1))
    second = await platform.data(SEARCH, after)

    assert (names(without), without["search"]["degraded"]) == ([], True)
    assert without["search"]["pageInfo"] == {"hasNextPage": False, "endCursor": None}
    assert sorted(names(first) + names(second)) == ["Golden River", "Silver River"]
    assert second["search"]["degraded"] is False


async def test_a_list_that_postgresql_began_is_gone_on_with_by_it(
    platform: Client, fake: FakeCluster, clock: TurnedClock
) -> None:
    fake.answer = lambda _request: (503, b"")
    first = await platform.data(SEARCH, {"q": "river", "n": 1})
    fake.answer = None
    clock.turn(timedelta(seconds=1))
    fake.requests.clear()

    second = await platform.data(SEARCH, {"q": "river", "n": 1, "after": first["search"]["pageInfo"]["endCursor"]})

    assert sorted(names(first) + names(second)) == ["Golden River", "Silver River"]
    assert fake.requests == []


async def test_the_stand_in_counts_what_it_found(bench: Bench) -> None:
    engine = SearchWithStandIn(bench.engine, stand_in=PostgresSearch(bench.database))
    bench.fake.answer = lambda _request: (503, b"")

    found_now = await engine.find("river", EVERYTHING, audience=ADULT, limit=1, after=None)

    assert found_now.is_degraded
    assert await engine.count(found_now, EVERYTHING, audience=ADULT) == 2
    assert len(await engine.facets(found_now, TitleCriteria(), audience=ADULT)) > 0
