"""The recommendations subgraph on real servers, with a clock that tests turn."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from subgraphs.recommendations.app import create_app
from subgraphs.recommendations.config import Settings
from subgraphs.recommendations.service import Batches, open_service
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.postgres import Database
from tests.subgraphs.recommendations.catalogue import CATALOGUE, NOW
from tests.support.servers import DatabaseFactory


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def settings(make_database: DatabaseFactory, redis_url: str) -> Settings:
    database = await make_database("recommendations")
    return Settings(
        database_url=database.server_url,
        recommendations_database=database.name,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url=redis_url,
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
        store_timeout_seconds=2,
    )


@pytest.fixture
async def batches(settings: Settings, clock: TurnedClock) -> AsyncIterator[Batches]:
    """The batch functions over an empty database."""
    async with open_service(settings, clock=clock) as service:
        yield service


@pytest.fixture
async def app(settings: Settings, clock: TurnedClock) -> AsyncIterator[SubgraphApp]:
    app = create_app(settings, clock=clock)
    async with app.running():
        yield app


@pytest.fixture
async def filled(batches: Batches) -> Batches:
    """The batch functions after the small catalogue was projected."""
    await batches.project_titles(CATALOGUE)
    return batches


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url, settings.recommendations_database)
    yield database
    await database.close()
