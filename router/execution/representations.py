"""Collects the representations of an entry of an entity fetch from the response tree.

The result are the distinct representations and, for each, the objects it was built from. An object is left out when it
has no template, or no value for a key. There are two ways to the same result: `plain_gather` reads the plan as it
goes, and is ready at once; `compile_gather` emits code, for operations that come again.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from router.execution.client_selections import keys_of
from router.execution.conditions import Conditions, holds
from router.execution.described_types import MISSING, TYPE_NAME_KEY
from router.execution.generated_code import Parameters, generate
from router.execution.misfits import Misfit
from router.execution.object_forms import NO_FORMS, Form, Forms, read
from router.execution.shared_objects import SharedPosition, Slots, nearest, start_lines
from router.execution.transport import dump_json
from router.execution.walk import objects_at
from router.planning.plan import EntityEntry, EntityTarget, Representation, RepresentationField

_MAX_GATHERS = 256

Gathered = tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]
Gather = Callable[[dict[str, Any], Slots], Gathered]
"""Takes the root object and the distinct objects of shared positions."""


class _MissingKeyError(Exception):
    """A nested key value is null or missing."""


def active_targets(entry: EntityEntry, conditions: Conditions) -> tuple[EntityTarget, ...]:
    """Return the targets wanted under the given condition values; none if the entry itself is not wanted."""
    if not holds(entry.condition, conditions):
        return ()
    return tuple(target for target in entry.targets if holds(target.condition, conditions))


def plain_gather(targets: tuple[EntityTarget, ...]) -> Gather:
    """Return a function that collects the representations of all `targets`."""

    def gather(root: dict[str, Any], _slots: Slots) -> Gathered:
        owners: dict[bytes, list[dict[str, Any]]] = {}
        representations = []
        for target in targets:
            for found in objects_at(root, target.path):
                representation = _representation(found, target)
                if representation is None:
                    continue
                identity = dump_json(representation)
                if identity not in owners:
                    owners[identity] = []
                    representations.append(representation)
                owners[identity].append(found)
        return representations, list(owners.values())

    return gather


def _representation(found: dict[str, Any], target: EntityTarget) -> dict[str, Any] | None:
    """Return how an object is described to the subgraph, None if it cannot be."""
    typename = found.get("__typename")
    for template in target.representations:
        if template.types is not None and typename not in template.types:
            continue
        if template.typename is None and typename is None:
            return None
        try:
            return {"__typename": template.typename or typename, **_copy(found, template.fields)}
        except _MissingKeyError:
            return None
    return None


def compile_gather(targets: tuple[EntityTarget, ...], shared: Iterable[SharedPosition] = ()) -> Gather:
    """Return the function that collects the representations of all `targets`, starting at shared positions.

    Fetches that ask for the same have the same function, so that one of them may use what another has gathered.
    """
    return _compile_gather(targets, tuple(shared))


@lru_cache(maxsize=_MAX_GATHERS)
def _compile_gather(targets: tuple[EntityTarget, ...], shared: tuple[SharedPosition, ...]) -> Gather:
    return compile_typed_gather(targets, shared, NO_FORMS)


def compile_typed_gather(targets: tuple[EntityTarget, ...], shared: Iterable[SharedPosition], forms: Forms) -> Gather:
    """Return the same function for a tree in which the objects of some positions are structs.

    It raises one of `MISFITS` for objects that lack what the client must have.
    """
    lines = ["representations = []", "owners = []", "index = {}"]
    parameters = Parameters()
    for target in targets:
        lines += start_lines(target.path, nearest(target.path, shared), parameters, forms)
        lines.append("for o in objects:")
        form = forms.get(keys_of(target.path))
        lines += ["    " + line for line in _target_lines(target, parameters, form)]
    lines.append("return representations, owners")
    gather: Gather = generate("gather", ["root", "slots"], lines, parameters)
    return gather


def _target_lines(target: EntityTarget, parameters: Parameters, form: Form | None) -> list[str]:
    lines = []
    if form is None or form.holds(TYPE_NAME_KEY):
        lines.append(f"t = {read(form, 'o', TYPE_NAME_KEY, constant=repr(TYPE_NAME_KEY))}")
    elif form.is_tagged:
        lines.append(f"t = {parameters.name(form.names())}[o.__class__]")
    for template in target.representations:
        if template.types is None:
            lines += _template_lines(template, parameters, form)
            continue
        lines.append(f"if t in {parameters.constant(template.types)}:")
        lines += ["    " + line for line in _template_lines(template, parameters, form)]
    return lines


def _template_lines(template: Representation, parameters: Parameters, form: Form | None) -> list[str]:
    """Return statements of the loop body over the objects; `continue` skips an object."""
    lines = []
    if template.typename is None:
        lines.append("if t is None: continue")
    first_of_name = {field.name: field for field in reversed(template.fields)}
    always = [field for field in template.fields if field.types is None and first_of_name[field.name] is field]
    for number, field in enumerate(always):
        lines += _value_lines(f"k{number}", field, parameters, form)
    typename = "t" if template.typename is None else parameters.constant(template.typename)
    entries = [f"'__typename': {typename}"]
    entries += [f"{parameters.constant(field.name)}: k{number}" for number, field in enumerate(always)]
    lines.append(f"r = {{{', '.join(entries)}}}")
    for field in template.fields:
        if field not in always:
            lines += _further_lines(field, parameters, form)
    return lines + _registration_lines(template, typename, parameters, number_of_values=len(always))


def _further_lines(field: RepresentationField, parameters: Parameters, form: Form | None) -> list[str]:
    """Return statements that add a value to `r`: one of certain types only, or one more part of a field."""
    name = parameters.constant(field.name)
    joined = f"r[{name}] = {parameters.name(_join)}(r.get({name}), k)"
    lines = [*_value_lines("k", field, parameters, form), joined]
    if field.types is None:
        return lines
    return [f"if t in {parameters.constant(field.types)}:", *("    " + line for line in lines)]


def _registration_lines(
    template: Representation, typename: str, parameters: Parameters, *, number_of_values: int
) -> list[str]:
    """Return statements that give `r` an index, the one of an equal representation if there is one."""
    dumped = f"{parameters.name(dump_json)}(r)"
    if number_of_values == len(template.fields) == 1 and template.fields[0].fields is None:
        # Strings and integers are nearly all keys; a pair with the class keeps 1, 1.0 and True apart.
        plain = "k0.__class__ is not dict and k0.__class__ is not list"
        identity = f"d = ({typename}, k0, k0.__class__) if {plain} else {dumped}"
    else:
        identity = f"d = {dumped}"
    return [
        identity,
        "i = index.get(d)",
        "if i is None:",
        "    index[d] = len(owners)",
        "    representations.append(r)",
        "    owners.append([o])",
        "else:",
        "    owners[i].append(o)",
        "continue",
    ]


def _value_lines(variable: str, field: RepresentationField, parameters: Parameters, form: Form | None) -> list[str]:
    lines = [f"{variable} = {read(form, 'o', field.key, constant=parameters.constant(field.key))}"]
    if form is not None:
        lines.append(f"if {variable} is {parameters.name(MISSING)}: raise {parameters.name(Misfit)}")
    if field.fields is not None:
        lines += [
            f"try: {variable} = {parameters.name(_copy)}({variable}, {parameters.name(field.fields)})",
            f"except {parameters.name(_MissingKeyError)}: continue",
        ]
    if field.is_key:
        lines.append(f"if {variable} is None: continue")
    return lines


def _copy(value: Any, fields: tuple[RepresentationField, ...]) -> Any:
    """Return what `fields` name of an object, or of every object of a list; anything else becomes None."""
    if value.__class__ is list:
        return [_copy(item, fields) for item in value]
    if value.__class__ is not dict:
        return None
    copied: dict[str, Any] = {}
    for field in fields:
        if field.types is not None and value.get("__typename") not in field.types:
            continue
        inner = value.get(field.key)
        if field.fields is not None:
            inner = _copy(inner, field.fields)
        if inner is None and field.is_key:
            raise _MissingKeyError
        copied[field.name] = _join(copied.get(field.name), inner)
    return copied


def _join(known: Any, more: Any) -> Any:
    """Return two parts of one value as one: a key and a requirement may name different fields of an object."""
    if known.__class__ is dict and more.__class__ is dict:
        return {**known, **{name: _join(known.get(name), value) for name, value in more.items()}}
    if known.__class__ is list and more.__class__ is list and len(known) == len(more):
        return [_join(one, other) for one, other in zip(known, more, strict=True)]
    return more if known is None else known
