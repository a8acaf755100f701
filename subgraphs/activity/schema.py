"""The activity subgraph's schema."""

from subgraphs.activity.mutations import Mutation
from subgraphs.activity.queries import Query
from subgraphs.activity.types import Playable, Profile, Title
from subgraphs.shared.graphql.payloads import InputError
from subgraphs.shared.graphql.schema import FederatedSchema

schema = FederatedSchema(query=Query, mutation=Mutation, types=[Title, Playable, Profile, InputError])
