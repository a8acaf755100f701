"""The catalog as a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.catalog.artwork import ArtworkRoutes
from subgraphs.catalog.config import Settings
from subgraphs.catalog.context import CatalogContext
from subgraphs.catalog.schema import schema
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.graphql.app import Runtime, SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> SubgraphApp:
    """Return the ASGI app; settings come from the environment unless given."""
    known = settings or Settings()
    artwork = ArtworkRoutes(known.objects_dir, signing_key=known.media_signing_key, clock=clock)

    @asynccontextmanager
    async def open_runtime() -> AsyncIterator[Runtime]:
        database = Database(
            known.database_url,
            known.catalog_database,
            pool_size=known.database_pool_size,
            timeout_seconds=known.store_timeout_seconds,
        )

        def context_for(viewer: Viewer) -> CatalogContext:
            return CatalogContext(
                viewer=viewer,
                now=clock(),
                database=database,
                public_url=known.public_url,
                signing_key=known.media_signing_key,
            )

        artwork.database = database
        try:
            yield Runtime(context_for=context_for, check_stores=database.ping)
        finally:
            artwork.database = None
            await database.close()

    return SubgraphApp(
        "catalog",
        schema=schema,
        open_runtime=open_runtime,
        viewer_context_key=known.viewer_context_key,
        clock=clock,
        routes=artwork.routes,
    )
