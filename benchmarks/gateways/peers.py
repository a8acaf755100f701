"""The gateways that are compared, and how each is started on a core of its own."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.processes import tree
from stack.home import PROJECT
from stack.servers.process import LOOPBACK, ServerPlan, free_port, launch, stop, wait_until_ready

OURS = "reelgraph"
_START_SECONDS = 90
_STOP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Gateway:
    """One way to run a gateway.

    Attributes:
        arguments: Command line; `{supergraph}`, `{port}` and `{node}`, the folder of the packages, are filled in.
        deduplicating: Environment that makes it share subgraph requests that are under way; None if it cannot.
        separate: Environment that makes it send every one.
    """

    name: str
    label: str
    arguments: tuple[str, ...]
    deduplicating: Mapping[str, str] | None
    separate: Mapping[str, str]


_HIVE = (
    "node",
    "{node}/node_modules/@graphql-hive/gateway/dist/bin.js",
    "supergraph",
    "{supergraph}",
    *("--config-path", "{node}/hive.config.mjs", "--host", LOOPBACK, "--port", "{port}"),
)
GATEWAYS = (
    Gateway(
        OURS,
        "Reelgraph router",
        (sys.executable, "-m", "router", "serve", "--supergraph", "{supergraph}", "--port", "{port}"),
        {"ROUTER_SUBGRAPH_SHARE_CALLS": "true"},
        {"ROUTER_SUBGRAPH_SHARE_CALLS": "false"},
    ),
    Gateway("apollo", "Apollo Gateway", ("node", "{node}/apollo.mjs", "{supergraph}", "{port}"), None, {}),
    Gateway("hive", "Hive Gateway", _HIVE, {"DEDUPLICATE": "1"}, {"DEDUPLICATE": "0"}),
    Gateway(
        "hive-rust",
        "Hive Gateway, Rust runtime",
        (*_HIVE, "--hive-router-runtime"),
        {"DEDUPLICATE": "1"},
        {"DEDUPLICATE": "0"},
    ),
)


@dataclass(frozen=True, slots=True)
class Cores:
    """Where processes run: the gateway under test alone on one core, all the rest on the others."""

    gateway: int
    rest: frozenset[int]

    @classmethod
    def share(cls) -> "Cores":
        """Divide the cores that we may use. With a single one, everything shares it, and figures mean little."""
        cores = sorted(os.sched_getaffinity(0))
        return cls(cores[0], frozenset(cores[1:] or cores))


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that serves."""

    gateway: Gateway
    port: int
    pid: int

    def pids(self) -> list[int]:
        """Return its processes."""
        return tree(self.pid)


@contextlib.contextmanager
def started(
    gateway: Gateway,
    *,
    supergraph: Path,
    node: Path,
    core: int,
    deduplicate: bool,
    log: IO[bytes],
    forward_header: str | None = None,
) -> Iterator[Running]:
    """Start a gateway on a free port and the given core, and end it after the block.

    Those on Node pass `forward_header` on to subgraphs.

    Raises:
        ServerError: It did not start; its log says why.
    """
    port = free_port()
    filled = [part.format(supergraph=supergraph, port=port, node=node) for part in gateway.arguments]
    environment = (gateway.deduplicating if deduplicate else gateway.separate) or {}
    forwarding = {"FORWARD_HEADER": forward_header} if forward_header else {}
    with running(
        ["taskset", "--cpu-list", str(core), *filled],
        label=gateway.label,
        port=port,
        path="/graphql",
        environment={"NODE_ENV": "production", "PYTHONUNBUFFERED": "1", **environment, **forwarding},
        cwd=node if filled[0] == "node" else PROJECT,
        log=log,
    ) as process:
        yield Running(gateway, port, process.pid)


@contextlib.contextmanager
def running(
    arguments: Sequence[str],
    *,
    label: str,
    port: int,
    path: str,
    environment: Mapping[str, str],
    cwd: Path,
    log: IO[bytes],
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait until it answers HTTP at `path`, and end it and its children after the block."""
    program = shutil.which(arguments[0]) or arguments[0]
    plan = ServerPlan(
        role=label,
        label=label,
        url=f"http://{LOOPBACK}:{port}{path}",
        port=port,
        argv=(program, *arguments[1:]),
        answers=lambda: _answers(port, path),
        cwd=cwd,
        env=environment,
    )
    process = launch(plan, log)
    try:
        wait_until_ready(plan, process, timeout_seconds=_START_SECONDS)
        yield process
    finally:
        children = tree(process.pid)[1:]
        stop(process, stop_signal=signal.SIGTERM, timeout_seconds=_STOP_SECONDS)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def _answers(port: int, path: str) -> bool:
    """Return whether anything speaks HTTP there; which status a bare GET gets is each gateway's own."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
