"""Times our planner or composer: `python -m benchmarks.gateways.cold_reelgraph plan SUPERGRAPH TEXTS`.

Instead of `plan`, `plan-and-compile` also makes the plan's code; `compose SDL` composes.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from router.composition import Subgraph, compose
from router.execution.limits import Limits
from router.execution.operation import PreparedOperation, prepare_operation
from router.planning import plan_operation
from router.supergraph import Supergraph

_COMPOSITIONS = 10


def _read(file: str) -> Any:
    return json.loads(Path(file).read_text(encoding="utf-8"))


def _plan(supergraph_file: str, texts_file: str) -> list[Callable[[], PreparedOperation]]:
    supergraph = Supergraph.from_sdl(Path(supergraph_file).read_text(encoding="utf-8"))
    prepare = partial(
        prepare_operation,
        schema=supergraph.api_schema,
        planner=partial(plan_operation, supergraph),
        limits=Limits(),
        allow_introspection=True,
    )
    return [partial(prepare, text, None) for text in _read(texts_file)]


def _plan_and_compile(supergraph_file: str, texts_file: str) -> list[Callable[[], object]]:
    return [partial(_compiled, plan) for plan in _plan(supergraph_file, texts_file)]


def _compiled(plan: Callable[[], PreparedOperation]) -> None:
    plan().warm()


def _compose(sdl_file: str) -> list[Callable[[], object]]:
    subgraphs = [Subgraph(name, f"http://{name}", text) for name, text in _read(sdl_file).items()]
    return [partial(compose, subgraphs)] * _COMPOSITIONS


def _times_ms(calls: Sequence[Callable[[], object]]) -> list[float]:
    times = []
    for call in calls:
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    return times


_WORK: Mapping[str, Callable[..., Sequence[Callable[[], object]]]] = {
    "plan": _plan,
    "plan-and-compile": _plan_and_compile,
    "compose": _compose,
}

if __name__ == "__main__":
    what, *files = sys.argv[1:]
    times = _times_ms(_WORK[what](*files))
    print(json.dumps({"first_ms": times[0], "median_ms": statistics.median(times[1:])}))
