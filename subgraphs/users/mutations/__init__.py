"""Root mutation fields of the users subgraph, a module for each topic. Each opens its transactions.

A topic is a class of fields; `Mutation` is made of them all.
"""

import strawberry

from subgraphs.users.mutations.account_details import AccountDetailMutations
from subgraphs.users.mutations.accounts import AccountMutations
from subgraphs.users.mutations.administration import AdministrationMutations
from subgraphs.users.mutations.grievances import GrievanceMutations
from subgraphs.users.mutations.notices import NoticeMutations
from subgraphs.users.mutations.pairing import PairingMutations
from subgraphs.users.mutations.passwords import PasswordMutations
from subgraphs.users.mutations.phones import PhoneMutations
from subgraphs.users.mutations.privacy import PrivacyMutations
from subgraphs.users.mutations.profiles import ProfileMutations
from subgraphs.users.mutations.providers import ProviderMutations
from subgraphs.users.mutations.sessions import SessionMutations


@strawberry.type
class Mutation(
    AccountMutations,
    AccountDetailMutations,
    PasswordMutations,
    SessionMutations,
    ProviderMutations,
    PhoneMutations,
    PairingMutations,
    ProfileMutations,
    NoticeMutations,
    PrivacyMutations,
    AdministrationMutations,
    GrievanceMutations,
):
    """Every topic's fields."""
