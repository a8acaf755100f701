"""Registered OAuth clients: public ones (apps, pages) and confidential ones (servers, which keep a secret)."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from subgraphs.shared.postgres import Database
from subgraphs.users.errors.oauth import ClientInvalidError, invalid_client
from subgraphs.users.models import OAuthClient
from subgraphs.users.repository import oauth

LONGEST_ID = 200
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_LONGEST_NAME = 100
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


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


def describe_client(
    client_id: str, *, name: str, redirect_uris: Sequence[str], scopes: Sequence[str], now: datetime
) -> OAuthClient:
    """Return a public client that may be registered.

    Raises:
        ClientInvalidError: Its id or name cannot be shown, or a redirect URI would give codes away: not https, not
            http on the viewer's own machine, not an app's own scheme (com.example.app:/callback), or with a fragment.
    """
    if not _ID.fullmatch(client_id):
        raise ClientInvalidError("A client's id has 1 to 100 letters, digits, dots, dashes or underscores.")
    if not (0 < len(name.strip()) <= _LONGEST_NAME and name.isprintable()):
        raise ClientInvalidError("A client's name has 1 to 100 printable characters.")
    for uri in redirect_uris:
        if not _is_safe_target(uri):
            raise ClientInvalidError(f"{uri} is no address to send a code to: https, or http on this machine.")
    return OAuthClient(
        id=client_id, name=name.strip(), redirect_uris=list(redirect_uris), scopes=list(scopes), created_at=now
    )


def secret_hash(secret: str) -> str:
    """Return what is kept of a client's secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _is_safe_target(uri: str) -> bool:
    if not uri.isascii() or not uri.isprintable() or " " in uri or "#" in uri or "*" in uri:
        return False
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if parts.scheme == "http":
        return host in _LOOPBACK
    # An app's own scheme is a domain turned round (RFC 8252, 7.1): nobody else claims it by accident.
    return (parts.scheme == "https" and bool(host)) or "." in parts.scheme
