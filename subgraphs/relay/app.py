"""The relay subgraph as a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.relay.config import Settings
from subgraphs.relay.schema import schema
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.graphql.app import Runtime, SubgraphApp


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> SubgraphApp:
    """Return the ASGI app; settings come from the environment unless given."""
    settings = settings or Settings()
    return SubgraphApp(
        "relay",
        schema=schema,
        open_runtime=_open_runtime,
        viewer_context_key=settings.viewer_context_key,
        clock=clock,
    )


@asynccontextmanager
async def _open_runtime() -> AsyncIterator[Runtime]:
    async def check_stores() -> None:
        """There are none."""

    yield Runtime(context_for=lambda _viewer: None, check_stores=check_stores)
