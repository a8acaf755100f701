"""Every type still implements its interfaces after merging, which may have given an interface more fields."""

from collections.abc import Iterator

from router.composition.errors import Report, subgraph_list
from router.composition.merge.merge_types import is_output_subtype
from router.composition.merged_model import MergedField, MergedSchema, MergedType
from router.composition.model import Kind


def check_interface_fields(schema: MergedSchema, *, report: Report) -> None:
    """Check that each object and interface has the fields of the interfaces that it implements in any subgraph."""
    for merged, interface in _implementations(schema):
        for field in interface.fields.values():
            if field.name not in merged.fields:
                _report_missing(merged, interface, field, schema, report)


def check_implementations(schema: MergedSchema, *, report: Report) -> None:
    """Compare each object and interface, and its fields, with the interfaces that it implements in any subgraph."""
    for merged, interface in _implementations(schema):
        for parent in interface.interfaces:
            if parent not in merged.interfaces and parent != merged.name:
                _report_missing_parent(merged, interface, parent, schema, report)
        for field in interface.fields.values():
            if field.name in merged.fields:
                _check_field(merged, interface, field, schema, report)


def _implementations(schema: MergedSchema) -> Iterator[tuple[MergedType, MergedType]]:
    for merged in schema.types.values():
        for name in merged.interfaces:
            interface = schema.types.get(name)
            if interface is not None and interface.kind is Kind.INTERFACE:
                yield merged, interface


def _report_missing_parent(
    merged: MergedType, interface: MergedType, parent: str, schema: MergedSchema, report: Report
) -> None:
    names = [subgraph.name for subgraph, _ in schema.sources(merged.name)]
    report.error(
        "INVALID_GRAPHQL",
        f'"{merged.name}" implements "{interface.name}", but not "{parent}", which "{interface.name}" implements once'
        f' the subgraphs are merged. Let the type in {subgraph_list(names)} implement "{parent}" as well.',
        subgraphs=names,
    )


def _check_field(
    merged: MergedType, interface: MergedType, field: MergedField, schema: MergedSchema, report: Report
) -> None:
    problem = _disagreement(merged.fields[field.name], field, schema)
    if problem is not None:
        names = [subgraph.name for subgraph, _ in schema.sources(merged.name)]
        report.error(
            "INVALID_GRAPHQL",
            f'"{merged.name}.{field.name}" of {subgraph_list(names)} does not implement'
            f' "{interface.name}.{field.name}" once the subgraphs are merged: {problem}.',
            subgraphs=names,
        )


def _report_missing(
    merged: MergedType, interface: MergedType, field: MergedField, schema: MergedSchema, report: Report
) -> None:
    declaring = [
        subgraph.name for subgraph, definition in schema.sources(interface.name) if field.name in definition.fields
    ]
    implementing = [
        subgraph.name for subgraph, definition in schema.sources(merged.name) if interface.name in definition.interfaces
    ]
    report.error(
        "INTERFACE_FIELD_NO_IMPLEM",
        f'"{interface.name}.{field.name}" is declared in {subgraph_list(declaring)}, but "{merged.name}", which'
        f' implements "{interface.name}" in {subgraph_list(implementing)}, has no field "{field.name}" in any subgraph.'
        " Add it to the type, or remove it from the interface.",
        subgraphs=[*declaring, *implementing],
    )


def _disagreement(own: MergedField, field: MergedField, schema: MergedSchema) -> str | None:
    if not is_output_subtype(own.type, field.type, schema):
        return f"its type {own.type} is no kind of {field.type}"
    for argument in field.arguments.values():
        given = own.arguments.get(argument.name)
        if given is None:
            return f'it has no argument "{argument.name}"'
        if given.type != argument.type:
            return f'its argument "{argument.name}" is of type {given.type}, not {argument.type}'
    for argument in own.arguments.values():
        if argument.is_required and argument.name not in field.arguments:
            return f'its argument "{argument.name}" is required'
    return None
