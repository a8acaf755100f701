"""Key-only references to every entity that has a global id; the owners resolve everything but `id`."""

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet


@strawberry.interface(description="Anything with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")


def _reference(name: str) -> type[Node]:
    """Return the reference type of one entity, keyed by `id` and resolvable elsewhere."""
    return strawberry.federation.type(
        type(name, (Node,), {"__annotations__": {}}),
        keys=[Key(fields=FieldSet("id"), resolvable=False)],
    )


NODE_TYPES: dict[str, type[Node]] = {
    name: _reference(name)
    for name in (
        "Movie",
        "Show",
        "SportsEvent",
        "Season",
        "Episode",
        "Playable",
        "Person",
        "Genre",
        "Collection",
        "User",
        "Profile",
        "PlaybackSession",
        "Plan",
        "PlanSubscription",
        "Invoice",
        "Page",
        "Tray",
    )
}
