"""Emits code that completes structs of the response tree with entities, and empties hidden fields at the end."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from router.execution.client_selections import keys_of
from router.execution.described_types import MISSING, TYPE_NAME, attribute
from router.execution.generated_code import Parameters, generate
from router.execution.merge import copied
from router.execution.object_forms import Fields, Form, Forms
from router.execution.shared_objects import SharedPosition, Slots, nearest, start_lines
from router.planning.plan import EntityTarget

TypedMerge = Callable[[Sequence[Any], Sequence[Sequence[Any]]], None]
"""Takes entities, and for each the structs to complete."""
Hide = Callable[[dict[str, Any], Slots], None]


def compile_typed_merge(
    targets: Iterable[EntityTarget],
    part: Fields,
    forms: Forms,
    *,
    repeated: frozenset[tuple[str, ...]],
    needs_copies: bool,
) -> TypedMerge:
    """Return the function that gives structs what entities bring.

    Args:
        targets: The structs.
        part: Fields of the entities.
        forms: Of all positions.
        repeated: Positions of values that others bring, too: what came first stays.
        needs_copies: Whether structs that are completed by the same entity must not have objects in common.
    """
    parameters = Parameters()
    by_lines: dict[tuple[str, ...], list[type[msgspec.Struct]]] = {}
    for path in dict.fromkeys(keys_of(target.path) for target in targets):
        form = forms[path]
        kept = {key for key in part if (*path, key) in repeated}
        for name, each in form.structs.items():
            keys = [key for key in part if each.fields.get(key, TYPE_NAME) != TYPE_NAME]
            lines = tuple(line for key in keys for line in _key_lines(key, parameters, is_kept=key in kept))
            by_lines.setdefault(lines, []).extend(form.classes((name,) if name else None))
    body = ["for e, objects in zip(entities, owners):", "    if e is None: continue", "    for o in objects:"]
    if needs_copies:
        body.append(f"        if o is not objects[0]: e = {parameters.name(copied)}(e)")
    body += ["        " + line for line in _dispatched(by_lines, parameters)]
    merge: TypedMerge = generate("merge", ["entities", "owners"], body, parameters)
    return merge


def _key_lines(key: str, parameters: Parameters, *, is_kept: bool) -> list[str]:
    name = attribute(key)
    if not is_kept:
        return [f"o.{name} = e.{name}"]
    return [f"if o.{name} is None or o.{name} is {parameters.name(MISSING)}: o.{name} = e.{name}"]


def _dispatched(by_lines: dict[tuple[str, ...], list[type[msgspec.Struct]]], parameters: Parameters) -> list[str]:
    """Return statements that do what is right for the class of `o`."""
    if len(by_lines) == 1:
        return [*next(iter(by_lines))] or ["pass"]
    lines = []
    for each, classes in by_lines.items():
        lines.append(f"if o.__class__ in {parameters.constant(frozenset(classes))}:")
        lines += ["    " + line for line in each or ("pass",)]
    return lines


def compile_hiding(forms: Forms, shared: Sequence[SharedPosition]) -> Hide | None:
    """Return the function that empties the hidden fields of all structs, None if there are none."""
    parameters = Parameters()
    lines: list[str] = []
    for form in forms.values():
        if any(each.hidden for each in form.structs.values()):
            lines += start_lines(form.steps, nearest(form.steps, shared), parameters, forms)
            lines += ["for o in objects:", *("    " + line for line in _hiding_lines(form, parameters))]
    if not lines:
        return None
    hide: Hide = generate("hide", ["root", "slots"], lines, parameters)
    return hide


def _hiding_lines(form: Form, parameters: Parameters) -> list[str]:
    unset = parameters.name(msgspec.UNSET)
    by_lines: dict[tuple[str, ...], list[type[msgspec.Struct]]] = {}
    for name, each in form.structs.items():
        lines = tuple(f"o.{attribute(key)} = {unset}" for key in each.hidden)
        by_lines.setdefault(lines, []).extend(form.classes((name,) if name else None))
    return _dispatched(by_lines, parameters)
