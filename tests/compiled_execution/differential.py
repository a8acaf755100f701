"""Runs random operations compiled and on graphql-core, and says how the answers differ. A sweep:

python -m tests.compiled_execution.differential --count 100000 --seed 1
"""

import argparse
import asyncio
import json
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from graphql import GraphQLError

from compiled_execution import CompiledOperations, Statistics
from tests.compiled_execution.nasty import QuietCompiledSchema, QuietSchema, World, schema_of
from tests.compiled_execution.operations import Operation, random_operation

DIFFERENT = frozenset({"data", "errors", "changes", "extensions", "events", "no answer"})
"""Verdicts that are faults of compiled execution."""

_NASTINESS = (0.0, 0.01, 0.02, 0.02, 0.05, 0.05, 0.1, 0.1, 0.2, 0.3)
_WORLDS = 40
"""Cases of one operation: writing and validating one takes longer than running it many times."""


_MOST_TURNS = 20_000
"""Turns of the event loop after which an operation is said to hang. None takes a hundred, and time would tell of the
machine."""


class NoAnswerError(Exception):
    """An operation hangs."""


@dataclass
class Report:
    verdicts: Counter[str] = field(default_factory=Counter)
    with_errors: int = 0
    faults: list[str] = field(default_factory=list)


class Differ:
    """The nasty schema on graphql-core, and compiled at first sight; each also with an extension that listens."""

    def __init__(self) -> None:
        self.pairs = [_pair(listens=listens) for listens in (False, True)]
        self._operation: tuple[int, Operation] | None = None

    @property
    def statistics(self) -> list[Statistics]:
        """What ran compiled, without and with the extension."""
        return [compiled.compiled_operations.statistics for _, compiled in self.pairs]

    async def sweep(self, *, seed: int, count: int, told: Callable[[int, Report], None] | None = None) -> Report:
        """Compare `count` cases; what was found so far is told every ten thousand."""
        report = Report()
        for number in range(seed, seed + count):
            operation, nastiness = self.case(number)
            try:
                verdict, errors = await self.compare(operation, number, nastiness)
            except NoAnswerError:
                verdict, errors = "no answer", True
            report.verdicts[verdict] += 1
            report.with_errors += errors
            if verdict in DIFFERENT:
                report.faults.append(f"{verdict} at seed {number}")
            if told is not None and (number + 1 - seed) % 10_000 == 0:
                told(number + 1 - seed, report)
        return report

    def case(self, number: int) -> tuple[Operation, float]:
        """Return the operation of a case, and how nasty its world is."""
        seed, world = divmod(number, _WORLDS)
        if self._operation is None or self._operation[0] != seed:
            self._operation = seed, random_operation(self.pairs[0][0]._schema, Random(seed))
        return self._operation[1], _NASTINESS[world % len(_NASTINESS)]

    async def compare(
        self, operation: Operation, seed: int, nastiness: float, *, show: bool = False
    ) -> tuple[str, bool]:
        """Return the verdict, and whether there were errors."""
        worlds = World(seed, nastiness), World(seed, nastiness)
        schemas = self.pairs[seed % 5 == 0]
        # One after the other, so that the one cannot help the other along.
        expected, got = [
            await _in_turns(_results(schema, operation, world, _varied(operation.variables, seed)))
            for schema, world in zip(schemas, worlds, strict=True)
        ]
        if show:
            _say(operation.text, _varied(operation.variables, seed), nastiness, sep="\n")
            for result in (*expected, None, *got):
                if result is not None:
                    _say(json.dumps(result.data, default=repr), *map(_identity, result.errors or ()), sep="\n  ")
        with_errors = any(result.errors for result in expected)
        if len(expected) != len(got):
            return "events", True
        if worlds[0].changes != worlds[1].changes:
            return "changes", True
        verdicts = [_verdict(left, right) for left, right in zip(expected, got, strict=True)]
        return next((each for each in verdicts if each in DIFFERENT), max(verdicts, default="identical")), with_errors


def _pair(*, listens: bool) -> tuple[Any, Any]:
    compiled = schema_of(QuietCompiledSchema, listens=listens)
    compiled.compiled_operations = CompiledOperations(compiled, compile_at_sighting=1, in_thread=False)
    return schema_of(QuietSchema, listens=listens), compiled


