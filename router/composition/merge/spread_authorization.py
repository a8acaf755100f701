"""Authorisation reaches whatever leads to the same data.

A field of an interface object is a field of every implementation, and asks there for what it asks for. An interface and
its fields ask for what all of their implementations ask for: who selects through the interface may get any of them.
"""

from collections.abc import Iterable

from router.composition.errors import Report
from router.composition.leave_out_authorization import AUTHORIZATION
from router.composition.merge.merge_directives import merge_uses
from router.composition.merged_model import MergedSchema, MergedType
from router.composition.model import Element, Kind


def spread_authorization(schema: MergedSchema, *, report: Report) -> None:
    """Add to objects what interface objects ask for, and then to interfaces what objects ask for."""
    if not any(element.uses(name) for element in schema.elements() for name in AUTHORIZATION):
        return
    interfaces = [merged for merged in schema.types.values() if merged.kind is Kind.INTERFACE]
    for interface in interfaces:
        _spread_down(interface, schema, report)
    for interface in interfaces:
        implementations = [schema.types[name] for name in schema.implementations_of(interface.name)]
        _add(interface.name, interface, implementations, report)
        for name, field in interface.fields.items():
            own = [found.fields[name] for found in implementations if name in found.fields]
            _add(f"{interface.name}.{name}", field, own, report)


def _spread_down(interface: MergedType, schema: MergedSchema, report: Report) -> None:
    standing_in = [definition for _, definition in schema.sources(interface.name) if definition.is_interface_object]
    for name in {field for definition in standing_in for field in definition.fields}:
        for implementation in schema.implementations_of(interface.name):
            field = schema.types[implementation].fields.get(name)
            if field is not None and name in interface.fields:
                _add(f"{implementation}.{name}", field, [interface.fields[name]], report)


def _add(coordinate: str, element: Element, others: Iterable[Element], report: Report) -> None:
    sources = [element, *others]
    for name in AUTHORIZATION:
        uses = [use for source in sources for use in source.all_applied(name)]
        if uses:
            kept = [use for use in element.directives if use.name != name]
            # Not in place: the copy of an interface object's field shares the list with the field.
            element.directives = [*kept, *merge_uses(name, coordinate, uses, report=report)]
