"""`reelgraph oauth-client`: registers a program at the users subgraph. What a client may be is decided there."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from subgraphs.shared.postgres import Database
from subgraphs.users.config import Settings
from subgraphs.users.errors.oauth import ClientInvalidError
from subgraphs.users.models import OAuthClient
from subgraphs.users.repository.oauth import register_client
from subgraphs.users.service.oauth.authorization import SCOPES
from subgraphs.users.service.oauth.clients import describe_client, secret_hash

_SECRET_BYTES = 32


class OAuthClientProblem(Exception):  # noqa: N818 - as ImportProblem: for the person at the terminal
    """The client cannot be registered; the text says why."""


def set_client(
    client_id: str, *, name: str, redirect_uris: Sequence[str], scopes: Sequence[str], secret: bool
) -> str | None:
    """Register the client, or replace it, and return its new secret, if it is to have one. Blocks.

    Raises:
        OAuthClientProblem: It must not be registered like that.
        ServiceUnavailableError: The database does not answer.
    """
    try:
        client = describe_client(
            client_id, name=name, redirect_uris=redirect_uris, scopes=scopes or list(SCOPES), now=datetime.now(UTC)
        )
    except ClientInvalidError as error:
        raise OAuthClientProblem(str(error)) from error
    made = secrets.token_urlsafe(_SECRET_BYTES) if secret else None
    client.secret_hash = secret_hash(made) if made else None
    asyncio.run(_register(Settings(), client))
    return made


async def _register(settings: Settings, client: OAuthClient) -> None:
    database = Database(settings.database_url, settings.users_database)
    try:
        async with database.writing() as session:
            await register_client(session, client)
    finally:
        await database.close()
