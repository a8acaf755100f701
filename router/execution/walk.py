"""Finds objects in the response tree by the path of a plan.

Three ways for three purposes: `walk_lines` emits code, for operations that come again; `objects_at` needs none;
`positions` also tells where each object is, and runs only when an error needs a path.
"""

from collections.abc import Iterator
from typing import Any

from router.execution.generated_code import Parameters
from router.execution.response_errors import ResponsePath
from router.planning.plan import PathStep


def walk_lines(path: tuple[PathStep, ...], parameters: Parameters) -> list[str]:
    """Return statements that rebind `objects`, a list of objects, to those which `path` leads to."""
    lines = []
    for step in path:
        clauses = ["for o in objects"]
        key = parameters.constant(step.key)
        if step.list_depth == 0:
            clauses.append(f"if (x := o.get({key})).__class__ is dict")
        else:
            clauses.append(f"if (l0 := o.get({key})).__class__ is list")
            for depth in range(1, step.list_depth):
                clauses += [f"for l{depth} in l{depth - 1}", f"if l{depth}.__class__ is list"]
            clauses += [f"for x in l{step.list_depth - 1}", "if x.__class__ is dict"]
        if step.types is not None:
            clauses.append(f"if x.get('__typename') in {parameters.constant(step.types)}")
        lines.append(f"objects = [x {' '.join(clauses)}]")
    return lines


def objects_at(root: dict[str, Any], path: tuple[PathStep, ...]) -> list[dict[str, Any]]:
    """Return the objects that `path` leads to, in the order of the data."""
    found = [root]
    for step in path:
        values = [parent.get(step.key) for parent in found]
        for _ in range(step.list_depth):
            values = [item for value in values if value.__class__ is list for item in value]
        found = [
            value
            for value in values
            if value.__class__ is dict and (step.types is None or value.get("__typename") in step.types)
        ]
    return found


def positions(root: Any, path: tuple[PathStep, ...]) -> Iterator[tuple[ResponsePath, dict[str, Any]]]:
    """Yield the internal path and the object for everything that `path` leads to, in the order of the data."""
    yield from _positions(root, path, ())


def _positions(
    value: Any, path: tuple[PathStep, ...], where: ResponsePath
) -> Iterator[tuple[ResponsePath, dict[str, Any]]]:
    if value.__class__ is not dict:
        return
    if not path:
        yield where, value
        return
    step, rest = path[0], path[1:]
    for place, item in _items(value.get(step.key), step.list_depth, (*where, step.key)):
        if step.types is None or (item.__class__ is dict and item.get("__typename") in step.types):
            yield from _positions(item, rest, place)


def _items(value: Any, list_depth: int, where: ResponsePath) -> Iterator[tuple[ResponsePath, Any]]:
    if list_depth == 0:
        yield where, value
    elif value.__class__ is list:
        for index, item in enumerate(value):
            yield from _items(item, list_depth - 1, (*where, index))
