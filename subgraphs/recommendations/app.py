"""The recommendations subgraph as a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.recommendations.config import Settings
from subgraphs.recommendations.context import Context
from subgraphs.recommendations.loaders import Loaders
from subgraphs.recommendations.repository.row_cache import RowCache
from subgraphs.recommendations.schema import schema
from subgraphs.recommendations.service.boards import RowReader
from subgraphs.recommendations.service.charts import Charts
from subgraphs.recommendations.service.curating import CuratorDesk
from subgraphs.recommendations.service.tracking import TrackingTokens
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.graphql.app import Runtime, SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database
from subgraphs.shared.redis import Cache


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> SubgraphApp:
    """Return the ASGI app; settings come from the environment unless given."""
    settings = settings or Settings()
    return SubgraphApp(
        "recommendations",
        schema=schema,
        open_runtime=lambda: _open_runtime(settings, clock),
        viewer_context_key=settings.viewer_context_key,
        clock=clock,
    )


@asynccontextmanager
async def _open_runtime(settings: Settings, clock: Clock) -> AsyncIterator[Runtime]:
    database = Database(
        settings.database_url,
        settings.recommendations_database,
        pool_size=settings.database_pool_size,
        timeout_seconds=settings.store_timeout_seconds,
    )
    cache = Cache(settings.redis_url, "recommendations", timeout_seconds=settings.store_timeout_seconds)
    row_cache = RowCache(cache)
    rows = RowReader(database, row_cache, clock=clock)
    curators = CuratorDesk(database, row_cache, clock=clock)
    charts = Charts(database, clock=clock)
    tokens = TrackingTokens(settings.viewer_context_key)

    def context_for(viewer: Viewer) -> Context:
        return Context(
            viewer=viewer,
            now=clock(),
            rows=rows,
            charts=charts,
            tokens=tokens,
            loaders=Loaders(charts, viewer),
            curators=curators,
        )

    async def check_stores() -> None:
        await database.ping()
        await cache.run(lambda client: client.ping())

    try:
        yield Runtime(context_for=context_for, check_stores=check_stores)
    finally:
        await cache.close()
        await database.close()
