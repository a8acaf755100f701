"""`@requires`: its fields exist here as copies of fields that other subgraphs resolve."""

from router.composition.errors import Report, subgraph_list
from router.composition.model import Kind, SubgraphSchema
from router.composition.validate_subgraph.check_field_set import (
    FieldSetUse,
    check_field_set,
    refuse_resolved_leaves,
)


def check_requires(schema: SubgraphSchema, *, report: Report) -> None:
    """Check every requirement of a subgraph."""
    for definition in schema.types.values():
        for field in definition.fields.values():
            applied = field.applied("requires")
            if applied is None:
                continue
            use = FieldSetUse(applied, f"{definition.name}.{field.name}", definition.name)
            if definition.kind is Kind.INTERFACE:
                report.error(
                    "REQUIRES_UNSUPPORTED_ON_INTERFACE",
                    f"{use} in {subgraph_list([schema.name])} stands on an interface field. Put it on the field of"
                    " each implementation.",
                    subgraphs=[schema.name],
                )
                continue
            refuse_resolved_leaves(use, check_field_set(use, schema, report=report), schema, report)
