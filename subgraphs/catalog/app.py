"""The catalog as a service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext, suppress

from subgraphs.catalog.artwork import ArtworkRoutes
from subgraphs.catalog.config import Settings
from subgraphs.catalog.context import CatalogContext
from subgraphs.catalog.intake import IntakeRoutes
from subgraphs.catalog.outlet import OutletRoutes
from subgraphs.catalog.repository.metadata import MetadataCache
from subgraphs.catalog.schema import schema
from subgraphs.catalog.service.engines import open_engine
from subgraphs.catalog.service.search_engine import SearchEngine
from subgraphs.catalog.service.search_log import SearchLog
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.graphql.app import Runtime, SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.live import LiveFeed
from subgraphs.shared.postgres import Database
from subgraphs.shared.redis import Cache


def create_app(
    settings: Settings | None = None, *, clock: Clock = system_clock, search: SearchEngine | None = None
) -> SubgraphApp:
    """Return the ASGI app; settings come from the environment unless given, and say who searches."""
    known = settings or Settings()
    artwork = ArtworkRoutes(known.objects_dir, signing_key=known.media_signing_key, clock=clock)
    intake = IntakeRoutes(known.objects_dir, signing_key=known.media_signing_key, clock=clock)
    outlet = OutletRoutes(known.objects_dir, signing_key=known.media_signing_key, clock=clock)

    @asynccontextmanager
    async def open_runtime() -> AsyncIterator[Runtime]:
        database = Database(
            known.database_url,
            known.catalog_database,
            pool_size=known.database_pool_size,
            timeout_seconds=known.store_timeout_seconds,
            # The planner takes a whole table to be cheaper than an index wherever it expects many rows and is asked for
            # few; in a million titles it errs by seconds. A bitmap of a frequent word needs more memory than usual, or
            # every row of its pages is checked.
            settings={"enable_seqscan": "off", "work_mem": "16MB"},
        )

        opened = AsyncExitStack()
        given = nullcontext(search) if search else open_engine(known, database, clock=clock)
        engine = await opened.enter_async_context(given)
        search_log = SearchLog()
        writing = asyncio.create_task(
            _write_regularly(search_log, database, clock=clock, seconds=known.search_log_seconds)
        )
        cache = Cache(known.redis_url, "catalog", timeout_seconds=known.store_timeout_seconds)
        metadata = MetadataCache(cache, clock=clock)
        feed = LiveFeed(cache)

        def context_for(viewer: Viewer) -> CatalogContext:
            return CatalogContext(
                viewer=viewer,
                now=clock(),
                database=database,
                metadata=metadata,
                public_url=known.public_url,
                web_url=known.web_url.rstrip("/"),
                signing_key=known.media_signing_key,
                search=engine,
                search_log=search_log,
                feed=feed,
            )

        artwork.database = intake.database = database
        try:
            yield Runtime(
                context_for=context_for,
                check_stores=database.ping,
                metrics=lambda: metadata.exposition(subgraph="catalog"),
            )
        finally:
            artwork.database = intake.database = None
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            with suppress(ServiceUnavailableError):
                await search_log.write(database, now=clock())
            await feed.close()
            await opened.aclose()
            await cache.close()
            await database.close()

    return SubgraphApp(
        "catalog",
        schema=schema,
        open_runtime=open_runtime,
        viewer_context_key=known.viewer_context_key,
        clock=clock,
        routes=[*artwork.routes, *intake.routes, *outlet.routes],
    )


async def _write_regularly(search_log: SearchLog, database: Database, *, clock: Clock, seconds: float) -> None:
    """Write the counts of searches every few seconds; what a database that is away does not take is kept."""
    while True:
        await asyncio.sleep(seconds)
        with suppress(ServiceUnavailableError):
            await search_log.write(database, now=clock())
