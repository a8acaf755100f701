"""Every subgraph as a server of its own, by the command that containers run, and a router that calls them."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from urllib.error import URLError

import orjson

from stack.edge import apart_app
from stack.home import PROJECT
from stack.services import SUBGRAPHS
from tests.e2e.platform import Platform, open_client, settings_of

_START_SECONDS = 60


def free_port() -> int:
    """Return a port of the loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class SubgraphServers:
    """The running servers: their ports and processes by subgraph."""

    environment: Mapping[str, str]
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start one subgraph's server; `wait` for it afterwards."""
        self.ports[name] = free_port()
        command = [sys.executable, "-m", "stack", "serve", name, "--port", str(self.ports[name])]
        self.processes[name] = subprocess.Popen(
            command, env=dict(self.environment), cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def wait(self, name: str) -> None:
        """Return when the server answers that its stores do."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            assert self.processes[name].poll() is None, f"{name} ended with {self.processes[name].returncode}"
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]}/ready", timeout=5):
                    return
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError(f"{name} is not ready after {_START_SECONDS} s")

    def kill(self, name: str) -> None:
        """End one server without warning."""
        self.processes[name].kill()
        self.processes[name].wait(10)

    def stop(self) -> None:
        """End all servers."""
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait(10)


@contextmanager
def subgraph_servers(environment: Mapping[str, str]) -> Iterator[SubgraphServers]:
    """Start all subgraphs' servers, and end them after the block."""
    servers = SubgraphServers(environment)
    try:
        for subgraph in SUBGRAPHS:
            servers.start(subgraph.name)
        for subgraph in SUBGRAPHS:
            servers.wait(subgraph.name)
        yield servers
    finally:
        servers.stop()


@asynccontextmanager
async def open_apart(servers: SubgraphServers, *, dead: str | None = None) -> AsyncIterator[Platform]:
    """Open a router over the servers; it finds nobody at the address of the `dead` one."""
    urls = {name: f"http://127.0.0.1:{port}/graphql" for name, port in servers.ports.items()}
    if dead is not None:
        urls[dead] = f"http://127.0.0.1:{free_port()}/graphql"
    environment = {**servers.environment, "ROUTER_SUBGRAPH_URLS": orjson.dumps(urls).decode()}
    with settings_of(environment):
        edge = apart_app()
    async with open_client(edge, environment) as platform:
        yield platform
