"""The command: starts everything, measures all gateways in one run, prints the tables, ends everything.

`python -m benchmarks.gateways [--rounds N] [--seconds S] [--clients N] [--only NAME]… [--json FILE]`; needs node and
npm for the peers. With `--checks` nothing is measured: each gateway answers each saved operation once, and the tables
say who answers otherwise and how many subgraph requests it took. With `--memory` only our router runs, over very many
operations. Read the ratios of one run: the machine is shared with the load and with all else that runs on it.
"""

import argparse
import contextlib
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.gateways import cold, packages
from benchmarks.gateways.checks import Checked, check
from benchmarks.gateways.graphs import Graph, load_graphs
from benchmarks.gateways.measure import Scenario, measure
from benchmarks.gateways.memory import measure_memory, print_memory
from benchmarks.gateways.peers import GATEWAYS, OURS, Cores, Gateway, Running, running, started
from benchmarks.gateways.report import print_checks, print_scenarios, print_timings
from stack.home import PROJECT
from stack.servers.process import LOOPBACK, ServerError, free_port

_COLD_CLIENTS = 4


class Run:
    """One run of the benchmark: its folder, its cores, and what has been found so far."""

    def __init__(self, arguments: argparse.Namespace, folder: Path, node: Path) -> None:
        self.arguments = arguments
        self.folder = folder
        self.node = node
        self.cores = Cores.share()
        self.gateways = [one for one in GATEWAYS if one.name in arguments.only]
        self.checked: list[Checked] = []
        self.rows: list[dict[str, Any]] = []
        self.timings: list[cold.Timing] = []

    def graph(self, graph: Graph) -> None:
        """Measure everything over one graph."""
        ports = [free_port() for _ in graph.sdl]
        addresses = {name: f"http://{LOOPBACK}:{port}/graphql" for name, port in zip(graph.sdl, ports, strict=True)}
        supergraph = self.folder / f"{graph.name}.graphql"
        supergraph.write_text(graph.supergraph_at(addresses), encoding="utf-8")
        if self.arguments.memory:
            self._memory(graph, supergraph, ports)
            return
        with self._subgraphs(graph, ports):
            for deduplicate in (False, True):
                with self._all_started(supergraph, deduplicate=deduplicate) as gateways:
                    if not deduplicate:
                        self._check(graph, gateways, subgraph_port=ports[0])
                    if self.arguments.checks:
                        return
                    for scenario in self._scenarios(graph, deduplicate=deduplicate):
                        if self.arguments.scenario in scenario.name:
                            self._measure(scenario, gateways, subgraph_port=ports[0])
        if not self.arguments.without_cold:
            core = self.cores.gateway
            self.timings += cold.planning(graph, supergraph, node=self.node, core=core)
            self.timings += cold.composition(graph, self.folder, node=self.node, core=core)

    def _memory(self, graph: Graph, supergraph: Path, ports: Sequence[int]) -> None:
        ours = next(one for one in GATEWAYS if one.name == OURS)
        arguments = self.arguments
        with self._subgraphs(graph, ports), self._started(ours, supergraph, deduplicate=False) as router:
            print_memory(
                graph,
                measure_memory(graph, router, requests=arguments.requests, operations=arguments.different_operations),
            )

    @contextlib.contextmanager
    def _subgraphs(self, graph: Graph, ports: Sequence[int]) -> Iterator[None]:
        cores = ",".join(map(str, sorted(self.cores.rest)))
        module = [sys.executable, "-m", "benchmarks.gateways.subgraphs", graph.name, *map(str, ports)]
        with (
            (self.folder / f"{graph.name}-subgraphs.log").open("wb") as log,
            running(
                ["taskset", "--cpu-list", cores, *module],
                label=f"subgraphs of {graph.name}",
                port=ports[-1],
                path="/counts",
                environment={},
                cwd=PROJECT,
                log=log,
            ),
        ):
            yield

    @contextlib.contextmanager
    def _all_started(self, supergraph: Path, *, deduplicate: bool) -> Iterator[list[Running]]:
        with contextlib.ExitStack() as stack:
            yield [
                stack.enter_context(self._started(one, supergraph, deduplicate=deduplicate)) for one in self.gateways
            ]

    @contextlib.contextmanager
    def _started(self, gateway: Gateway, supergraph: Path, *, deduplicate: bool) -> Iterator[Running]:
        file = self.folder / f"{supergraph.stem}-{gateway.name}.log"
        with file.open("ab") as log:
            try:
                with started(
                    gateway,
                    supergraph=supergraph,
                    node=self.node,
                    core=self.cores.gateway,
                    deduplicate=deduplicate,
                    log=log,
                ) as one:
                    yield one
            except ServerError as error:
                tail = file.read_text(encoding="utf-8", errors="replace")[-1500:]
                raise SystemExit(f"{error}\n{tail}") from error

    def _check(self, graph: Graph, gateways: Sequence[Running], *, subgraph_port: int) -> None:
        found = []
        for name, text in graph.corpus.items():
            found += check(gateways, operation=name, text=text, subgraph_port=subgraph_port)
        print_checks(found)
        self.checked += found

    def _scenarios(self, graph: Graph, *, deduplicate: bool) -> list[Scenario]:
        clients = self.arguments.clients
        if deduplicate:
            one = graph.operations[0]
            return [Scenario(f"{one.name}, in-flight deduplication", one, clients, deduplicate=True)]
        scenarios = []
        for one in graph.operations:
            scenarios += [
                Scenario(one.name, one, clients),
                Scenario(f"{one.name}, unloaded", one, 1, is_warm=not self.arguments.scenario),
            ]
        one = graph.operations[0]
        return [*scenarios, Scenario(f"{one.name}, texts never seen", one, _COLD_CLIENTS, is_cold=True)]

    def _measure(self, scenario: Scenario, gateways: Sequence[Running], *, subgraph_port: int) -> None:
        wrong = {one.gateway for one in self.checked if one.difference and one.operation == scenario.operation.name}
        arguments = self.arguments
        measured = measure(
            scenario,
            [one for one in gateways if one.gateway.name not in wrong],
            rounds=arguments.rounds,
            seconds=arguments.seconds,
            warm_requests=arguments.warm_requests,
            subgraph_port=subgraph_port,
        )
        rows = [one.row() for one in measured]
        print_scenarios(rows)
        sys.stdout.flush()
        self.rows += rows


