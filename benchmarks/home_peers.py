"""Gateways on Node in front of the platform's own subgraphs, run by plain Strawberry: what `benchmarks.home` compares.

The subgraphs are those of a platform that runs apart with compiled execution off, on its stores and its data. Clients
hand the viewer's signed context to the gateway, which passes it on: checking access tokens, which our router does for
each request, is spared the others.
"""

import contextlib
import json
import os
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.gateways import packages
from benchmarks.gateways.graphs import Graph, load_graphs
from benchmarks.gateways.peers import GATEWAYS, Running, started
from benchmarks.platforms import Platform, Roles
from subgraphs.shared.identity import VIEWER_CONTEXT_HEADER, sign_viewer_context

PEERS = ("apollo", "hive", "hive-rust")
"""Hive Gateway's own runtime has answered our operations with errors; the benchmark says how whole each answer is."""

_CONTEXT_LIFETIME = timedelta(hours=2)
_ROUTER = "router"


@dataclass(frozen=True, slots=True)
class Peer:
    """A gateway in front of the subgraphs of a platform, whose own router stands idle and is not counted."""

    platform: Platform
    gateway: Running

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.platform.name} subgraphs, {self.gateway.gateway.label}"

    @property
    def may_fail(self) -> bool:
        """Whether it is measured even if its answer should not be whole."""
        return self.gateway.gateway.name == "hive"

    @property
    def port(self) -> int:
        """Where clients ask."""
        return self.gateway.port

    def roles(self) -> Roles:
        """Return the processes by role."""
        roles = {name: pids for name, pids in self.platform.roles().items() if name != _ROUTER}
        return roles | {"gateway": self.gateway.pids()}

    def headers(self, token: str) -> dict[str, str]:
        """Return the headers of a viewer's requests: what our router would tell the subgraphs."""
        key = (self.platform.home / "keys" / "viewer-context.key").read_text(encoding="utf-8").strip()
        payload = {"claims": _claims_of(token), "country": "IN"}
        context = sign_viewer_context(payload, key=key, expires_at=datetime.now(UTC) + _CONTEXT_LIFETIME)
        return {VIEWER_CONTEXT_HEADER: context}


@contextlib.contextmanager
def peers_before(platform: Platform, folder: Path, *, names: Sequence[str] = PEERS) -> Iterator[list[Peer]]:
    """Start the gateways in front of a platform that runs apart, and end them after the block.

    Raises:
        PackagesError: npm cannot install them.
        ServerError: One does not start.
    """
    node = packages.install(packages.default_folder())
    home: Graph = load_graphs()["home"]
    ports: dict[str, int] = platform.state()["ports"]
    addresses = {name: f"http://127.0.0.1:{ports[name]}/graphql" for name in home.sdl}
    supergraph = folder / "supergraph.graphql"
    supergraph.write_text(home.supergraph_at(addresses), encoding="utf-8")
    with contextlib.ExitStack() as stack:
        yield [
            Peer(platform, stack.enter_context(_started(gateway.name, supergraph, node, folder)))
            for gateway in GATEWAYS
            if gateway.name in names
        ]


@contextlib.contextmanager
def _started(name: str, supergraph: Path, node: Path, folder: Path) -> Iterator[Running]:
    gateway = next(one for one in GATEWAYS if one.name == name)
    with (
        (folder / f"{name}.log").open("wb") as log,
        started(
            gateway,
            supergraph=supergraph,
            node=node,
            core=max(os.sched_getaffinity(0)),
            deduplicate=False,
            log=log,
            forward_header=VIEWER_CONTEXT_HEADER,
        ) as one,
    ):
        yield one


def _claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
