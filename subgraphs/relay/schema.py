"""The relay subgraph's schema."""

from subgraphs.relay.queries import Query
from subgraphs.relay.types import NODE_TYPES
from subgraphs.shared.graphql.schema import FederatedSchema

schema = FederatedSchema(query=Query, types=NODE_TYPES.values())