def main() -> None:
    """Run the benchmark. Exits with 1 if a gateway answered differently from the first one."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _end)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reelgraph-gateways-")))
        try:
            needs_node = arguments.only != [OURS] or not arguments.without_cold
            node = packages.install(arguments.packages) if needs_node else arguments.packages
        except packages.PackagesError as error:
            raise SystemExit(str(error)) from error
        run = Run(arguments, folder, node)
        _pin(run.cores)
        load_before = os.getloadavg()
        print(_conditions(run, load_before))
        started_at = time.time()
        try:
            for graph in load_graphs().values():
                if graph.name in arguments.graphs:
                    run.graph(graph)
        except ServerError as error:
            raise SystemExit(str(error)) from error
        if run.timings:
            print_timings(run.timings)
        print(f"\nload average after: {os.getloadavg()[0]:.1f}; took {time.time() - started_at:.0f} s")
        if arguments.json:
            _write(run, arguments.json, load_before)
        if any(one.difference for one in run.checked):
            raise SystemExit(1)


def _arguments() -> argparse.Namespace:
    names = [one.name for one in GATEWAYS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gateways", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each gateway and scenario")
    parser.add_argument("--seconds", type=float, default=5, help="length of a round")
    parser.add_argument("--warm-requests", type=int, default=500, help="before the first round, within a minute")
    parser.add_argument("--clients", type=int, default=16, help="connections that ask at the same time")
    parser.add_argument("--only", action="append", choices=names, help="gateway to measure; repeatable")
    parser.add_argument("--graph", dest="graphs", action="append", choices=["shop", "home"], help="repeatable")
    parser.add_argument("--scenario", default="", help="only scenarios whose title holds this")
    parser.add_argument("--checks", action="store_true", help="only compare replies and subgraph requests")
    parser.add_argument("--without-cold", action="store_true", help="leave out planning and composition")
    parser.add_argument("--packages", type=Path, default=packages.default_folder(), help="where npm packages are kept")
    parser.add_argument("--memory", action="store_true", help="only what our router holds after many operations")
    parser.add_argument("--requests", type=int, default=100_000, help="for --memory")
    parser.add_argument("--different-operations", type=int, default=2_000, help="for --memory")
    parser.add_argument("--json", type=Path, help="also write everything to this file")
    arguments = parser.parse_args()
    if arguments.memory:
        arguments.only, arguments.without_cold = [OURS], True
    arguments.only = arguments.only or names
    arguments.graphs = arguments.graphs or ["shop", "home"]
    return arguments


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit("ended by a signal")


def _pin(cores: Cores) -> None:
    """Keep the load generator, this process, off the gateways' core."""
    os.sched_setaffinity(0, cores.rest)


def _conditions(run: Run, load: tuple[float, float, float]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in packages.VERSIONS.items())
    return (
        f"{platform.machine()}, {os.cpu_count()} cores; Python {platform.python_version()}; {versions}\n"
        f"each gateway on core {run.cores.gateway}, load and subgraphs on {sorted(run.cores.rest)}; "
        f"{run.arguments.rounds} rounds of {run.arguments.seconds} s\n"
        f"load average before: {' '.join(f'{value:.1f}' for value in load)}"
    )


def _write(run: Run, file: Path, load: tuple[float, float, float]) -> None:
    content = {
        "versions": packages.VERSIONS,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load_average_before": load,
        "load_average_after": os.getloadavg(),
        "rounds": run.arguments.rounds,
        "seconds": run.arguments.seconds,
        "checks": [asdict(one) for one in run.checked],
        "scenarios": run.rows,
        "cold": [asdict(one) for one in run.timings],
    }
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; everything that was started has ended")
