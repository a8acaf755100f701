"""Root query fields of the users subgraph, a module for each topic.

A topic is a class of fields; `Query` is made of them all.
"""

import strawberry

from subgraphs.users.queries.administration import AdministrationQueries
from subgraphs.users.queries.grievances import GrievanceQueries
from subgraphs.users.queries.signin import SignInQueries
from subgraphs.users.queries.viewer import ViewerQueries


@strawberry.type
class Query(ViewerQueries, SignInQueries, AdministrationQueries, GrievanceQueries):
    """Every topic's fields."""
