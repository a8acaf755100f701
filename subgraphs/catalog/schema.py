"""The catalog's schema."""

from subgraphs.catalog.mutations import Mutation
from subgraphs.catalog.queries import Query
from subgraphs.catalog.subscriptions import Subscription
from subgraphs.catalog.types.title import Movie, Show, SportsEvent
from subgraphs.shared.graphql.payloads import InputError
from subgraphs.shared.graphql.schema import FederatedSchema

schema = FederatedSchema(
    query=Query, mutation=Mutation, subscription=Subscription, types=[Movie, Show, SportsEvent, InputError]
)
