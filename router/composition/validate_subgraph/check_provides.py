"""`@provides`: on a field of a composite type; its fields exist there as copies of fields of other subgraphs."""

from router.composition.errors import Report, subgraph_list
from router.composition.model import COMPOSITE_KINDS, Kind, OutputField, SubgraphSchema, TypeDefinition
from router.composition.type_text import named_type
from router.composition.validate_subgraph.check_field_set import (
    FieldSetUse,
    check_field_set,
    refuse_arguments,
    refuse_resolved_leaves,
)


def check_provides(schema: SubgraphSchema, *, report: Report) -> None:
    """Check every provided path of a subgraph."""
    for definition in schema.types.values():
        for field in definition.fields.values():
            _check_field(definition, field, schema, report)


def _check_field(definition: TypeDefinition, field: OutputField, schema: SubgraphSchema, report: Report) -> None:
    applied = field.applied("provides")
    if applied is None:
        return
    child = schema.types.get(named_type(field.type))
    use = FieldSetUse(applied, f"{definition.name}.{field.name}", named_type(field.type))
    if child is None or child.kind not in COMPOSITE_KINDS:
        report.error(
            "PROVIDES_ON_NON_OBJECT_FIELD",
            f"{use} in {subgraph_list([schema.name])} stands on a field of type {field.type}, which has no fields to"
            " provide. Remove it.",
            subgraphs=[schema.name],
        )
        return
    if definition.kind is Kind.INTERFACE:
        report.error(
            "PROVIDES_UNSUPPORTED_ON_INTERFACE",
            f"{use} in {subgraph_list([schema.name])} stands on an interface field. Put it on the field of each"
            " implementation.",
            subgraphs=[schema.name],
        )
        return
    selected = check_field_set(use, schema, report=report, below_external=field.uses("external"))
    refuse_arguments(use, selected, schema, report)
    refuse_resolved_leaves(use, selected, schema, report)
