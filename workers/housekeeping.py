"""What may be forgotten."""

from datetime import timedelta

from subgraphs.shared.outbox import forget_relayed
from workers.services import Services

KEEP_RELAYED = timedelta(days=7)
"""How long events stay in the outbox after they were relayed: long enough to look into a fault."""


async def forget_old_events(services: Services) -> int:
    """Delete events that were relayed a week ago and return how many."""
    before = services.clock() - KEEP_RELAYED
    forgotten = 0
    for database in services.outboxes.values():
        async with database.writing() as session:
            forgotten += await forget_relayed(session, before=before)
    return forgotten
