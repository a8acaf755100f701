"""A browser and a client of the OAuth server, over its own HTTP routes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.postgres import Database
from subgraphs.users.models import OAuthClient
from subgraphs.users.repository.oauth import register_client
from subgraphs.users.service.oauth.clients import secret_hash
from tests.subgraphs.users.signin.conftest import BEGINNING
from tests.subgraphs.users.signin.support import VERIFIER, challenge_of
from tests.subgraphs.users.support import PASSWORD

ISSUER = "http://127.0.0.1:4000"
CALLBACK = "https://app.example/callback?kept=1"
PUBLIC, SERVER, OTHER = "player", "backend", "other-app"
SERVER_SECRET = "server-secret"
ALL_SCOPES = "openid email profile api"

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


async def register_clients(database: Database) -> None:
    """Register a public client, a confidential one, and a public one of somebody else."""
    clients = (
        OAuthClient(
            id=PUBLIC, name="The Player <b>", redirect_uris=[CALLBACK], scopes=ALL_SCOPES.split(), created_at=BEGINNING
        ),
        OAuthClient(
            id=SERVER,
            name="A Server",
            secret_hash=secret_hash(SERVER_SECRET),
            redirect_uris=[CALLBACK],
            scopes=["openid"],
            created_at=BEGINNING,
        ),
        OAuthClient(id=OTHER, name="Another", redirect_uris=[CALLBACK], scopes=["openid"], created_at=BEGINNING),
    )
    async with database.writing() as session:
        for client in clients:
            await register_client(session, client)


@dataclass
class Browser:
    """A browser with its cookies, which looks at pages and sends their forms."""

    app: SubgraphApp
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ISSUER)

    async def send(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Return the answer to the page's form, with its hidden fields unless named otherwise."""
        form = {**hidden_fields(page), **fields}
        headers = {"origin": ISSUER}
        return await self.http.post(str(page.request.url), data=form, headers=headers)

    async def sign_in(self, page: httpx.Response, *, email: str = "asha@example.com") -> httpx.Response:
        """Return the page after signing in on this one."""
        answer = await self.send(page, step="sign_in", email=email, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return await self.http.get(answer.headers["location"])

    async def consent(self, **changes: str) -> httpx.Response:
        """Return the page that asks for consent, for somebody who signs in on the way to it."""
        page = await self.http.get("/oauth/authorize", params=authorization(**changes))
        assert page.status_code == 200, page.text
        return await self.sign_in(page)

    async def code(self, **changes: str) -> str:
        """Return a code that the viewer allowed."""
        answer = await self.send(await self.consent(**changes), step="allow")
        return returned(answer)["code"]

    async def post(
        self, path: str, form: Mapping[str, str] | None = None, *, basic: tuple[str, str] | None = None, **more: str
    ) -> httpx.Response:
        """Return what an endpoint for programs answers; no cookie goes along."""
        auth = httpx.BasicAuth(*basic) if basic else None
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ISSUER, auth=auth) as http:
            return await http.post(path, data={**(form or {}), **more})

    async def exchange(self, code: str, **changes: str) -> httpx.Response:
        """Return what the token endpoint answers to the code."""
        form = {
            "grant_type": "authorization_code",
            "client_id": PUBLIC,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **changes,
        }
        return await self.post("/oauth/token", form)

    async def tokens(self, **changes: str) -> dict[str, Any]:
        """Return the tokens of the whole way."""
        answer = await self.exchange(await self.code(**changes))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def refresh(self, token: str, **changes: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "client_id": PUBLIC, "refresh_token": token, **changes}
        return await self.post("/oauth/token", form)

    async def is_active(self, token: str) -> bool:
        """Whether the introspection endpoint says so to the server client."""
        answer = await self.post("/oauth/introspect", basic=(SERVER, SERVER_SECRET), token=token)
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["active"])


def authorization(**changes: str) -> dict[str, str]:
    """Return the parameters of an authorization request; an empty change leaves one out."""
    given = {
        "response_type": "code",
        "client_id": PUBLIC,
        "redirect_uri": CALLBACK,
        "scope": ALL_SCOPES,
        "state": "state-of-the-client",
        "nonce": "nonce-of-the-client",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **changes,
    }
    return {name: value for name, value in given.items() if value}


def hidden_fields(page: httpx.Response) -> dict[str, str]:
    """Return the hidden fields of the page's form."""
    return {unescape(name): unescape(value) for name, value in _HIDDEN.findall(page.text)}


def returned(answer: httpx.Response) -> dict[str, str]:
    """Return the parameters with which the viewer was sent back to the client."""
    assert answer.status_code == 303, answer.text
    location = urlsplit(answer.headers["location"])
    assert location._replace(query="").geturl() == "https://app.example/callback"
    return {name: value for name, (value,) in parse_qs(location.query).items()}
