"""Interleaved rounds of load on gateways that run side by side; only one is loaded at a time."""

import asyncio
import itertools
import json
import statistics
import time
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import uvloop

from benchmarks.gateways.checks import total_requests
from benchmarks.gateways.graphs import Operation
from benchmarks.gateways.peers import Running
from benchmarks.load import Outcome, http_request, run, run_once_each
from benchmarks.processes import usage
from stack.servers.process import LOOPBACK

_WARM_UP_STEP_SECONDS = 2
_LONGEST_WARM_UP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of load.

    Attributes:
        is_cold: Each request is a text that the gateway has never seen.
        deduplicate: Gateways that can share subgraph requests under way do so.
        is_warm: A scenario before has warmed the gateways up for this one.
    """

    name: str
    operation: Operation
    clients: int
    is_cold: bool = False
    deduplicate: bool = False
    is_warm: bool = False


@dataclass(slots=True)
class Measured:
    """One gateway in one scenario, over all rounds. `cpu_ms` has the CPU time per request of each round."""

    scenario: Scenario
    running: Running
    outcome: Outcome = field(default_factory=lambda: Outcome(0))
    cpu_ms: list[float] = field(default_factory=list)
    subgraph_requests: int = 0
    pss_mb: float = 0
    texts: Iterator[int] = field(default_factory=itertools.count)

    def row(self) -> dict[str, Any]:
        """Return the figures; CPU per request is the median of the rounds."""
        outcome = self.outcome
        count = len(outcome.latencies_ms)
        return {
            "scenario": self.scenario.name,
            "operation": self.scenario.operation.name,
            "cold": self.scenario.is_cold,
            "deduplicate": self.scenario.deduplicate,
            "clients": self.scenario.clients,
            "gateway": self.running.gateway.name,
            "requests": count,
            "failures": outcome.failures,
            "requests_per_second": outcome.requests_per_second if outcome.seconds else 0.0,
            "p50_ms": outcome.percentile_ms(50),
            "p99_ms": outcome.percentile_ms(99),
            "cpu_ms_per_request": statistics.median(self.cpu_ms) if self.cpu_ms else None,
            "cpu_ms_per_request_by_round": self.cpu_ms,
            "pss_mb": self.pss_mb,
            "subgraph_requests_per_request": self.subgraph_requests / count if count else None,
        }


def measure(
    scenario: Scenario,
    gateways: Sequence[Running],
    *,
    rounds: int,
    seconds: float,
    warm_requests: int,
    subgraph_port: int,
) -> list[Measured]:
    """Return the figures of all gateways: warmed up first, then in rounds that change direction each time."""
    measured = [Measured(scenario, running) for running in gateways]
    if not scenario.is_warm:
        for one in measured:
            _warm_up(one, requests=warm_requests)
    for number in range(rounds):
        for one in measured if number % 2 == 0 else reversed(measured):
            _round(one, seconds=seconds, subgraph_port=subgraph_port)
    return measured


def _warm_up(one: Measured, *, requests: int) -> None:
    """Load it until the just-in-time compiler of node has seen enough, but not for ever."""
    answered, deadline = 0, time.monotonic() + _LONGEST_WARM_UP_SECONDS
    while answered < requests and time.monotonic() < deadline:
        answered += max(len(_load(one, seconds=_WARM_UP_STEP_SECONDS).latencies_ms), 1)


def _round(one: Measured, *, seconds: float, subgraph_port: int) -> None:
    asked = total_requests(subgraph_port)
    before = usage(one.running.pids())
    outcome = _load(one, seconds=seconds)
    after = usage(one.running.pids())
    one.outcome.add(outcome)
    one.subgraph_requests += total_requests(subgraph_port) - asked
    one.pss_mb = after.pss_mb
    if outcome.latencies_ms:
        one.cpu_ms.append((after.cpu_seconds - before.cpu_seconds) * 1000 / len(outcome.latencies_ms))


def _load(one: Measured, *, seconds: float) -> Outcome:
    scenario, port = one.scenario, one.running.port
    operation = scenario.operation
    load: Coroutine[Any, Any, Outcome]
    if scenario.is_cold:
        requests = (_request(port, operation.cold_text(number)) for number in one.texts)
        load = run_once_each(port, requests, clients=scenario.clients, seconds=seconds, expect=operation.expect)
    else:
        request = _request(port, operation.text)
        load = run(port, [request], clients=scenario.clients, seconds=seconds, expect=operation.expect)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(load)


def _request(port: int, text: str) -> bytes:
    return http_request(LOOPBACK, port, json.dumps({"query": text}).encode(), token=None)
