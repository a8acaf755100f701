"""Hides the types that no visible root field, argument or directive leads to.

An abstract type leads to every type that its value may be. A type leads to the interfaces that it implements, but what
else implements those is not reached by that alone.
"""

from collections.abc import Iterator

from router.composition.contracts.filter_by_tags import hide
from router.composition.merged_model import MergedInput, MergedSchema, MergedType
from router.composition.model import ROOT_TYPES, Element, Kind
from router.composition.type_text import named_type


def hide_unreachable_types(schema: MergedSchema) -> None:
    """Mark every visible type `@inaccessible` that no operation could meet."""
    reached: set[str] = set()
    returned: set[str] = set()  # those whose value may be any of their possible types
    todo = [(name, True) for name in ROOT_TYPES]
    todo += [
        (named_type(argument.type), False)
        for directive in schema.executable_directives.values()
        for argument in _visible_inputs(directive.arguments)
    ]
    while todo:
        name, is_value = todo.pop()
        merged = schema.types.get(name)
        if merged is None or merged.is_inaccessible or name in returned or (name in reached and not is_value):
            continue
        reached.add(name)
        if is_value:
            returned.add(name)
            todo += [(possible, True) for possible in schema.possible_types(name) if possible != name]
        todo += _mentioned(merged)
    for name, merged in schema.types.items():
        if name not in reached:
            hide(merged)


def _mentioned(merged: MergedType) -> Iterator[tuple[str, bool]]:
    for field in merged.fields.values():
        if not field.uses("inaccessible"):
            yield named_type(field.type), True
            yield from ((named_type(argument.type), False) for argument in _visible_inputs(field.arguments))
    if merged.kind is not Kind.UNION:
        yield from ((interface, False) for interface in merged.interfaces)
    yield from ((named_type(value.type), False) for value in _visible_inputs(merged.inputs))


def _visible_inputs(inputs: dict[str, MergedInput]) -> Iterator[MergedInput]:
    return (value for value in inputs.values() if _is_visible(value))


def _is_visible(element: Element) -> bool:
    return not element.uses("inaccessible")
