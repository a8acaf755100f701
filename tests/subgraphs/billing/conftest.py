"""The billing subgraph on a real database, at a fixed moment."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from subgraphs.billing.app import create_app
from subgraphs.billing.config import Settings
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.postgres import Database
from tests.support.servers import DatabaseFactory

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
async def settings(make_database: DatabaseFactory) -> Settings:
    database = await make_database("billing")
    return Settings(
        database_url=database.server_url,
        billing_database=database.name,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url="redis://127.0.0.1:1/0",
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
    )


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[SubgraphApp]:
    app = create_app(settings, clock=lambda: NOW)
    async with app.running():
        yield app


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url, settings.billing_database)
    yield database
    await database.close()
