"""Counters and histograms in the text format of Prometheus, and those that the router keeps.

A child (one combination of label values) is found once and then held by whoever counts with it: an observation costs
a bisection and two additions. The number of children is bounded, because clients choose the names of operations.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from time import perf_counter
from typing import Any

from router.execution.circuit_breaker import CircuitOpenError
from router.execution.transport import (
    EventStream,
    SubgraphRequest,
    SubgraphTransport,
    TransportError,
    subscribe_through,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MAX_OPERATIONS = 500
MAX_NAME_CHARACTERS = 80

OUTCOMES = ("ok", "partial", "refused", "failed")
CALL_OUTCOMES = ("ok", "SERVICE_UNAVAILABLE", "SERVICE_TIMEOUT", "SERVICE_BAD_RESPONSE", "circuit_open")


class Histogram:
    """Counts observations by upper bound."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float] = SECONDS_BOUNDS) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    def lines(self, name: str, labels: str) -> Iterable[str]:
        """Yield its samples."""
        passed = 0
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self.counts, strict=True):
            passed += count
            yield f'{name}_bucket{{{labels},le="{bound}"}} {passed}'
        yield f"{name}_sum{{{labels}}} {self.total}"
        yield f"{name}_count{{{labels}}} {passed}"


class Measured:
    """How often something ended in each way, and how long it took."""

    __slots__ = ("labels", "outcomes", "seconds")

    def __init__(self, labels: str, outcomes: Iterable[str]) -> None:
        self.labels = labels
        self.outcomes = dict.fromkeys(outcomes, 0)
        self.seconds = Histogram()

    def observe(self, outcome: str, seconds: float) -> None:
        """Count one end."""
        self.outcomes[outcome] += 1
        self.seconds.observe(seconds)


class RouterMetrics:
    """All metrics of one router process."""

    def __init__(self) -> None:
        self._subgraphs: dict[str, Measured] = {}
        self._operations: dict[tuple[str, str], Measured] = {}
        self._others = Measured(_labels({"operation": "", "document": "other"}), OUTCOMES)
        self.unknown_operation = Measured(_labels({"operation": "", "document": "unknown"}), OUTCOMES)
        self.supergraph_changes = {"served": 0, "rejected": 0}

    def of_subgraph(self, name: str) -> Measured:
        """Return what counts the calls of a subgraph."""
        if name not in self._subgraphs:
            self._subgraphs[name] = Measured(_labels({"subgraph": name}), CALL_OUTCOMES)
        return self._subgraphs[name]

    def of_operation(self, name: str | None, document: str) -> Measured:
        """Return what counts an operation; beyond `MAX_OPERATIONS` all share one.

        Args:
            name: As in the document.
            document: Short hash of the document.
        """
        key = ((name or "")[:MAX_NAME_CHARACTERS], document)
        found = self._operations.get(key)
        if found is None:
            if len(self._operations) >= MAX_OPERATIONS:
                return self._others
            found = self._operations[key] = Measured(_labels({"operation": key[0], "document": document}), OUTCOMES)
        return found

    def text(self, gauges: Mapping[str, tuple[str, Mapping[str, float]]] | None = None) -> str:
        """Return everything in Prometheus' text format.

        Args:
            gauges: By name: what it means, and values by their labels as `labels` writes them.
        """
        operations = [*self._operations.values(), self._others, self.unknown_operation]
        operations = [measured for measured in operations if any(measured.outcomes.values())]
        changes = {_labels({"outcome": outcome}): count for outcome, count in self.supergraph_changes.items()}
        lines = [
            *_measured("router_requests", "Requests to /graphql", operations),
            *_measured("router_subgraph_calls", "Calls of subgraphs", list(self._subgraphs.values())),
            *_family("router_supergraph_changes_total", "Changes of the supergraph file.", "counter", changes),
        ]
        for name, (meaning, values) in (gauges or {}).items():
            lines += _family(name, meaning, "gauge", values)
        return "\n".join(lines) + "\n"


class MeasuredTransport:
    """A transport that counts the calls of another one.

    Args:
        inner: The transport to measure.
        measured: Takes the counts.
    """

    def __init__(self, inner: SubgraphTransport, measured: Measured) -> None:
        self.inner = inner
        self._measured = measured

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return the response, and count how the call ended. A cancelled call is not counted."""
        started = perf_counter()
        try:
            response = await self.inner.send(request)
        except CircuitOpenError:
            self._measured.outcomes["circuit_open"] += 1
            raise
        except TransportError as error:
            self._measured.observe(error.code, perf_counter() - started)
            raise
        self._measured.observe("ok", perf_counter() - started)
        return response

    def subscribe(self, request: SubgraphRequest) -> EventStream:
        """Return the responses to a subscription, which is no call to be timed."""
        return subscribe_through(self.inner, request)


def labels(**values: str) -> str:
    """Return labels as the text format writes them."""
    return _labels(values)


def _labels(values: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in values.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _family(name: str, meaning: str, kind: str, values: Mapping[str, float]) -> list[str]:
    samples = [f"{name}{{{found}}} {value}" if found else f"{name} {value}" for found, value in values.items()]
    return [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", *samples]


def _measured(name: str, meaning: str, children: list[Measured]) -> list[str]:
    totals = {
        f'{child.labels},outcome="{outcome}"': count
        for child in children
        for outcome, count in child.outcomes.items()
        if count
    }
    lines = _family(f"{name}_total", f"{meaning} by how they ended.", "counter", totals)
    seconds = f"{name}_seconds"
    lines += [f"# HELP {seconds} {meaning}: how long they took.", f"# TYPE {seconds} histogram"]
    for child in children:
        lines += child.seconds.lines(seconds, child.labels)
    return lines
