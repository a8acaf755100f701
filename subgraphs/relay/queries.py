"""Root query fields of the relay subgraph."""

from typing import Annotated

import strawberry

from subgraphs.relay.types import NODE_TYPES, Node
from subgraphs.shared.errors import PageSizeError
from subgraphs.shared.graphql.pagination import LARGEST_PAGE
from subgraphs.shared.ids import decode_id

Id = Annotated[strawberry.ID, strawberry.argument(description="Global id of any entity.")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 global ids.")]


def node_of(global_id: str) -> Node:
    """Return the typed reference behind a global id.

    Raises:
        InvalidIdError: Not a global id, or of a type that is no node.
    """
    type_name = decode_id(global_id, *NODE_TYPES).type_name
    return NODE_TYPES[type_name](id=strawberry.ID(global_id))


@strawberry.type
class Query:
    @strawberry.field(
        description="The entity with this id. Its fields are null when it does not exist or is hidden from the viewer."
    )
    def node(self, id: Id) -> Node | None:
        return node_of(id)

    @strawberry.field(description="Several entities at once, in the order asked; at most 100.")
    def nodes(self, ids: Ids) -> list[Node | None] | None:
        if len(ids) > LARGEST_PAGE:
            raise PageSizeError(len(ids), largest=LARGEST_PAGE)
        return [node_of(global_id) for global_id in ids]
