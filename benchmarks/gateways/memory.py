"""What our router holds after many requests of many operations: `python -m benchmarks.gateways --memory`.

Operations are asked for as clients do: a few of them most of the time, the n-th with a share of 1/n. Each is one of the
graph's own operations under another alias, so they come in all sizes. The sequence is the same in every run.
"""

import asyncio
import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

import uvloop

from benchmarks.gateways.graphs import Graph
from benchmarks.gateways.peers import Running
from benchmarks.load import http_request, run_once_each
from benchmarks.processes import resident_mb, usage
from stack.servers.process import LOOPBACK

_CLIENTS = 16
_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """PSS and RSS in MB, before the first request and after the last."""

    requests: int
    failures: int
    operations: int
    pss_before: float
    rss_before: float
    pss_after: float
    rss_after: float


def measure_memory(graph: Graph, running: Running, *, requests: int, operations: int) -> MemoryFigures:
    """Send the requests and return what the router held before and after."""
    texts = _texts(graph, operations)
    pids = running.pids()
    pss_before, rss_before = usage(pids).pss_mb, resident_mb(pids)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        chosen = itertools.islice(_chosen(texts, running.port), requests)
        outcome = runner.run(
            run_once_each(running.port, chosen, clients=_CLIENTS, seconds=_SECONDS, expect=b'{"data":')
        )
    return MemoryFigures(
        requests=len(outcome.latencies_ms),
        failures=outcome.failures,
        operations=len(texts),
        pss_before=pss_before,
        rss_before=rss_before,
        pss_after=usage(pids).pss_mb,
        rss_after=resident_mb(pids),
    )


def print_memory(graph: Graph, figures: MemoryFigures) -> None:
    """Print the figures."""
    print(
        f"\nmemory, {graph.name}: {figures.requests} requests of {figures.operations} operations, "
        f"{figures.failures} failed\n"
        f"  before  PSS {figures.pss_before:.0f} MB, RSS {figures.rss_before:.0f} MB\n"
        f"  after   PSS {figures.pss_after:.0f} MB, RSS {figures.rss_after:.0f} MB"
    )


def _texts(graph: Graph, count: int) -> list[str]:
    return [graph.operations[number % len(graph.operations)].cold_text(number) for number in range(count)]


def _chosen(texts: list[str], port: int) -> Iterator[bytes]:
    rng = random.Random(1)
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(texts) + 1)))
    while True:
        (text,) = rng.choices(texts, cum_weights=weights)
        yield http_request(LOOPBACK, port, json.dumps({"query": text}).encode(), token=None)
