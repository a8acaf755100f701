"""Runs the tests of graphql-core's execution and of Strawberry with compiled execution switched on, beside the project:

python -m tests.compiled_execution.outside --folder /tmp/outside

Clones both at our versions unless `--graphql-core` and `--strawberry` name checkouts, which may be of other versions.
Each suite runs twice, as it is and compiled; a test that only fails compiled is a fault, unless it is stated here with
its reason. What fell back to graphql-core is counted by reason. The packages that their tests need beside ours
(pytest-describe, pytest-snapshot, …) are taken from `--extra`, a folder made by `pip install --target`. The same file
is the pytest plugin that switches compiled execution on.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from xml.etree import ElementTree

VARIABLE = "COMPILED_EXECUTION_REPORT"
"""Where the plugin writes what ran how; unset, it switches nothing on."""

REPOSITORIES = {
    "graphql-core": ("https://github.com/graphql-python/graphql-core", "v3.3.2"),
    "strawberry": ("https://github.com/strawberry-graphql/strawberry", "0.341.2"),
}
SUITES = {
    "graphql-core": ["tests/execution", "tests/test_star_wars_query.py", "tests/test_user_registry.py"],
    "strawberry": [
        "tests/schema",
        "tests/federation",
        "tests/extensions",
        "tests/relay",
        "tests/fields",
        "tests/types",
        "tests/test_dataloaders.py",
        "tests/test_info.py",
    ],
}
STATED = {
    "describe_handles_multiple_errors_for_a_single_response_position::": "which errors below a null are told",
    "describe_nulls_a_complex_tree_of_nullable_fields_each::throws": "the order of errors",
    "provides_info_about_current_execution_state": "resolvers get Strawberry's info, not graphql-core's",
    "test_execution_cache_example": "counts the calls of what compiled execution stands in for",
    "test_execution_reject_example": "counts the calls of what compiled execution stands in for",
}
"""Differences that are meant, by a part of the test's name."""

_SECONDS = 1_800


# --- the runner


