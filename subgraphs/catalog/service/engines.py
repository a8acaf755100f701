"""Which engine searches, by the settings: PostgreSQL, or a cluster for which PostgreSQL stands in.

What speaks to a cluster is loaded only where one is set: its HTTP client would cost every process.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from subgraphs.catalog.config import INDEX_TIMEOUT_SECONDS, Settings
from subgraphs.catalog.service.search_engine import PostgresSearch, SearchEngine, SearchWithStandIn
from subgraphs.shared.clock import Clock
from subgraphs.shared.postgres import Database

if TYPE_CHECKING:
    from subgraphs.catalog.service.indexing import IndexFeed


@asynccontextmanager
async def open_engine(settings: Settings, database: Database, *, clock: Clock) -> AsyncIterator[SearchEngine]:
    """Give the engine that searches. It does not ask whether its index is there."""
    in_database = PostgresSearch(database)
    if not settings.search_url:
        yield in_database
        return
    from subgraphs.catalog.gateways.search_cluster import SearchCluster
    from subgraphs.catalog.service.cluster_search import ClusterSearch

    cluster = SearchCluster(settings.search_url, timeout_seconds=settings.search_timeout_seconds, clock=clock)
    try:
        engine = ClusterSearch(cluster, database, index=settings.search_index)
        yield SearchWithStandIn(engine, stand_in=in_database)
    finally:
        await cluster.close()


@asynccontextmanager
async def open_feed(settings: Settings, *, clock: Clock) -> AsyncIterator["IndexFeed | None"]:
    """Give what writes the index; None where PostgreSQL searches, whose index follows by itself."""
    if not settings.search_url:
        yield None
        return
    from subgraphs.catalog.gateways.search_cluster import SearchCluster
    from subgraphs.catalog.service.indexing import IndexFeed

    database = Database(
        settings.database_url,
        settings.catalog_database,
        pool_size=1,
        timeout_seconds=max(settings.store_timeout_seconds, INDEX_TIMEOUT_SECONDS),
    )
    cluster = SearchCluster(settings.search_url, timeout_seconds=INDEX_TIMEOUT_SECONDS, clock=clock)
    try:
        yield IndexFeed(cluster, database, index=settings.search_index)
    finally:
        await cluster.close()
        await database.close()
