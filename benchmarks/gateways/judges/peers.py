"""Gives other gateways the project's supergraph, and compares what they answer to every saved operation with ours.

Twice: as it is, with what it demands of viewers, and without. Nobody signs in: ours answers without demands, and so
does a gateway that reads them but has no authentication set up. The probes for what peers are known to do otherwise are
asked as well; upstream_faults.py judges what came.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.gateways.checks import ask, first_difference
from benchmarks.gateways.graphs import Graph, at, composed, load_graphs
from benchmarks.gateways.judges.upstream_faults import AS_IT_IS, OPEN, PROBES, START, Answer
from benchmarks.gateways.peers import GATEWAYS, OURS, Cores, Gateway, Running, running, started
from stack.home import PROJECT
from stack.servers.process import LOOPBACK, ServerError, free_port

_SHOWN = 160


def judge_peers(node: Path) -> Iterator[Answer]:
    """Yield an answer for each gateway, supergraph and operation; one for a supergraph that is refused."""
    graph = load_graphs()["home"]
    operations = {**graph.corpus, **PROBES}
    with tempfile.TemporaryDirectory(prefix="reelgraph-judges-") as name, ExitStack() as stack:
        folder = Path(name)
        ports = [free_port() for _ in graph.sdl]
        stack.enter_context(_subgraphs(graph, ports, folder))
        addresses = {each: f"http://{LOOPBACK}:{port}/graphql" for each, port in zip(graph.sdl, ports, strict=True)}
        files = {}
        for origin, with_authorization in ((OPEN, False), (AS_IT_IS, True)):
            files[origin] = folder / f"{with_authorization}.graphql"
            files[origin].write_text(at(addresses, composed(graph.sdl, with_authorization=with_authorization)), "utf-8")
        ours = next(each for each in GATEWAYS if each.name == OURS)
        with _served(ours, files[OPEN], node) as us:
            wanted = {each: _ours(us.port, text) for each, text in operations.items()}
        for origin, file in files.items():
            for gateway in GATEWAYS:
                if gateway is not ours:
                    yield from _compare(operations, wanted, gateway, origin=origin, supergraph=file, node=node)


def _compare(
    operations: Mapping[str, str],
    wanted: Mapping[str, Any],
    gateway: Gateway,
    *,
    origin: str,
    supergraph: Path,
    node: Path,
) -> Iterator[Answer]:
    try:
        with _served(gateway, supergraph, node) as peer:
            for name, text in operations.items():
                yield Answer(gateway.label, origin, name, _problem(wanted[name], peer.port, text))
    except ServerError:
        log = supergraph.with_suffix(f".{gateway.name}.log").read_text(encoding="utf-8", errors="replace")
        yield Answer(gateway.label, origin, START, f"refused: {_reason(log)}")


def _ours(port: int, text: str) -> Any:
    """Return our data. With an error there would be too little to compare."""
    reply = json.loads(ask(port, text))
    if reply.get("errors") or not reply.get("data"):
        raise AssertionError(f"Our own answer is not whole: {str(reply)[:_SHOWN]}\n{text}")
    return reply["data"]


def _problem(wanted: Any, port: int, text: str) -> str | None:
    ask(port, text)  # the first request may find a gateway still warming up
    found = json.loads(ask(port, text))
    if found.get("errors"):
        messages = sorted({error["message"] for error in found["errors"]})
        return f"differs: errors: {', '.join(messages)[:_SHOWN]}"
    difference = first_difference(wanted, found.get("data"), path="data")
    return difference and f"differs: {difference}"


def _reason(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if "unsupported" in line]
    return (lines or ["it did not start"])[0][:_SHOWN]


@contextmanager
def _served(gateway: Gateway, supergraph: Path, node: Path) -> Iterator[Running]:
    core = Cores.share().gateway
    with (
        supergraph.with_suffix(f".{gateway.name}.log").open("wb") as log,
        started(gateway, supergraph=supergraph, node=node, core=core, deduplicate=False, log=log) as one,
    ):
        yield one


@contextmanager
def _subgraphs(graph: Graph, ports: list[int], folder: Path) -> Iterator[None]:
    module = [sys.executable, "-m", "benchmarks.gateways.subgraphs", graph.name, *map(str, ports)]
    with (
        (folder / "subgraphs.log").open("wb") as log,
        running(module, label="subgraphs", port=ports[-1], path="/counts", environment={}, cwd=PROJECT, log=log),
    ):
        yield
