"""The recommendations subgraph's schema."""

from subgraphs.recommendations.mutations import Mutation
from subgraphs.recommendations.queries import Query
from subgraphs.recommendations.types.pages import Page, Tray
from subgraphs.recommendations.types.profiles import Profile
from subgraphs.recommendations.types.titles import Title
from subgraphs.shared.graphql.payloads import InputError
from subgraphs.shared.graphql.schema import FederatedSchema

schema = FederatedSchema(query=Query, mutation=Mutation, types=[Title, Profile, Page, Tray, InputError])
