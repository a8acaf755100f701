"""Entity references to cards: one batch, order and length kept."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from subgraphs.catalog.repository.cards import read_uuid
from subgraphs.shared.graphql.schema import Loader, Reference
from subgraphs.shared.ids import GlobalId, decode_ids_leniently

Card = TypeVar("Card")


async def cards_of(
    references: Sequence[Reference], loader: Loader[UUID, Card | None], *type_names: str
) -> list[tuple[GlobalId, Card] | None]:
    """Return id and card for each reference; None for what is no id of these types, does not exist or is hidden."""
    ids = decode_ids_leniently([reference["id"] for reference in references], *type_names, read_uuid=read_uuid)
    cards = iter(await loader.load_many([global_id.uuid for global_id in ids if global_id]))
    found: list[tuple[GlobalId, Card] | None] = []
    for global_id in ids:
        card = next(cards) if global_id else None
        found.append((global_id, card) if global_id and card else None)
    return found
