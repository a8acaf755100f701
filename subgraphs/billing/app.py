"""The billing subgraph as a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from subgraphs.billing.config import Settings
from subgraphs.billing.context import Context
from subgraphs.billing.loaders import Loaders
from subgraphs.billing.schema import schema
from subgraphs.billing.service.cashier import open_cashier
from subgraphs.billing.service.terms import Terms
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.graphql.app import Runtime, SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> SubgraphApp:
    """Return the ASGI app; settings come from the environment unless given."""
    chosen = settings or Settings()

    @asynccontextmanager
    async def open_runtime() -> AsyncIterator[Runtime]:
        database = Database(
            chosen.database_url,
            chosen.billing_database,
            pool_size=chosen.database_pool_size,
            timeout_seconds=chosen.store_timeout_seconds,
        )
        terms = Terms.of(chosen)
        cashier = open_cashier(database, chosen, clock=clock)

        def context_for(viewer: Viewer) -> Context:
            return Context(
                viewer=viewer,
                clock=clock,
                database=database,
                loaders=Loaders(database, viewer),
                terms=terms,
                cashier=cashier,
            )

        try:
            yield Runtime(context_for=context_for, check_stores=database.ping)
        finally:
            await database.close()

    return SubgraphApp(
        "billing",
        schema=schema,
        open_runtime=open_runtime,
        viewer_context_key=chosen.viewer_context_key,
        clock=clock,
    )
