"""Compares random cases until told to stop: `python -m tests.conformance.sweep --cases 1000000 --seed 1 --jobs 2`.

A case is one operation with one set of variables and data. Every supergraph serves many operations, and every operation
is run with several variables and data. Prints progress, and for each failure its seed and the smallest case that still
fails, as a test to keep; at the end how different the cases were. The exit code is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from random import Random

from tests.conformance.case import InvalidOperationError, NotComposableError, Operation, World
from tests.conformance.diversity import Diversity, phenomena_of
from tests.conformance.invented_data import Faults
from tests.conformance.minimise import Failure, minimised, printed
from tests.conformance.random_operations import random_operations
from tests.conformance.random_subgraphs import random_subgraphs

OPERATIONS_PER_WORLD = 100
DATA_PER_OPERATION = 5
_WORLDS_PER_JOB = 5
_FAULTS = (Faults(), Faults(one_in=6), Faults(one_in=8, non_null=True))


@dataclass(slots=True)
class Tally:
    """What some cases gave."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    diversity: Diversity = field(default_factory=Diversity)

    def add(self, other: Tally) -> None:
        """Count what another one counted too."""
        self.counts += other.counts
        self.failures += other.failures
        self.crashes += other.crashes
        self.diversity.add(other.diversity)


async def sweep_world(
    seed: int, tally: Tally, *, operations: int = OPERATIONS_PER_WORLD, data: int = DATA_PER_OPERATION
) -> None:
    """Compare some operations over the subgraphs of one seed, each with several variables and data.

    A supergraph is left after its first failure: the next ones would most likely say the same.
    """
    random = Random(seed)
    subgraphs = random_subgraphs(random)
    try:
        world = World(subgraphs)
    except NotComposableError as error:
        tally.counts.update(f"refused: {code}" for code in set(error.codes))
        return
    except Exception:  # noqa: BLE001 - the next seeds still have something to say
        tally.crashes.append(f"--- supergraph seed {seed}\n{traceback.format_exc()}")
        return
    tally.counts["supergraphs"] += 1
    names = phenomena_of(world.models)
    tally.diversity.in_supergraphs.update({phenomenon for found in names.values() for phenomenon in found})
    try:
        for _ in range(operations):
            drawn = random_operations(world.supergraph.api_schema, random, count=data)
            try:
                failure = await _sweep_operation(world, drawn, random, tally)
            except InvalidOperationError:
                tally.counts["invalid operations"] += 1
                continue
            tally.counts["operations"] += 1
            if failure is not None:
                tally.failures.append(replace(failure, subgraphs=subgraphs, origin=seed))
                break
            assert world.plan is not None
            tally.diversity.count_operation(names, drawn[0].text, plan=world.plan, calls=world.calls)
    finally:
        world.close()


async def _sweep_operation(world: World, drawn: list[Operation], random: Random, tally: Tally) -> Failure | None:
    """Return the first case of one operation that fails; `world` keeps the calls of the last one."""
    for operation in drawn:
        data_seed, faults = random.randrange(1_000_000), random.choice(_FAULTS)
        world.show(seed=data_seed, faults=faults)
        world.calls.clear()
        comparison = await world.compare(operation)
        tally.counts["cases" if comparison.is_clear else "not clear"] += 1
        tally.counts["cases with errors"] += comparison.is_clear and comparison.has_errors
        if comparison.difference is not None:
            return Failure(data_seed, {}, faults, comparison.difference)
    return None


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
    worlds = 0
    started = said = time.monotonic()
    for tally in _tallies(options.seed, options.jobs):
        total.add(tally)
        worlds += _WORLDS_PER_JOB
        for crash in tally.crashes:
            _say(crash)
        for failure in tally.failures:
            _say(f"--- supergraph seed {failure.origin}\n{printed(asyncio.run(minimised(failure)))}")
        is_over = total.counts["cases"] >= options.cases or len(total.failures) + len(total.crashes) >= options.failures
        if is_over or time.monotonic() - said > 30:
            said = time.monotonic()
            seeds = f"seeds {options.seed} to {options.seed + worlds - 1}"
            failed = len(total.failures) + len(total.crashes)
            _say(f"{said - started:.0f} s: {failed} failed, {seeds}, {dict(total.counts.most_common())}")
        if is_over:
            break
    for line in total.diversity.lines():
        _say(line)
    return 1 if total.failures or total.crashes else 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    raise SystemExit(main())
