"""What editors left to the worker: titles whose moment has come, and changes to many titles; and who waits for them."""

import structlog

from subgraphs.catalog.service import bulk
from subgraphs.catalog.service.collections import refresh_rules
from subgraphs.catalog.service.editing import publish_due
from subgraphs.catalog.service.job_news import announce
from subgraphs.catalog.service.reminders import tell_due
from subgraphs.shared.errors import ServiceUnavailableError
from workers.services import Services

_log = structlog.get_logger(__name__)


async def publish_due_titles(services: Services) -> int:
    """Publish every title that is due and return how many; two workers at once share them."""
    published = 0
    while True:
        async with services.outboxes["catalog"].writing() as session:
            batch = await publish_due(session, now=services.clock())
        published += batch
        if not batch:
            return published


async def tell_of_collections(services: Services) -> int:
    """Tell others what the rules of collections find that they did not before, and return of how many collections."""
    async with services.outboxes["catalog"].writing() as session:
        return await refresh_rules(session, now=services.clock())


async def tell_of_reminders(services: Services) -> int:
    """Announce to those who wait what can be watched now, and return to how many; two workers at once share them."""
    told = 0
    while True:
        async with services.outboxes["catalog"].writing() as session:
            batch = await tell_due(session, now=services.clock())
        told += batch
        if not batch:
            return told


async def advance_bulk_operations(services: Services) -> int:
    """Change the titles of all bulk operations that wait and return how many.

    A batch that fails as a whole is tried again title by title; one that fails alone, too, is noted and left.
    """
    changed, limit = 0, bulk.BATCH
    while True:
        try:
            async with services.outboxes["catalog"].writing() as session:
                step = await bulk.advance(session, now=services.clock(), limit=limit)
        except ServiceUnavailableError:
            raise
        except Exception:  # noqa: BLE001 - one bad title must not hold up the others; it is logged below
            if limit > 1:
                limit = 1
                continue
            _log.exception("bulk_item_failed")
            async with services.outboxes["catalog"].writing() as session:
                step = await bulk.give_up_on_next(session, now=services.clock())
        if step.operation_id is None:
            return changed
        changed += step.titles
        await announce(services.streams, step.operation_id)
