"""Root query fields of the activity subgraph: none. What it knows is reached from Profile and Title."""

import strawberry


@strawberry.type
class Query:
    """Federation adds `_entities` and `_service`."""