def _varied(variables: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a case's own variables: what is remembered of some values must not stand for others."""
    varied: dict[str, Any] = json.loads(json.dumps(variables))
    for name, value in varied.items():
        if isinstance(value, bool):
            varied[name] = value is (number % 5 > 0)
        elif isinstance(value, int):
            varied[name] = value + number % 3
        elif isinstance(value, str) and number % 7 == 0 and value in {"a", "b"}:
            varied[name] = "é"
    return varied


async def _results(schema: Any, operation: Operation, world: World, variables: dict[str, Any]) -> list[Any]:
    if operation.kind != "subscription":
        return [await schema.execute(operation.text, variable_values=variables, context_value=world)]
    events = await schema.subscribe(operation.text, variable_values=variables, context_value=world)
    return [event async for event in events]


async def _in_turns(coroutine: Coroutine[Any, Any, list[Any]]) -> list[Any]:
    """Return what the coroutine returns, unless it hangs."""
    task = asyncio.ensure_future(coroutine)
    for _ in range(_MOST_TURNS):
        await asyncio.sleep(0)
        if task.done():
            return await task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    raise NoAnswerError


def _verdict(expected: Any, got: Any) -> str:
    if json.dumps(expected.data, default=repr) != json.dumps(got.data, default=repr):
        return "data"
    if expected.extensions != got.extensions:
        return "extensions"
    return verdict_on_errors(expected.errors or [], got.errors or [], expected.data)


def verdict_on_errors(expected: list[GraphQLError], got: list[GraphQLError], data: Any) -> str:
    """Say how lists of errors differ.

    Where a position is null because of errors below it, the specification leaves open which of them are told. That
    both tell some, and nothing contrary of any one place, is required; any other difference is a fault.
    """
    left, right = [_identity(error) for error in expected], [_identity(error) for error in got]
    if left == right:
        return "identical"
    if sorted(left) == sorted(right):
        return "other order"
    sides = [_by_nulled_position(errors, data) for errors in (expected, got)]
    if sides[0].keys() != sides[1].keys():
        return "errors"
    if all(_is_choice(depth, sides[0][depth, name], sides[1][depth, name]) for depth, name in sides[0]):
        return "choice under a nulled position"
    return "errors"


_Told = dict[tuple[str | int, ...], list[str]]


def _by_nulled_position(errors: list[GraphQLError], data: Any) -> dict[tuple[int, str], _Told]:
    """Return what is told by nulled position (its depth and path), and there by the path of the error."""
    positions: dict[tuple[int, str], _Told] = {}
    for error in errors:
        path = tuple(error.path or ())
        depth = _depth_of_null(data, path)
        told = positions.setdefault((depth, repr(path[:depth])), {})
        told[path] = sorted([*told.get(path, []), _identity(error)])
    return positions


def _is_choice(depth: int, left: _Told, right: _Told) -> bool:
    """Whether two accounts of one nulled position are both allowed."""
    if left == right:
        return True
    if any(left[path] != right[path] for path in left.keys() & right.keys()):
        return False
    only_left, only_right = left.keys() - right.keys(), right.keys() - left.keys()
    own = [path for path in only_left | only_right if len(path) == depth]
    # Nothing is read below a position that failed itself, except that a list can break off after an item failed.
    others = only_right if any(path in only_left for path in own) else only_left
    return not own or (bool(others) and all(len(path) > depth and isinstance(path[depth], int) for path in others))


def _depth_of_null(data: Any, path: tuple[str | int, ...]) -> int:
    """Return how many steps of the path lead to the null that the error caused."""
    place = data
    for depth, key in enumerate(path):
        if place is None:
            return depth
        place = place[key]
    return len(path)


def _identity(error: GraphQLError) -> str:
    return f"{error.message} {error.path} {error.locations} {type(error.original_error).__name__} {error.extensions}"


def _say(*what: object, sep: str = " ") -> None:
    sys.stdout.write(sep.join(map(str, what)) + "\n")


def _say_unraisable(unraisable: Any) -> None:
    """Keep quiet about graphql-core's own coroutines: Python cannot even warn of those collected in a named tuple."""
    code = getattr(unraisable.object, "cr_code", None)
    if code is None or not {"graphql", "strawberry"} & set(Path(code.co_filename).parts):
        sys.__unraisablehook__(unraisable)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, help="seed of one case to print")
    given = parser.parse_args(arguments)
    # graphql-core leaves coroutines unawaited when it cancels what has not begun.
    warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
    sys.unraisablehook = _say_unraisable
    differ = Differ()
    if given.show is not None:
        operation, nastiness = differ.case(given.show)
        _say(asyncio.run(differ.compare(operation, given.show, nastiness, show=True)))
        return 0
    start, cpu = time.perf_counter(), time.process_time()

    def told(done: int, so_far: Report) -> None:
        _say(f"{done} of {given.count}: {dict(so_far.verdicts)}, {so_far.faults[:40] or 'no difference'}")
        sys.stdout.flush()

    report = asyncio.run(differ.sweep(seed=given.seed, count=given.count, told=told))
    spent = time.perf_counter() - start, time.process_time() - cpu
    _say(
        f"{given.count} operations from seed {given.seed} in {spent[0]:.0f} s, {given.count / spent[1]:.0f} for each"
        f" second of CPU time, {report.with_errors} with errors"
    )
    for verdict, count in report.verdicts.most_common():
        _say(f"  {verdict:<32}{count}")
    _say(*differ.statistics, sep="\n")
    for fault in report.faults[:40]:
        _say(" ", fault)
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
