"""The mock provider over real HTTP, and a client that goes through its pages as a browser would."""

import asyncio
import base64
import hashlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import uvicorn

from stack.mock_provider.app import Credentials, MockProvider
from subgraphs.shared.identity import ANONYMOUS, Viewer
from tests.subgraphs.users.support import AUTH_FIELDS, Client

CREDENTIALS = Credentials("reelgraph-test", "provider-secret")
REDIRECT_URI = "http://127.0.0.1:4000/signed-in"
VERIFIER = "v" * 43

START = """
mutation ($input: ProviderLoginStartInput!) {
  result: providerLoginStart(input: $input) { authorizationUrl state expiresAt }
}"""
FINISH = f"mutation ($input: ProviderLoginInput!) {{ result: loginWithProvider(input: $input) {{ {AUTH_FIELDS} }} }}"
LINK = "mutation ($input: ProviderLoginInput!) { result: identityLink(input: $input) { ok errors { code path } } }"
UNLINK = """
mutation ($provider: IdentityProvider!) { result: identityUnlink(provider: $provider) { ok errors { code path } } }"""
IDENTITIES = "{ result: viewer { account { identities { provider subject linkedAt } } } }"

Forge = Callable[[MockProvider, dict[str, Any]], str]


class ForgingProvider(MockProvider):
    """A mock provider whose id_tokens a test may forge."""

    forge: Forge | None = None

    def sign(self, claims: dict[str, Any]) -> str:
        return self.forge(self, claims) if self.forge else super().sign(claims)


@asynccontextmanager
async def serve_provider() -> AsyncIterator[ForgingProvider]:
    """Serve the mock provider on a free port of the loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        provider = ForgingProvider(f"http://127.0.0.1:{listener.getsockname()[1]}", CREDENTIALS)
        server = uvicorn.Server(uvicorn.Config(provider.asgi(), log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield provider
        server.should_exit = True
        await serving


@dataclass(frozen=True)
class Person:
    """A browser of somebody who signs in at the provider."""

    client: Client
    provider: str = "GOOGLE"
    verifier: str = VERIFIER

    async def begin(self, viewer: Viewer = ANONYMOUS, **changes: Any) -> dict[str, Any]:
        given = {
            "provider": self.provider,
            "redirectUri": REDIRECT_URI,
            "codeChallenge": challenge_of(self.verifier),
            **changes,
        }
        return await self.client.result(START, viewer, input=given)

    async def choose(self, authorization_url: str, subject: str) -> dict[str, str]:
        """Return what comes back to the client after the person chose at the provider."""
        asked = dict(parse_qs(urlsplit(authorization_url).query))
        async with httpx.AsyncClient() as browser:
            page = await browser.get(authorization_url)
            assert page.status_code == 200, page.text
            form = {name: values[0] for name, values in asked.items()} | {"person": subject}
            back = await browser.post(authorization_url.partition("?")[0], data=form)
        assert back.status_code == 303, back.text
        location = urlsplit(back.headers["location"])
        assert location._replace(query="").geturl() == REDIRECT_URI
        return {name: values[0] for name, values in parse_qs(location.query).items()}

    async def come_back(self, subject: str, viewer: Viewer = ANONYMOUS) -> dict[str, Any]:
        """Return the input of `loginWithProvider` after the whole way to the provider and back."""
        begun = await self.begin(viewer)
        back = await self.choose(begun["authorizationUrl"], subject)
        assert back["state"] == begun["state"]
        return {
            "provider": self.provider,
            "code": back["code"],
            "codeVerifier": self.verifier,
            "redirectUri": REDIRECT_URI,
            "state": back["state"],
        }

    async def sign_in(self, subject: str) -> dict[str, Any]:
        return await self.client.result(FINISH, input=await self.come_back(subject))


def challenge_of(verifier: str) -> str:
    """Return the PKCE challenge of the verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
