"""The billing subgraph on a real database, at a fixed moment."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.billing.app import create_app
from subgraphs.billing.config import Settings
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.postgres import Database
from tests.subgraphs.billing.desk import Desk
from tests.support.servers import DatabaseFactory

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> datetime:
        """Move on by a timedelta's arguments and return the time."""
        self.now += timedelta(**duration)
        return self.now


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


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
        # Many at once wait for a connection, however slow the machine is.
        store_timeout_seconds=60,
    )


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[SubgraphApp]:
    app = create_app(settings, clock=lambda: NOW)
    async with app.running():
        yield app


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url, settings.billing_database, timeout_seconds=60)
    yield database
    await database.close()


@pytest.fixture
async def desk(settings: Settings, database: Database, clock: MovableClock) -> AsyncIterator[Desk]:
    """The subgraph with a subscriber and a clock that tests move."""
    async with create_app(settings, clock=clock).running() as app:
        yield Desk(app, settings, database, clock)
