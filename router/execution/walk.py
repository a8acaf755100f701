"""Finds objects in the response tree by the path of a plan.

Three ways for three purposes: `walk_lines` emits code, for operations that come again; `objects_at` needs none;
`positions` also tells where each object is, and runs only when an error needs a path.
"""

from collections.abc import Iterator
from typing import Any

from router.execution.client_selections import keys_of
from router.execution.described_types import TYPE_NAME_KEY
from router.execution.generated_code import Parameters
from router.execution.object_forms import NO_FORMS, Form, Forms, read
from router.execution.response_errors import ResponsePath
from router.planning.plan import PathStep


def walk_lines(
    path: tuple[PathStep, ...], parameters: Parameters, forms: Forms = NO_FORMS, *, below: tuple[PathStep, ...] = ()
) -> list[str]:
    """Return statements that rebind `objects`, a list of objects, to those which `path` leads to.

    Args:
        path: Of the objects wanted.
        parameters: Take what the statements need.
        forms: Of the positions that hold structs.
        below: Leads to the objects from which the path starts.
    """
    lines = []
    keys = keys_of(below)
    for place, step in enumerate(path):
        clauses = ["for o in objects"]
        value = read(forms.get(keys), "o", step.key, constant=parameters.constant(step.key))
        keys = (*keys, step.key)
        following = path[place + 1].key if place + 1 < len(path) else None
        is_object = object_tests(step, parameters, forms.get(keys), key=following)
        if step.list_depth == 0:
            clauses.append(f"if {is_object[0].replace('x.', f'(x := {value}).', 1)}")
        else:
            clauses.append(f"if (l0 := {value}).__class__ is list")
            for depth in range(1, step.list_depth):
                clauses += [f"for l{depth} in l{depth - 1}", f"if l{depth}.__class__ is list"]
            clauses += [f"for x in l{step.list_depth - 1}", f"if {is_object[0]}"]
        clauses += [f"if {test}" for test in is_object[1:]]
        lines.append(f"objects = [x {' '.join(clauses)}]")
    return lines


def object_tests(step: PathStep, parameters: Parameters, form: Form | None, *, key: str | None = None) -> list[str]:
    """Return the conditions under which `x` is an object that a step leads to.

    Args:
        step: The last one to it.
        parameters: Take what the conditions need.
        form: Of the objects; None are dictionaries.
        key: What will be read of them next; structs without it need not be met.
    """
    if form is None:
        tests = ["x.__class__ is dict"]
    else:
        classes = form.classes(step.types, key)
        one = parameters.name(classes[0]) if len(classes) == 1 else None
        tests = [f"x.__class__ is {one}" if one else f"x.__class__ in {parameters.constant(frozenset(classes))}"]
    if step.types is not None and (form is None or not form.is_tagged):
        name = read(form, "x", TYPE_NAME_KEY, constant=repr(TYPE_NAME_KEY))
        tests.append(f"{name} in {parameters.constant(step.types)}")
    return tests


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
