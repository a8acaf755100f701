"""What ran how, for people and for Prometheus."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Statistics:
    """What ran how since the schema was built. A run is an operation, or one event of a subscription."""

    compiled_runs: int = 0
    cold_runs: int = 0
    """Operations that were not seen often enough to be compiled, or are being compiled."""
    plans_compiled: int = 0
    fallbacks: Counter[str] = field(default_factory=Counter)
    """Runs on graphql-core by the reason why the operation cannot be compiled."""


def exposition(statistics: Iterable[tuple[Mapping[str, str], Statistics]]) -> str:
    """Return the counters of several schemas, each with its labels, in Prometheus' text format."""
    all_ = [("".join(f',{name}="{_escaped(value)}"' for name, value in each.items()), own) for each, own in statistics]
    lines = [
        "# HELP compiled_execution_runs_total Operations by how they ran, and why on graphql-core.",
        "# TYPE compiled_execution_runs_total counter",
    ]
    for labels, own in all_:
        runs = [("compiled", "", own.compiled_runs), ("cold", "", own.cold_runs)]
        runs += [("fallback", reason, count) for reason, count in sorted(own.fallbacks.items())]
        lines += [
            f'compiled_execution_runs_total{{how="{how}",reason="{_escaped(reason)}"{labels}}} {count}'
            for how, reason, count in runs
        ]
    lines += [
        "# HELP compiled_execution_plans_total Plans that were compiled.",
        "# TYPE compiled_execution_plans_total counter",
        *(f"compiled_execution_plans_total{{{labels.removeprefix(',')}}} {own.plans_compiled}" for labels, own in all_),
    ]
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
