"""What editors do, and what viewers wait for, as root mutation fields. Each opens its transaction.

steps     what they share: who acts on what, refusals as data
titles    titles from draft to screen, and many at once
registers genres and people
collections titles that editors put together
uploads   places for pictures
imports   files of titles
exports   the published titles as files
reminders what viewers wait for
"""

import strawberry

from subgraphs.catalog.mutations.collections import CollectionMutations
from subgraphs.catalog.mutations.exports import ExportMutations
from subgraphs.catalog.mutations.imports import ImportMutations
from subgraphs.catalog.mutations.registers import RegisterMutations
from subgraphs.catalog.mutations.reminders import ReminderMutations
from subgraphs.catalog.mutations.titles import TitleMutations
from subgraphs.catalog.mutations.uploads import UploadMutations


@strawberry.type
class Mutation(
    TitleMutations,
    RegisterMutations,
    CollectionMutations,
    UploadMutations,
    ImportMutations,
    ExportMutations,
    ReminderMutations,
):
    pass
