"""The ads subgraph's schema."""

from subgraphs.ads.queries import Query
from subgraphs.ads.types import AdSlot, Playable
from subgraphs.shared.graphql.schema import FederatedSchema

schema = FederatedSchema(query=Query, types=[AdSlot, Playable])
