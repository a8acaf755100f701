"""Opens the platform for end-to-end tests and talks to it as a client would."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from graphql import build_schema

from media.samples import ensure_sample
from router.http import engines
from router.supergraph import Supergraph
from stack.edge import EdgeApp, together_app
from stack.environment import Addresses, build_environment
from stack.home import PROJECT, Home
from stack.keys import load_keys
from stack.seed.accounts import demo_viewer
from stack.services import SUBGRAPHS
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.users.service.tokens import TokenSigner, mint_access_token

OPERATIONS = PROJECT / "schema" / "operations"


def platform_environment(folder: Path, stores: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that `reelgraph up` would give its processes on these stores, without rate limits
    and with passwords that are hashed quickly."""
    home = Home(folder)
    home.create()
    environment = build_environment(home, load_keys(home.keys), Addresses(stores, router_port=4000, subgraph_ports={}))
    # Tests ask more often than people; those of the limits set their own.
    return {**environment, "ROUTER_RATE_LIMITS": "{}", "PASSWORD_HASH_COST": "4"}


def prepare_stores(environment: Mapping[str, str]) -> None:
    """Migrate and seed, by the commands that containers use, with a sample stream of two seconds: quickly encoded."""
    ensure_sample(Path(environment["OBJECTS_DIR"]), seconds=2)
    for part in ("migrate", "seed"):
        command = [sys.executable, "-m", "stack", "serve", part]
        done = subprocess.run(
            command, env=dict(environment), cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


@dataclass(slots=True)
class RecordingApp:
    """A subgraph that remembers which operations it was asked."""

    app: SubgraphApp
    calls: list[str]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.app, name)

    async def execute(self, query: str, **options: Any) -> dict[str, Any]:
        self.calls.append(self.app.name)
        return await self.app.execute(query, **options)


@dataclass(slots=True)
class Platform:
    """A client of the platform, and the subgraph calls that its last requests caused."""

    http: httpx.AsyncClient
    signer: TokenSigner
    redis_url: str
    calls: list[str] = field(default_factory=list)

    def token(self, key: str, *, profile: int = 0) -> str:
        """Return an access token of a demo person with one of the profiles."""
        return mint_access_token(self.signer, demo_viewer(key, profile=profile), now=datetime.now(UTC))

    async def send(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return the GraphQL response to one request."""
        sent = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        body = {"query": query, "variables": dict(variables or {})}
        response = await self.http.post("/graphql", json=body, headers=sent)
        answer: dict[str, Any] = response.json()
        return answer

    async def data(
        self, query: str, variables: Mapping[str, Any] | None = None, *, token: str | None = None
    ) -> dict[str, Any]:
        """Return the data of a request that must not report any error."""
        answer = await self.send(query, variables, token=token)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data


def operation(name: str) -> str:
    """Return the text of a saved operation: `home`, `title-detail`, …"""
    return (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")


@contextmanager
def settings_of(environment: Mapping[str, str]) -> Iterator[None]:
    """Give this process the environment for as long as settings are read, and no longer: other tests share it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield


_read_supergraph = lru_cache(maxsize=1)(Supergraph.from_sdl)
_read_schema = lru_cache(maxsize=1)(build_schema)


@contextmanager
def _schemas_read_once() -> Iterator[None]:
    """Have routers read the text of the schemas only if it is not what the last one read: half of their start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Supergraph, "from_sdl", _read_supergraph)
        patch.setattr(engines, "build_schema", _read_schema)
        yield


@asynccontextmanager
async def open_platform(environment: Mapping[str, str]) -> AsyncIterator[Platform]:
    """Open router and subgraphs in this process; the environment says on which stores."""
    calls: list[str] = []
    with settings_of(environment), _schemas_read_once():
        apps = [RecordingApp(import_module(subgraph.app_module).create_app(), calls) for subgraph in SUBGRAPHS]
        edge = together_app(cast("list[SubgraphApp]", apps))
    async with open_client(edge, environment) as platform:
        platform.calls = calls
        yield platform


@asynccontextmanager
async def open_client(edge: EdgeApp, environment: Mapping[str, str]) -> AsyncIterator[Platform]:
    """Run the application and talk to it."""
    signer = TokenSigner.load(
        Path(environment["ACCESS_TOKEN_KEY_FILE"]),
        issuer=environment["ACCESS_TOKEN_ISSUER"],
        audience=environment["ACCESS_TOKEN_AUDIENCE"],
    )
    async with (
        edge.running(),
        httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://platform", timeout=60) as http,
    ):
        yield Platform(http, signer, environment["REDIS_URL"])
