"""What ran how, for people and for Prometheus."""

from collections import Counter
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

    def exposition(self, **labels: str) -> str:
        """Return the counters in Prometheus' text format, each with these labels."""
        own = "".join(f',{name}="{_escaped(value)}"' for name, value in sorted(labels.items()))
        runs = [("compiled", "", self.compiled_runs), ("cold", "", self.cold_runs)]
        runs += [("fallback", reason, count) for reason, count in sorted(self.fallbacks.items())]
        lines = [
            "# HELP compiled_execution_runs_total Operations by how they ran, and why on graphql-core.",
            "# TYPE compiled_execution_runs_total counter",
            *(
                f'compiled_execution_runs_total{{how="{how}",reason="{_escaped(reason)}"{own}}} {count}'
                for how, reason, count in runs
            ),
            "# HELP compiled_execution_plans_total Plans that were compiled.",
            "# TYPE compiled_execution_plans_total counter",
            f"compiled_execution_plans_total{{{own.removeprefix(',')}}} {self.plans_compiled}",
        ]
        return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
