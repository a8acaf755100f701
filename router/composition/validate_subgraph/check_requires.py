"""`@requires`: its fields exist here as copies of fields that other subgraphs resolve, with fitting arguments."""

from router.composition.errors import Report, subgraph_list
from router.composition.field_sets import SelectedField
from router.composition.model import Kind, SubgraphSchema
from router.composition.validate_subgraph.check_field_set import (
    FieldSetUse,
    check_field_set,
    refuse_resolved_leaves,
)
from router.composition.validate_subgraph.fits import fits


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
            selected = check_field_set(use, schema, report=report)
            for required in selected:
                _check_arguments(use, required, schema, report)
            refuse_resolved_leaves(use, selected, schema, report)


def _check_arguments(use: FieldSetUse, required: SelectedField, schema: SubgraphSchema, report: Report) -> None:
    declared = required.field.arguments
    for argument in required.node.arguments or ():
        name = argument.name.value
        if not fits(argument.value, declared[name].type, schema):
            report.error(
                "REQUIRES_INVALID_FIELDS",
                f'{use} in {subgraph_list([schema.name])} calls "{required.type_name}.{required.field.name}" and gives'
                f' the argument "{name}" as something that is not of type {declared[name].type}. Correct the'
                " argument.",
                subgraphs=[schema.name],
            )
