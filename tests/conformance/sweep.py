"""Compares random cases until told to stop: `python -m tests.conformance.sweep --cases 1000000 --seed 1 --jobs 2`.

A case is one operation; every supergraph serves several. Prints progress, and for each failure its seed and the
smallest case that still fails, as a test to keep. The exit code is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from tests.conformance.case import InvalidOperationError, NotComposableError, World
from tests.conformance.invented_data import Faults
from tests.conformance.minimise import Failure, minimised, printed
from tests.conformance.random_operations import random_operation
from tests.conformance.random_subgraphs import random_subgraphs

OPERATIONS_PER_WORLD = 20
_WORLDS_PER_JOB = 25
_FAULTS = (Faults(), Faults(), Faults(one_in=6), Faults(one_in=8, non_null=True))


@dataclass(slots=True)
class Tally:
    """What some cases gave."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)


async def sweep_world(seed: int, tally: Tally, *, operations: int = OPERATIONS_PER_WORLD) -> None:
    """Compare some operations over the subgraphs of one seed."""
    random = Random(seed)
    subgraphs = random_subgraphs(random)
    faults = random.choice(_FAULTS)
    try:
        world = World(subgraphs, seed=seed, faults=faults)
    except NotComposableError as error:
        tally.counts.update(f"refused: {code}" for code in set(error.codes))
        return
    tally.counts["supergraphs"] += 1
    try:
        for _ in range(operations):
            operation = random_operation(world.supergraph.api_schema, random)
            try:
                difference = await world.difference(operation)
            except InvalidOperationError:
                tally.counts["invalid operations"] += 1
                continue
            tally.counts["cases"] += 1
            if difference is not None:
                tally.failures.append(Failure(seed, subgraphs, faults, difference))
                break  # the next ones would most likely say the same
    finally:
        world.close()


def sweep_some(first: int, count: int) -> Tally:
    """Sweep the worlds of consecutive seeds; in a process of its own."""
    tally = Tally()

    async def run() -> None:
        for seed in range(first, first + count):
            await sweep_world(seed, tally)

    asyncio.run(run())
    return tally


def _tallies(first: int, jobs: int) -> Iterator[Tally]:
    starts = iter(range(first, sys.maxsize, _WORLDS_PER_JOB))
    if jobs == 1:
        for start in starts:
            yield sweep_some(start, _WORLDS_PER_JOB)
        return
    with ProcessPoolExecutor(jobs) as pool:
        pending = [pool.submit(sweep_some, start, _WORLDS_PER_JOB) for start in islice(starts, 2 * jobs)]
        while True:
            yield pending.pop(0).result()
            pending.append(pool.submit(sweep_some, next(starts), _WORLDS_PER_JOB))


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1, help="of the first supergraph; the next ones follow")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--failures", type=int, default=10, help="stop after so many")
    options = parser.parse_args()
    total = Tally()
    started = said = time.monotonic()
    for tally in _tallies(options.seed, options.jobs):
        total.counts += tally.counts
        for failure in tally.failures:
            total.failures.append(failure)
            _say(f"--- seed {failure.seed}\n{printed(asyncio.run(minimised(failure)))}")
        is_over = total.counts["cases"] >= options.cases or len(total.failures) >= options.failures
        if is_over or time.monotonic() - said > 30:
            said = time.monotonic()
            _say(f"{said - started:.0f} s: {len(total.failures)} failed, {dict(total.counts.most_common())}")
        if is_over:
            break
    return 1 if total.failures else 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    raise SystemExit(main())
