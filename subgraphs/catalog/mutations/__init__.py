"""What editors do, as root mutation fields. Each opens its transaction.

steps     what they share: who acts on what, refusals as data
titles    titles from draft to screen, and many at once
registers genres and people
"""

import strawberry

from subgraphs.catalog.mutations.registers import RegisterMutations
from subgraphs.catalog.mutations.titles import TitleMutations


@strawberry.type
class Mutation(TitleMutations, RegisterMutations):
    pass
