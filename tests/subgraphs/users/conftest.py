"""The users subgraph on real servers, with a clock that tests turn."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc.jwk import RSAKey

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.postgres import Database
from subgraphs.users.app import create_app
from subgraphs.users.config import Settings
from tests.subgraphs.users.support import Client
from tests.support.servers import DatabaseFactory


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "access-token.pem"
    path.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
    return path


@pytest.fixture
async def settings(make_database: DatabaseFactory, redis_url: str, key_file: Path) -> Settings:
    database = await make_database("users")
    return Settings(
        database_url=database.server_url,
        users_database=database.name,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url=redis_url,
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
        personal_data_keys=f"k1:{'a' * 43}=",
        personal_data_lookup_key="l" * 32,
        access_token_key_file=key_file,
        password_hash_cost=4,
    )


@pytest.fixture
async def app(settings: Settings, clock: TurnedClock) -> AsyncIterator[SubgraphApp]:
    app = create_app(settings, clock=clock)
    async with app.running():
        yield app


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url, settings.users_database)
    yield database
    await database.close()


@pytest.fixture
def client(app: SubgraphApp, settings: Settings) -> Client:
    return Client(app, settings)
