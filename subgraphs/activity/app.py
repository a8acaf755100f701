"""The activity subgraph as a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.activity.config import Settings
from subgraphs.activity.context import Context
from subgraphs.activity.loaders import Loaders
from subgraphs.activity.repository.read_model import ReadModel
from subgraphs.activity.repository.stores import open_stores
from subgraphs.activity.schema import schema
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.graphql.app import Runtime, SubgraphApp
from subgraphs.shared.identity import Viewer


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> SubgraphApp:
    """Return the ASGI app; settings come from the environment unless given."""
    chosen = settings or Settings()

    @asynccontextmanager
    async def open_runtime() -> AsyncIterator[Runtime]:
        async with open_stores(chosen) as stores:
            read_model = ReadModel(stores.cache)

            def context_for(viewer: Viewer) -> Context:
                return Context(viewer, clock(), read_model, Loaders(read_model, viewer))

            yield Runtime(context_for=context_for, check_stores=stores.check)

    return SubgraphApp(
        "activity",
        schema=schema,
        open_runtime=open_runtime,
        viewer_context_key=chosen.viewer_context_key,
        clock=clock,
    )
