"""The ads subgraph as a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.ads.config import Settings
from subgraphs.ads.context import Context
from subgraphs.ads.loaders import Loaders
from subgraphs.ads.schema import schema
from subgraphs.ads.service.batches import open_database
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.graphql.app import Runtime, SubgraphApp
from subgraphs.shared.identity import Viewer


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> SubgraphApp:
    """Return the ASGI app; settings come from the environment unless given."""
    chosen = settings or Settings()

    @asynccontextmanager
    async def open_runtime() -> AsyncIterator[Runtime]:
        async with open_database(chosen) as database:

            def context_for(viewer: Viewer) -> Context:
                return Context(
                    viewer=viewer,
                    loaders=Loaders(database, viewer, clock=clock),
                    public_url=chosen.public_url,
                )

            yield Runtime(context_for=context_for, check_stores=database.ping)

    return SubgraphApp(
        "ads",
        schema=schema,
        open_runtime=open_runtime,
        viewer_context_key=chosen.viewer_context_key,
        clock=clock,
    )
