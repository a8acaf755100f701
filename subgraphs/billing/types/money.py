"""Amounts, and the ids of references: what all types of the subgraph share."""

from typing import Self
from uuid import UUID

import strawberry

from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently


@strawberry.federation.type(shareable=True, description="An amount of money.")
class Money:
    amount_minor: int = strawberry.field(description="Amount in minor units: paise, cents.")
    currency: str = strawberry.field(description="ISO 4217 code: INR.")

    @classmethod
    def of(cls, amount_minor: int, currency: str) -> Self:
        """Return the amount."""
        return cls(amount_minor=amount_minor, currency=currency)


def uuids_of(references: list[Reference], type_name: str) -> list[UUID | None]:
    """Return the uuid of each reference in order, None for what is no id of the type."""
    decoded = decode_ids_leniently([str(reference.get("id")) for reference in references], type_name)
    return [global_id.uuid if global_id else None for global_id in decoded]
