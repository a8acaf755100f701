"""Which requirements the tests say they prove: `@pytest.mark.requirement("FR-…")`, read without running anything."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path


def covered_requirements(tests: Path) -> dict[str, list[str]]:
    """Return the tests that name each requirement, as pytest would name them; ids and tests sorted.

    A mark on a class or in `pytestmark` counts for every test in it.
    """
    covered: dict[str, set[str]] = defaultdict(set)
    for path in sorted(tests.rglob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        prefix = path.relative_to(tests.parent).as_posix()
        for name, identifiers in _marked_tests(module.body, prefix, _module_marks(module)):
            for identifier in identifiers:
                covered[identifier].add(name)
    return {identifier: sorted(covered[identifier]) for identifier in sorted(covered)}


def _marked_tests(body: list[ast.stmt], prefix: str, inherited: list[str]) -> Iterator[tuple[str, list[str]]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _marked_tests(node.body, f"{prefix}::{node.name}", inherited + _marks(node.decorator_list))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield f"{prefix}::{node.name}", inherited + _marks(node.decorator_list)


def _module_marks(module: ast.Module) -> list[str]:
    for node in module.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
        ):
            return _marks(node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value])
    return []


def _marks(expressions: list[ast.expr]) -> list[str]:
    """Return the ids in `pytest.mark.requirement("A", "B")` among the expressions."""
    return [
        argument.value
        for expression in expressions
        if isinstance(expression, ast.Call)
        and isinstance(expression.func, ast.Attribute)
        and expression.func.attr == "requirement"
        for argument in expression.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]
