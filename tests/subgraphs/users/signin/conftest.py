"""One users subgraph and one mock provider for all these tests; each test finds them empty, at the same hour."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.outbox import outbox_table
from subgraphs.shared.postgres import Database
from subgraphs.users.app import create_app
from subgraphs.users.config import Settings
from subgraphs.users.models import Model
from tests.subgraphs.users.catcher import Catcher, catching
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.signin.support import (
    CREDENTIALS,
    REDIRECT_URI,
    ForgingProvider,
    Person,
    serve_provider,
)
from tests.subgraphs.users.support import Client
from tests.support.servers import DatabaseFactory

BEGINNING = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
async def running_provider() -> AsyncIterator[ForgingProvider]:
    async with serve_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
async def running_catcher() -> AsyncIterator[Catcher]:
    async with catching() as catcher:
        yield catcher


@pytest.fixture
def catcher(running_catcher: Catcher) -> Catcher:
    """The mail server that gets text messages, empty."""
    running_catcher.letters.clear()
    return running_catcher


@pytest.fixture(scope="session")
def shared_clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture(scope="session")
async def shared_settings(
    make_session_database: DatabaseFactory,
    worker_redis_url: str,
    key_file: Path,
    running_provider: ForgingProvider,
    running_catcher: Catcher,
) -> Settings:
    database = await make_session_database("users")
    facebook = running_provider.issuer.replace("/google", "/facebook")
    return Settings(
        database_url=database.server_url,
        users_database=database.name,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url=worker_redis_url,
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
        personal_data_keys=f"k1:{'a' * 43}=",
        personal_data_lookup_key="l" * 32,
        access_token_key_file=key_file,
        password_hash_cost=4,
        google_client_id=CREDENTIALS.client_id,
        google_client_secret=CREDENTIALS.client_secret,
        google_issuer=running_provider.issuer,
        facebook_client_id=CREDENTIALS.client_id,
        facebook_client_secret=CREDENTIALS.client_secret,
        facebook_dialog_url=f"{facebook}/dialog/oauth",
        facebook_graph_url=f"{facebook}/graph",
        facebook_email_is_verified=True,
        provider_redirect_uris=[REDIRECT_URI],
        sms_mail_url=running_catcher.url,
    )


@pytest.fixture(scope="session")
async def shared_app(shared_settings: Settings, shared_clock: TurnedClock) -> AsyncIterator[SubgraphApp]:
    app = create_app(shared_settings, clock=shared_clock)
    async with app.running():
        yield app


@pytest.fixture(scope="session")
async def shared_database(shared_settings: Settings) -> AsyncIterator[Database]:
    database = Database(shared_settings.database_url, shared_settings.users_database)
    yield database
    await database.close()


@pytest.fixture
def settings(shared_settings: Settings) -> Settings:
    return shared_settings


@pytest.fixture
async def database(shared_database: Database) -> Database:
    """The database, empty."""
    tables = ", ".join(f'"{table.name}"' for table in (*Model.metadata.sorted_tables, outbox_table))
    async with shared_database.writing() as session:
        # The audit log refuses to be emptied, by a trigger.
        await session.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await session.execute(sa.text(f"TRUNCATE {tables} CASCADE"))
    return shared_database


@pytest.fixture
def clock(shared_clock: TurnedClock) -> TurnedClock:
    """The clock of everything, at the beginning."""
    shared_clock.now = BEGINNING
    return shared_clock


@pytest.fixture
def app(shared_app: SubgraphApp, database: Database, redis_url: str, clock: TurnedClock) -> SubgraphApp:
    """The subgraph, with empty stores."""
    return shared_app


@pytest.fixture
def provider(running_provider: ForgingProvider, clock: TurnedClock) -> ForgingProvider:
    """The provider, honest, with the test's clock."""
    running_provider.clock = clock
    running_provider.forge = None
    return running_provider


@pytest.fixture
def person(client: Client, provider: ForgingProvider) -> Person:
    return Person(client)
