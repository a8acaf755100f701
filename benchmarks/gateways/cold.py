"""Planning and composition without a server: what each implementation takes, first and after some practice.

Every implementation runs in a process of its own. Planning includes parsing and validation, since a router does both
with a text that it has not seen.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateways.graphs import Graph
from stack.home import PROJECT

_SECONDS = 180
_OURS = [sys.executable, "-m", "benchmarks.gateways.cold_reelgraph"]


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of the first call in a new process, and the median of those that follow."""

    what: str
    graph: str
    implementation: str
    first_ms: float
    median_ms: float


def planning(graph: Graph, supergraph: Path, *, node: Path, core: int) -> list[Timing]:
    """Return how long each planner takes for the graph's first operation."""
    operation = graph.operations[0]
    texts = supergraph.with_suffix(".texts.json")
    texts.write_text(json.dumps([operation.cold_text(number) for number in range(30)]), encoding="utf-8")
    files = [str(supergraph), str(texts)]
    script = ["node", str(node / "cold.mjs")]
    commands = {
        "reelgraph": [*_OURS, "plan", *files],
        "reelgraph, with the plan's code": [*_OURS, "plan-and-compile", *files],
        "@apollo/query-planner": [*script, "plan-apollo", *files],
        "@graphql-hive/router-query-planner": [*script, "plan-hive", *files],
    }
    return [
        _timed(f"plan {operation.name}", graph.name, name, command, core=core) for name, command in commands.items()
    ]


def composition(graph: Graph, folder: Path, *, node: Path, core: int) -> list[Timing]:
    """Return how long each composer takes for the graph's subgraphs."""
    sdl = folder / f"{graph.name}.subgraphs.json"
    sdl.write_text(json.dumps(dict(graph.sdl)), encoding="utf-8")
    script = ["node", str(node / "cold.mjs")]
    commands = {
        "reelgraph": [*_OURS, "compose", str(sdl)],
        "@apollo/composition": [*script, "compose-apollo", str(sdl)],
        "@theguild/federation-composition": [*script, "compose-guild", str(sdl)],
    }
    return [_timed("compose", graph.name, name, command, core=core) for name, command in commands.items()]


def _timed(what: str, graph: str, implementation: str, command: list[str], *, core: int) -> Timing:
    done = subprocess.run(
        ["taskset", "--cpu-list", str(core), *command],
        cwd=PROJECT,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        print(f"{implementation} could not {what}, {graph}: {done.stderr.decode()[-1500:].strip()}", file=sys.stderr)
        return Timing(what, graph, implementation, float("nan"), float("nan"))
    figures = json.loads(done.stdout)
    return Timing(what, graph, implementation, figures["first_ms"], figures["median_ms"])
