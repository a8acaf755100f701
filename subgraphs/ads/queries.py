"""Root query fields of the ads subgraph: none of its own; it is reached through entities."""

import strawberry


@strawberry.type
class Query:
    pass
