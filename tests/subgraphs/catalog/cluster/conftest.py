"""Clusters of memory: empty, and with an index of films."""

from collections.abc import AsyncIterator

import pytest

from subgraphs.catalog.gateways.search_cluster import SearchCluster
from subgraphs.catalog.service.cluster_search import ClusterSearch
from subgraphs.catalog.service.indexing import IndexFeed
from subgraphs.shared.postgres import Database
from tests.subgraphs.catalog.cluster.support import FILMS, INDEX, Bench, quietly
from tests.subgraphs.catalog.support import Client, TurnedClock
from tests.support.search_cluster import FakeCluster, fake_cluster


@pytest.fixture
async def fake() -> AsyncIterator[FakeCluster]:
    async with fake_cluster() as fake:
        yield fake


@pytest.fixture
async def lone(fake: FakeCluster, clock: TurnedClock) -> AsyncIterator[Bench]:
    """An empty index, for what never gets as far as the database."""
    database = Database("postgresql://nobody@127.0.0.1:1", "none")
    cluster = SearchCluster(fake.url, timeout_seconds=30, clock=clock)
    fake.indices["one"], fake.aliases[INDEX] = {}, {"one"}
    engine, feed = ClusterSearch(cluster, database, index=INDEX), IndexFeed(cluster, database, index=INDEX)
    yield Bench(fake, cluster, database, engine, feed, clock)
    await cluster.close()
    await database.close()


@pytest.fixture
async def bench(fake: FakeCluster, catalog: Client, clock: TurnedClock) -> AsyncIterator[Bench]:
    """An index of the films."""
    await catalog.store(*FILMS)
    cluster = SearchCluster(fake.url, timeout_seconds=30, clock=clock)
    database = catalog.database
    feed = IndexFeed(cluster, database, index=INDEX)
    await feed.rebuild(progress=quietly)
    fake.requests.clear()
    yield Bench(fake, cluster, database, ClusterSearch(cluster, database, index=INDEX), feed, clock)
    await cluster.close()
