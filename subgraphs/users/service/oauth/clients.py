"""Registered OAuth clients: public ones (apps, pages) and confidential ones (servers, which keep a secret)."""

import hashlib
import secrets
from dataclasses import dataclass

from subgraphs.shared.postgres import Database
from subgraphs.users.errors.oauth import invalid_client
from subgraphs.users.models import OAuthClient
from subgraphs.users.repository import oauth

LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What a client shows of itself; a public one shows no secret."""

    client_id: str
    secret: str | None = None


async def find_client(database: Database, client_id: str) -> OAuthClient | None:
    """Return the registered client."""
    if not client_id or len(client_id) > LONGEST_ID or "\0" in client_id:
        return None
    async with database.reading() as session:
        return await oauth.client_by_id(session, client_id)


async def authenticate(database: Database, credentials: ClientCredentials | None) -> OAuthClient:
    """Return the client that the credentials are of. A public client must not show a secret: it has none.

    Raises:
        OAuthError: invalid_client.
    """
    client = await find_client(database, credentials.client_id) if credentials else None
    if client is None or credentials is None:
        raise invalid_client()
    if client.secret_hash is None and credentials.secret is None:
        return client
    shown = secret_hash(credentials.secret or "")
    if client.secret_hash is None or not secrets.compare_digest(client.secret_hash, shown):
        raise invalid_client()
    return client


def secret_hash(secret: str) -> str:
    """Return what is kept of a client's secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
