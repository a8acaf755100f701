"""Sends many requests of many different operations and says what the process holds of memory on the way:

python -m tests.compiled_execution.flat --requests 100000 --operations 2000

Compiled in a thread, in a cache that is too small for all of them.
"""

import argparse
import asyncio
import gc
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from compiled_execution import CompiledOperations
from tests.compiled_execution.nasty import QuietCompiledSchema, World, schema_of
from tests.compiled_execution.operations import Operation, random_operation

_SHAPES = 100
"""Different operations that are written; the others are these under other names, which no cache takes for the same."""


class Load:
    """A schema under a load of many operations."""

    def __init__(self, *, operations: int, cache_bytes: int, in_thread: bool = True) -> None:
        self.schema = schema_of(QuietCompiledSchema)
        self.schema.compiled_operations = CompiledOperations(
            self.schema, largest_bytes=cache_bytes, in_thread=in_thread
        )
        shapes = [random_operation(self.schema._schema, Random(seed)) for seed in range(min(_SHAPES, operations))]
        shapes = [shape for shape in shapes if shape.kind != "subscription"]
        self._operations = [_renamed(shapes[number % len(shapes)], number) for number in range(operations)]

    async def send(self, requests: int, *, seed: int) -> None:
        """Send requests one after another: some operations again and again, others now and then."""
        dice = Random(seed)
        for number in range(requests):
            index = int(len(self._operations) * dice.random() ** 3)
            operation = self._operations[index]
            await self.schema.execute(
                operation.text,
                variable_values=json.loads(json.dumps(operation.variables)),
                context_value=World(number % 97, 0.05),
            )


def _renamed(operation: Operation, number: int) -> Operation:
    return Operation(operation.text.replace(" Q", f" Q{number}", 1), operation.variables, operation.kind)


def resident_megabytes() -> float:
    """Return what the process holds of memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


async def watch(load: Load, *, requests: int, steps: int, say: Callable[[int, float, int], None]) -> list[float]:
    """Send the requests in steps and return the memory after each, in MB."""
    held = []
    for step in range(steps):
        await load.send(requests // steps, seed=step)
        gc.collect()
        held.append(resident_megabytes())
        operations: Any = load.schema.compiled_operations
        say((step + 1) * (requests // steps), held[-1], operations._known.size_in_bytes)
    return held


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--operations", type=int, default=2_000)
    parser.add_argument("--cache-megabytes", type=int, default=32)
    given = parser.parse_args(arguments)
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    load = Load(operations=given.operations, cache_bytes=given.cache_megabytes * 1024 * 1024)

    def say(sent: int, megabytes: float, cached: int) -> None:
        sys.stdout.write(f"{sent:>8} requests {megabytes:>8.1f} MB, cache {cached / 1e6:.1f} MB\n")
        sys.stdout.flush()

    held = asyncio.run(watch(load, requests=given.requests, steps=20, say=say))
    statistics = load.schema.compiled_operations.statistics
    growth = max(held[10:]) - max(held[:10])
    sys.stdout.write(f"{statistics}\ngrowth of the second half over the first: {growth:.1f} MB\n")
    return 0 if growth < 0.02 * held[-1] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
