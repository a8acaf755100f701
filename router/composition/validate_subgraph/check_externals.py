"""`@external`: a copy that something here uses, never on an interface field, never with a directive about resolving."""

from router.composition.errors import Report, subgraph_list
from router.composition.model import Kind, OutputField, SubgraphSchema, TypeDefinition


def check_externals(schema: SubgraphSchema, *, report: Report) -> None:
    """Check every external field of a subgraph."""
    for definition in schema.types.values():
        for field in definition.fields.values():
            if field.uses("external"):
                _check_field(definition, field, schema, report)


def _check_field(definition: TypeDefinition, field: OutputField, schema: SubgraphSchema, report: Report) -> None:
    element = f'"{definition.name}.{field.name}"'
    where = subgraph_list([schema.name])
    if definition.kind is Kind.INTERFACE:
        report.error(
            "EXTERNAL_ON_INTERFACE",
            f"The interface field {element} in {where} is marked @external. Mark the fields of the implementations.",
            subgraphs=[schema.name],
        )
    if field.uses("provides"):
        report.error(
            "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE",
            f"{element} in {where} has both @external and @provides: it is resolved elsewhere, or here, but not both."
            " Remove one.",
            subgraphs=[schema.name],
        )
    elif not _is_used(definition, field, schema):
        report.error(
            "EXTERNAL_UNUSED",
            f"{element} in {where} is marked @external, but no @key, @requires, @provides or interface there uses it."
            " Remove the field, or remove @external if the subgraph resolves it.",
            subgraphs=[schema.name],
        )


def _is_used(definition: TypeDefinition, field: OutputField, schema: SubgraphSchema) -> bool:
    if (definition.name, field.name) in schema.used_fields:
        return True
    return any(schema.field(interface, field.name) is not None for interface in definition.interfaces)
