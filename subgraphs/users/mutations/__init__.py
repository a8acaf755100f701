"""Root mutation fields of the users subgraph, a module for each topic. Each opens its transactions.

A topic is a class of fields; `Mutation` is made of them all.
"""

import strawberry

from subgraphs.users.mutations.accounts import AccountMutations
from subgraphs.users.mutations.profiles import ProfileMutations
from subgraphs.users.mutations.sessions import SessionMutations


@strawberry.type
class Mutation(AccountMutations, SessionMutations, ProfileMutations):
    """Every topic's fields."""
