"""The catalog on a real database: an empty one for each test, and the seeded one that tests only read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stack.seed.catalogue import seed_catalogue
from subgraphs.catalog.config import Settings
from tests.subgraphs.catalog.desk import Desk
from tests.subgraphs.catalog.support import (
    Client,
    TurnedClock,
    acted_by,
    movie,
    running_client,
    settings_for,
    show,
)
from tests.support.servers import DatabaseFactory


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def settings(make_database: DatabaseFactory, tmp_path: Path) -> Settings:
    return settings_for(await make_database("catalog"), tmp_path)


@pytest.fixture
async def catalog(settings: Settings, clock: TurnedClock) -> AsyncIterator[Client]:
    async with running_client(settings, clock) as client:
        yield client


@pytest.fixture
async def desk(catalog: Client) -> Desk:
    """Return the desk of editors over a film and a show that were stored by a source."""
    await catalog.store(movie("Old Film", credits=acted_by("Vikram Sen")), show("Old Show", episodes=(2, 1)))
    return Desk(catalog)


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
