"""The demo's OAuth clients: a page in the browser, and a server that asks what tokens are worth."""

from stack.mock_provider import PATH
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.postgres import Database
from subgraphs.users.config import Settings
from subgraphs.users.models import OAuthClient
from subgraphs.users.repository.oauth import register_client
from subgraphs.users.service.oauth.authorization import SCOPES
from subgraphs.users.service.oauth.clients import secret_hash

DEMO_CLIENT = "reelgraph-demo"
DEMO_SERVER = "reelgraph-demo-server"
DEMO_SERVER_SECRET = "demo-server"  # noqa: S105 - published on purpose: it tells of the demo's tokens only


async def register_demo_clients(settings: Settings | None = None, *, clock: Clock = system_clock) -> None:
    """Register both, or replace them: the public one returns to the platform's own demo page."""
    chosen = settings or Settings()
    now = clock()
    page = OAuthClient(
        id=DEMO_CLIENT,
        name="Reelgraph demo page",
        redirect_uris=[f"{chosen.public_url}{PATH}"],
        scopes=list(SCOPES),
        created_at=now,
    )
    server = OAuthClient(
        id=DEMO_SERVER,
        name="Reelgraph demo server",
        secret_hash=secret_hash(DEMO_SERVER_SECRET),
        redirect_uris=[],
        scopes=["openid"],
        created_at=now,
    )
    database = Database(chosen.database_url, chosen.users_database)
    try:
        async with database.writing() as session:
            await register_client(session, page)
            await register_client(session, server)
    finally:
        await database.close()
