"""How long an event loop waits while an operation is compiled beside it: `python -m benchmarks.compile_pauses`.

Compiling runs in a thread, which lets others go on after each field and each function. Two figures for operations of
about as many fields as are compiled at all (`_MOST_POSITIONS` in collect.py), and for our largest:

hold    the most CPU time between two such pauses, as the thread's own clock says it: what the loop waits at worst for
        a thread that never gives way otherwise. A pass of the garbage collector is not in it; it would stop the loop
        as well if a request set it off.
delay   by how much a task that sleeps one millisecond wakes late, before and while it compiles. Wall time: on a busy
        machine both grow.
"""

import asyncio
import gc
import json
import statistics
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import uvloop
from graphql import parse

from benchmarks import styles
from compiled_execution import CompiledOperations, engine
from compiled_execution.internals import StrawberryGraphQLCoreExecutionContext

_KNOWN = Path(__file__).parents[1] / "schema" / "known-operations.json"
_SLEEP_SECONDS = 0.001


class Slices:
    """The pause that the thread takes, with what it did between two of them."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._since = 0.0

    def begin(self) -> None:
        self._since = time.thread_time()

    def pause(self) -> None:
        now = time.thread_time()
        self.seconds.append(now - self._since)
        time.sleep(0)
        self._since = time.thread_time()


async def delays(until: asyncio.Event, *, least: int = 200) -> list[float]:
    """Return by how many milliseconds a short sleep was late, again and again until the event is set."""
    late: list[float] = []
    while not until.is_set() or len(late) < least:
        start = time.perf_counter()
        await asyncio.sleep(_SLEEP_SECONDS)
        late.append(1000 * (time.perf_counter() - start - _SLEEP_SECONDS))
    return late


async def measure(name: str, schema: Any, text: str) -> None:
    """Compile the operation in the thread and print its row."""
    document = parse(text)
    slices = Slices()
    vars(engine)["let_others_go_on"] = slices.pause
    operations = CompiledOperations(schema, compile_at_sighting=1)
    done = asyncio.Event()
    done.set()
    idle = await delays(done)
    gc.collect()
    gc.disable()
    done.clear()
    watched = asyncio.ensure_future(delays(done, least=0))
    await asyncio.sleep(0)
    slices.begin()
    started = time.perf_counter()
    options: dict[str, Any] = {"executor_class": StrawberryGraphQLCoreExecutionContext}
    operations._prepare("key", document, schema._schema, {**options, "variable_values": {"r": []}})  # noqa: SLF001  # what a request does
    while not operations.statistics.plans_compiled:  # noqa: ASYNC110  # nothing tells; who asks is measured as well
        await asyncio.sleep(_SLEEP_SECONDS)
    seconds = time.perf_counter() - started
    done.set()
    busy = await watched
    gc.enable()
    (plan,) = next(iter(operations._known)).plans.values() or (None,)  # noqa: SLF001  # for its size
    characters = len(getattr(plan, "source", ""))
    worst, late = 1000 * max(slices.seconds[1:]), sorted(busy)
    sys.stdout.write(
        f"{name:<32}{characters / 1000:>10.0f}{1000 * seconds:>10.0f}{worst:>10.2f}"
        f"{statistics.median(idle):>10.2f}{max(idle):>8.1f}{statistics.median(late):>10.2f}"
        f"{late[int(0.99 * len(late))]:>8.1f}{late[-1]:>8.1f}\n"
    )


async def main() -> None:
    catalog = styles._styles()["catalog"][3][1]  # noqa: SLF001  # the schema of a row
    start = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Title { "
    wide = start + " ".join(f"a{number}: name" for number in range(2_900)) + " } } }"
    deep = " ".join(f"p{n}: poster(width: {n}) {{ url width height }} g{n}: genres {{ id name }}" for n in range(330))
    ours = import_module("subgraphs.catalog.schema").schema
    largest = max(json.loads(_KNOWN.read_text(encoding="utf-8"))["catalog"], key=len)
    sys.stdout.write(
        f"{'':<32}{'source':>10}{'compiled':>10}{'hold':>10}{'idle':>10}{'':>8}{'compiling':>10}\n"
        f"{'':<32}{'kB':>10}{'ms':>10}{'ms':>10}{'p50 ms':>10}{'max':>8}{'p50 ms':>10}{'p99':>8}{'max':>8}\n"
    )
    for _ in range(2):
        await measure("our largest, catalog", ours, largest)
        await measure("one object of 2,900 fields", catalog, wide)
        await measure("660 objects of five fields", catalog, start + deep + " } } }")


if __name__ == "__main__":
    uvloop.run(main())
