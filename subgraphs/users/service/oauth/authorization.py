"""Authorization requests and codes: OAuth 2.1 with PKCE S256 for every client, exact redirect URIs, code flow only."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.users.errors.oauth import RedirectedError, UnknownClientError
from subgraphs.users.models import OAuthClient
from subgraphs.users.repository.oauth import CodeStore
from subgraphs.users.service.tokens import API_SCOPE

SCOPES = {
    "openid": "know that it is you",
    "email": "see your e-mail address",
    "profile": "see the name, picture and language of your profile",
    API_SCOPE: "use Reelgraph as you do: watch, keep lists, change settings",
}
"""What a client can be allowed, in words for the viewer. A scope of the API itself (cms:read) goes with `api`."""

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST_VALUE = 1024


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that was found good."""

    client_id: str
    client_name: str
    redirect_uri: str
    scopes: tuple[str, ...]
    code_challenge: str
    state: str | None
    nonce: str | None


@dataclass(frozen=True, slots=True)
class AuthorizedCode:
    """What a code stands for."""

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    code_challenge: str
    nonce: str | None
    user_id: UUID
    signed_in_at: float
    """When the viewer signed in on the pages, in seconds since 1970."""


def check_target(client: OAuthClient | None, redirect_uri: str) -> OAuthClient:
    """Return the client, if it may be answered at the address: exactly one that it registered.

    Raises:
        UnknownClientError: Nothing may be sent there, not even a refusal.
    """
    if client is None or redirect_uri not in client.redirect_uris:
        raise UnknownClientError
    return client


def check_request(client: OAuthClient, given: Mapping[str, str]) -> AuthorizationRequest:
    """Return the request of a client whose redirect URI is its own.

    Raises:
        RedirectedError: What is wrong with it.
    """
    if given.get("response_type") != "code":
        raise RedirectedError("unsupported_response_type", "response_type must be code.")
    if given.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(given.get("code_challenge", "")):
        raise RedirectedError("invalid_request", "PKCE with code_challenge_method=S256 is needed.")
    if given.get("request") or given.get("request_uri"):
        raise RedirectedError("request_not_supported", "Request objects are not supported.")
    scopes = tuple(dict.fromkeys(given.get("scope", "").split()))
    if not scopes or not set(scopes) <= set(client.scopes):
        raise RedirectedError("invalid_scope", f"scope must be some of: {' '.join(client.scopes)}.")
    if any(len(given.get(name, "")) > _LONGEST_VALUE for name in ("state", "nonce")):
        raise RedirectedError("invalid_request", f"state and nonce have at most {_LONGEST_VALUE} characters.")
    return AuthorizationRequest(
        client_id=client.id,
        client_name=client.name,
        redirect_uri=given["redirect_uri"],
        scopes=scopes,
        code_challenge=given["code_challenge"],
        state=given.get("state"),
        nonce=given.get("nonce"),
    )


async def issue_code(
    store: CodeStore, request: AuthorizationRequest, *, user_id: UUID, signed_in_at: datetime, now: datetime
) -> str:
    """Return a code for what the viewer allowed: good once, for 60 seconds."""
    code = secrets.token_urlsafe(32)
    authorized = AuthorizedCode(
        client_id=request.client_id,
        redirect_uri=request.redirect_uri,
        scopes=request.scopes,
        code_challenge=request.code_challenge,
        nonce=request.nonce,
        user_id=user_id,
        signed_in_at=signed_in_at.timestamp(),
    )
    await store.keep(code, {**asdict(authorized), "user_id": str(user_id)}, now=now)
    return code
