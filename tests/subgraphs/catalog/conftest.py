"""The catalog on a real database: an empty one for each test, and the seeded one that tests only read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from stack.seed.catalogue import seed_catalogue
from subgraphs.catalog.app import create_app
from subgraphs.catalog.config import Settings
from subgraphs.shared.postgres import Database
from tests.subgraphs.catalog.support import NOW, Client
from tests.support.servers import DatabaseFactory, FreshDatabase


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


def settings_for(database: FreshDatabase, objects_dir: Path) -> Settings:
    return Settings(
        database_url=database.server_url,
        catalog_database=database.name,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url="redis://127.0.0.1:1/0",
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
        public_url="https://reelgraph.example",
        objects_dir=objects_dir,
    )


@asynccontextmanager
async def running_client(settings: Settings, clock: TurnedClock) -> AsyncIterator[Client]:
    database = Database(settings.database_url, settings.catalog_database, pool_size=2)
    app = create_app(settings, clock=clock)
    try:
        async with app.running():
            yield Client(app, database)
    finally:
        await database.close()


@pytest.fixture
async def settings(make_database: DatabaseFactory, tmp_path: Path) -> Settings:
    return settings_for(await make_database("catalog"), tmp_path)


@pytest.fixture
async def catalog(settings: Settings, clock: TurnedClock) -> AsyncIterator[Client]:
    async with running_client(settings, clock) as client:
        yield client


@pytest.fixture(scope="session")
async def seeded(
    make_session_database: DatabaseFactory, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    """The catalogue of the seed as of NOW; for reading only."""
    settings = settings_for(await make_session_database("catalog"), tmp_path_factory.mktemp("objects"))
    clock = TurnedClock()
    await seed_catalogue(settings, clock=clock)
    async with running_client(settings, clock) as client:
        yield client