def run(name: str, checkout: Path, *, extra: Path | None, report: Path | None) -> dict[str, str]:
    """Return the outcome of each test of a suite: passed, failed or skipped."""
    results = (report or checkout / "stock.json").with_suffix(".xml")
    folders = [Path(__file__).parent, *([extra] if extra else [])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop(VARIABLE, None)
    if report is not None:
        environment[VARIABLE] = str(report)
    existing = [path for path in SUITES[name] if (checkout / path).exists()]
    command = [sys.executable, "-m", "pytest", "-p", "outside", "-q", f"--junitxml={results}"]
    subprocess.run(
        [*command, "--continue-on-collection-errors", "-p", "no:cacheprovider", *existing],
        cwd=checkout,
        env=environment,
        stdout=(results.with_suffix(".log")).open("w"),
        stderr=subprocess.STDOUT,
        timeout=_SECONDS,
        check=False,
    )
    return dict(_outcomes(results))


def _outcomes(results: Path) -> Iterator[tuple[str, str]]:
    for case in ElementTree.parse(results).iter("testcase"):
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        yield f"{case.get('classname')}::{case.get('name')}", outcome


def compare(name: str, checkout: Path, *, extra: Path | None, folder: Path) -> list[str]:
    """Run a suite twice, print its row and its fall-backs, and return the tests that fail only compiled."""
    report = folder / f"{name}-compiled.json"
    stock = run(name, checkout, extra=extra, report=None)
    compiled = run(name, checkout, extra=extra, report=report)
    only = sorted(test for test, outcome in compiled.items() if outcome == "failed" and stock.get(test) != "failed")
    ran: dict[str, Any] = json.loads(report.read_text())
    counts = Counter(compiled.values())
    failed = sum(outcome == "failed" for outcome in stock.values())
    _say(
        f"{name:<14}{len(compiled):>7} tests{counts['passed']:>7} pass{failed:>5} fail as they are"
        f"{len(only):>5} fail only compiled{ran['compiled']:>8} runs compiled"
    )
    for reason, count in sorted(ran["fallbacks"].items()):
        _say(f"    fell back: {reason:<40}{count:>6}")
    faults = []
    for test in only:
        stated = next((reason for part, reason in STATED.items() if part in test), None)
        _say(f"    fails: {test}" if stated is None else f"    stated: {test.split('.')[-1]}: {stated}")
        faults += [test] if stated is None else []
    return faults


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--extra", type=Path)
    for name in REPOSITORIES:
        parser.add_argument(f"--{name}", type=Path, help="a checkout")
    given = parser.parse_args(arguments)
    faults: list[str] = []
    given.folder.mkdir(parents=True, exist_ok=True)
    for name, (url, version) in REPOSITORIES.items():
        checkout = getattr(given, name.replace("-", "_"))
        if checkout is None:
            checkout = given.folder / name
            if not checkout.exists():
                subprocess.run(["git", "clone", "-q", "--depth=1", f"--branch={version}", url, checkout], check=True)
        faults += compare(name, checkout.resolve(), extra=given.extra, folder=given.folder.resolve())
    return 1 if faults else 0


# --- the plugin

if __name__ == "outside":
    import strawberry.utils

    vars(strawberry.utils).setdefault("IS_GQL_32", False)  # checkouts of older versions ask for it


def pytest_configure() -> None:
    """Switch compiled execution on, before the tests import what it replaces."""
    if os.environ.get(VARIABLE):
        _Switch().on()


def pytest_unconfigure() -> None:
    """Write what ran how."""
    path = os.environ.get(VARIABLE)
    if path:
        fallbacks: Counter[str] = Counter()
        for each in _Switch.operations:
            fallbacks.update(each.statistics.fallbacks)
        fallbacks.update(_Switch.refused)
        compiled = sum(each.statistics.compiled_runs for each in _Switch.operations)
        Path(path).write_text(json.dumps({"compiled": compiled, "fallbacks": fallbacks}))


class _Switch:
    """Puts compiled execution in the place of Strawberry's schema classes and graphql-core's `execute`."""

    operations: ClassVar[list[Any]] = []
    refused: ClassVar[Counter[str]] = Counter()

    def on(self) -> None:
        import graphql
        import strawberry
        import strawberry.federation.schema

        from compiled_execution import CompiledExecution

        for module, base in ((strawberry, strawberry.Schema), (strawberry.federation, strawberry.federation.Schema)):
            compiled = type("Schema", (_AtOnce, CompiledExecution, base), {"__doc__": base.__doc__})
            compiled.__module__, compiled.__qualname__ = base.__module__, base.__qualname__
            for owner in (module, sys.modules[f"{module.__name__}.schema"]):
                owner.Schema = compiled  # type: ignore[attr-defined]  # the module's class
        functions = {"execute": self._execute(graphql.execute), "execute_sync": self._execute(graphql.execute_sync)}
        for name in ("graphql", "graphql.execution", "graphql.execution.execute", "graphql.graphql"):
            vars(sys.modules[name]).update(functions)

    def _execute(self, original: Any) -> Any:
        import functools
        import inspect

        from graphql import GraphQLError
        from graphql.execution.execute import assume_not_awaitable
        from graphql.pyutils.is_awaitable import is_awaitable

        from compiled_execution.internals import StrawberryGraphQLCoreExecutionContext

        signature, is_sync = inspect.signature(original), original.__name__ == "execute_sync"
        by_schema: dict[int, tuple[Any, Any]] = {}
        passed = {"root_value", "context_value", "variable_values", "operation_name", "is_awaitable"}

        @functools.wraps(original)
        def execute(*arguments: Any, **options: Any) -> Any:
            given = dict(signature.bind(*arguments, **options).arguments)
            given |= given.pop("custom_context_args", {})
            schema, document = given.pop("schema"), given.pop("document")
            other = sorted(name for name, value in given.items() if name not in passed and value not in (None, False))
            if other:
                self.refused[f"argument {other[0]} of execute"] += 1
                return original(*arguments, **options)
            try:
                StrawberryGraphQLCoreExecutionContext.build(schema, document)
            except (GraphQLError, TypeError):
                return original(*arguments, **options)  # no schema, or one that is not valid
            known = by_schema.get(id(schema))
            if known is None:
                known = by_schema[id(schema)] = schema, self._operations_of(schema)
            kept = {name: value for name, value in given.items() if name in passed}
            kept |= {"executor_class": StrawberryGraphQLCoreExecutionContext}
            kept.setdefault("is_awaitable", assume_not_awaitable if is_sync else is_awaitable)
            return known[1].execute(lambda *_, **__: original(*arguments, **options), schema, document, **kept)

        return execute

    def _operations_of(self, schema: Any) -> Any:
        from strawberry.types.info import Info

        from compiled_execution import CompiledOperations

        config = type("Config", (), {"info_class": Info})
        converter = type("Converter", (), {"scalar_registry": {}})
        owner: Any = type("Owner", (), {"config": config, "schema_converter": converter, "_schema": schema})
        operations = CompiledOperations(owner, compile_at_sighting=1, in_thread=False)
        self.operations.append(operations)
        return operations


class _AtOnce:
    """Compiles operations when they are first seen."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        from compiled_execution import CompiledOperations

        super().__init__(*arguments, **options)
        schema: Any = self
        if schema.compiled_operations is not None:
            schema.compiled_operations = CompiledOperations(schema, compile_at_sighting=1, in_thread=False)
            _Switch.operations.append(schema.compiled_operations)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
