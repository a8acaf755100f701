"""The declarations of one field, and what each amounts to: resolved there, a copy, or taken over by another graph."""

from dataclasses import dataclass

from router.composition.merged_model import MergedSchema
from router.composition.model import OutputField, SubgraphSchema, TypeDefinition


@dataclass(frozen=True, slots=True)
class FieldSource:
    """One subgraph's declaration of a field."""

    subgraph: SubgraphSchema
    owner: TypeDefinition
    field: OutputField
    is_overridden: bool

    @property
    def is_external(self) -> bool:
        """Whether the subgraph has only a copy."""
        return self.field.uses("external")

    @property
    def is_resolved(self) -> bool:
        """Whether the subgraph answers for the field."""
        return not self.is_external and not self.is_overridden

    @property
    def is_provided(self) -> bool:
        """Whether the subgraph answers for the field on some paths."""
        return self.is_external and (self.owner.name, self.field.name) in self.subgraph.provided_fields

    @property
    def is_used(self) -> bool:
        """Whether a key, requirement, provision or interface of the subgraph refers to the field."""
        coordinate = (self.owner.name, self.field.name)
        return coordinate in self.subgraph.used_fields or any(
            self.subgraph.field(interface, self.field.name) for interface in self.owner.interfaces
        )


def field_sources(type_name: str, field_name: str, schema: MergedSchema) -> list[FieldSource]:
    """Return every declaration of a field, in the order of the subgraphs."""
    return [
        FieldSource(
            subgraph,
            definition,
            definition.fields[field_name],
            (subgraph.name, type_name, field_name) in schema.overridden,
        )
        for subgraph, definition in schema.sources(type_name)
        if field_name in definition.fields
    ]
