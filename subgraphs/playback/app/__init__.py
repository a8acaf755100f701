"""The playback subgraph as a service: GraphQL, the signed streams below `/v/` (delivery), parts of films (intake)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from media.storage import LocalStore
from subgraphs.playback.app.delivery import stream_route
from subgraphs.playback.app.intake import PartRoutes
from subgraphs.playback.config import Settings
from subgraphs.playback.context import Context
from subgraphs.playback.loaders import Loaders
from subgraphs.playback.repository.read_model import ReadModel
from subgraphs.playback.repository.stores import open_stores
from subgraphs.playback.schema import schema
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.graphql.app import Runtime, SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.live import LiveFeed


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> SubgraphApp:
    """Return the ASGI app; settings come from the environment unless given."""
    chosen = settings or Settings()
    store = LocalStore(chosen.objects_dir, key=chosen.media_signing_key)
    intake = PartRoutes(store, clock=clock)

    @asynccontextmanager
    async def open_runtime() -> AsyncIterator[Runtime]:
        async with open_stores(chosen) as stores:
            read_model, feed = ReadModel(stores.cache), LiveFeed(stores.cache)
            intake.database = stores.database

            def context_for(viewer: Viewer) -> Context:
                now = clock()
                loaders = Loaders(stores, read_model, viewer=viewer, now=now, settings=chosen)
                return Context(viewer, now, chosen, stores, read_model, loaders, store, feed)

            try:
                yield Runtime(context_for=context_for, check_stores=stores.check)
            finally:
                intake.database = None
                await feed.close()

    return SubgraphApp(
        "playback",
        schema=schema,
        open_runtime=open_runtime,
        viewer_context_key=chosen.viewer_context_key,
        clock=clock,
        routes=[stream_route(chosen, clock=clock), *intake.routes],
    )
