"""The catalog's schema."""

from subgraphs.catalog.queries import Query
from subgraphs.catalog.types.title import Movie, Show, SportsEvent
from subgraphs.shared.graphql.schema import FederatedSchema

schema = FederatedSchema(query=Query, types=[Movie, Show, SportsEvent])
