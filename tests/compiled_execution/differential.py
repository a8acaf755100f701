"""Runs random operations compiled and on graphql-core, and says how the answers differ. A sweep:

python -m tests.compiled_execution.differential --count 100000 --seed 1
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import GraphQLError

from compiled_execution import CompiledOperations
from tests.compiled_execution.nasty import QuietCompiledSchema, QuietSchema, World, schema_of
from tests.compiled_execution.operations import Operation, random_operation

DIFFERENT = frozenset({"data", "errors", "batches"})
"""Verdicts that are faults of compiled execution."""

_NASTINESS = (0.0, 0.01, 0.02, 0.02, 0.05, 0.05, 0.1, 0.1, 0.2, 0.3)


@dataclass
class Report:
    verdicts: Counter[str] = field(default_factory=Counter)
    with_errors: int = 0
    faults: list[str] = field(default_factory=list)


class Differ:
    """The nasty schema twice: on graphql-core, and compiled at first sight."""

    def __init__(self) -> None:
        self.stock = schema_of(QuietSchema)
        self.compiled = schema_of(QuietCompiledSchema)
        self.compiled.compiled_operations = CompiledOperations(self.compiled, compile_at_sighting=1, in_thread=False)
        self._operation: tuple[int, Operation] | None = None

    async def sweep(self, *, seed: int, count: int) -> Report:
        """Compare `count` cases: each operation on several worlds, as writing an operation takes longest."""
        report = Report()
        for number in range(seed, seed + count):
            operation, nastiness = self.case(number)
            verdict, errors = await self.compare(operation, number, nastiness)
            report.verdicts[verdict] += 1
            report.with_errors += errors
            if verdict in DIFFERENT:
                report.faults.append(f"{verdict} at seed {number}")
        return report

    def case(self, number: int) -> tuple[Operation, float]:
        """Return the operation of a case, and how nasty its world is."""
        seed, world = divmod(number, len(_NASTINESS))
        if self._operation is None or self._operation[0] != seed:
            self._operation = seed, random_operation(self.stock._schema, Random(seed))
        return self._operation[1], _NASTINESS[world]

    async def compare(
        self, operation: Operation, seed: int, nastiness: float, *, show: bool = False
    ) -> tuple[str, bool]:
        """Return the verdict, and whether there were errors."""
        worlds = World(seed, nastiness), World(seed, nastiness)
        expected, got = [
            await asyncio.wait_for(
                schema.execute(
                    operation.text, variable_values=json.loads(json.dumps(operation.variables)), context_value=world
                ),
                20,
            )
            for schema, world in zip((self.stock, self.compiled), worlds, strict=True)
        ]
        if show:
            _say(operation.text, operation.variables, nastiness, sep="\n")
            for result in (expected, got):
                _say(json.dumps(result.data, default=repr), *map(_identity, result.errors or ()), sep="\n  ")
        if json.dumps(expected.data, default=repr) != json.dumps(got.data, default=repr):
            return "data", True
        return verdict_on_errors(expected.errors or [], got.errors or [], expected.data), bool(expected.errors)


def verdict_on_errors(expected: list[GraphQLError], got: list[GraphQLError], data: Any) -> str:
    """Say how lists of errors differ; which error is told of a position nulled from below is left open."""
    left, right = [_identity(error) for error in expected], [_identity(error) for error in got]
    if left == right:
        return "identical"
    if sorted(left) == sorted(right):
        return "other order"
    places = [{}, {}]  # type: list[dict[str, list[str]]]
    for place, errors in zip(places, (expected, got), strict=True):
        for error in errors:
            nulled, is_own = _nulled_position(data, list(error.path or ()))
            place.setdefault(f"{nulled}{' own' if is_own else ''}", []).append(_identity(error))
    if {key.removesuffix(" own") for key in places[0]} != {key.removesuffix(" own") for key in places[1]}:
        return "errors"
    own = [{key: sorted(found) for key, found in place.items() if key.endswith(" own")} for place in places]
    return "choice under a nulled position" if own[0] == own[1] or _own_are_choices(places) else "errors"


def _own_are_choices(places: list[dict[str, list[str]]]) -> bool:
    """Whether an error of the position itself that one side tells has one from below in its place on the other."""
    left, right = places
    differing = [key for key in left.keys() | right.keys() if key.endswith(" own") and left.get(key) != right.get(key)]
    return all(
        (key in left or key.removesuffix(" own") in left)
        and (key in right or key.removesuffix(" own") in right)
        and not (key in left and key in right)
        for key in differing
    )


def _nulled_position(data: Any, path: list[str | int]) -> tuple[str, bool]:
    """Return the position of the null that the error caused, and whether it is the error's own."""
    place = data
    for depth, key in enumerate(path):
        if place is None:
            return repr(path[:depth]), False
        place = place[key]
    return repr(path), True


def _identity(error: GraphQLError) -> str:
    return f"{error.message} {error.path} {error.locations} {type(error.original_error).__name__} {error.extensions}"


def _say(*what: object, sep: str = " ") -> None:
    sys.stdout.write(sep.join(map(str, what)) + "\n")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, help="seed of one case to print")
    given = parser.parse_args(arguments)
    differ = Differ()
    if given.show is not None:
        operation, nastiness = differ.case(given.show)
        _say(asyncio.run(differ.compare(operation, given.show, nastiness, show=True)))
        return 0
    start = time.perf_counter()
    report = asyncio.run(differ.sweep(seed=given.seed, count=given.count))
    _say(f"{given.count} operations in {time.perf_counter() - start:.0f} s, {report.with_errors} with errors")
    for verdict, count in report.verdicts.most_common():
        _say(f"  {verdict:<32}{count}")
    _say(differ.compiled.compiled_operations.statistics)
    for fault in report.faults[:40]:
        _say(" ", fault)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
