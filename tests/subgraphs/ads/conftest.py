"""The ads subgraph on a real database, at a fixed moment."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from subgraphs.ads.app import create_app
from subgraphs.ads.config import Settings
from subgraphs.ads.service import AdsBatches, open_service
from subgraphs.shared.graphql.app import SubgraphApp
from tests.support.servers import DatabaseFactory

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
async def settings(make_database: DatabaseFactory) -> Settings:
    database = await make_database("ads")
    return Settings(
        database_url=database.server_url,
        ads_database=database.name,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url="redis://127.0.0.1:1/0",
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
        public_url="http://127.0.0.1:4000",
    )


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[SubgraphApp]:
    app = create_app(settings, clock=lambda: NOW)
    async with app.running():
        yield app


@pytest.fixture
async def batches(settings: Settings) -> AsyncIterator[AdsBatches]:
    async with open_service(settings, clock=lambda: NOW) as batches:
        yield batches
