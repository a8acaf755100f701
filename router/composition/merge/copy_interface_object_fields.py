"""Fields of an interface object belong to every implementation of the interface.

The copies carry `@join__field` without a graph: who resolves them is said at the interface's field.
"""

from dataclasses import replace

from router.composition.merged_model import JoinField, MergedSchema, MergedType
from router.composition.model import Kind


def copy_interface_object_fields(schema: MergedSchema) -> None:
    """Add to each implementation the interface object fields that it does not have itself."""
    for name, merged in schema.types.items():
        if merged.kind is not Kind.INTERFACE:
            continue
        standing_in = [definition for _, definition in schema.sources(name) if definition.is_interface_object]
        added = {field for definition in standing_in for field in definition.fields}
        for implementation in schema.implementations_of(name):
            _copy_fields(merged, [field for field in merged.fields if field in added], schema.types[implementation])


def _copy_fields(interface: MergedType, fields: list[str], implementation: MergedType) -> None:
    for field in fields:
        if field not in implementation.fields:
            implementation.fields[field] = replace(interface.fields[field], joins=[JoinField()])
