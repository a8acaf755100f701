"""Amounts, and the ids of references: what all types of the subgraph share."""

from uuid import UUID

from subgraphs.shared.graphql.money import Money as Money
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently


def uuids_of(references: list[Reference], type_name: str) -> list[UUID | None]:
    """Return the uuid of each reference in order, None for what is no id of the type."""
    decoded = decode_ids_leniently([str(reference.get("id")) for reference in references], type_name)
    return [global_id.uuid if global_id else None for global_id in decoded]
