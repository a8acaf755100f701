"""The billing subgraph's schema."""

from subgraphs.billing.queries import Query
from subgraphs.billing.types import Plan, PlanSubscription, Title, User
from subgraphs.shared.graphql.schema import FederatedSchema

schema = FederatedSchema(query=Query, types=[Plan, PlanSubscription, Title, User])
