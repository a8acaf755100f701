"""The billing subgraph's schema."""

from subgraphs.billing.mutations import Mutation
from subgraphs.billing.queries import Query
from subgraphs.billing.types import Invoice, Plan, PlanSubscription, Title, User
from subgraphs.shared.graphql.schema import FederatedSchema

schema = FederatedSchema(query=Query, mutation=Mutation, types=[Invoice, Plan, PlanSubscription, Title, User])
