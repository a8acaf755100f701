"""Titles that editors scheduled go live when their moment has come."""

from subgraphs.catalog.service.editing import publish_due
from workers.services import Services


async def publish_due_titles(services: Services) -> int:
    """Publish every title that is due and return how many; two workers at once share them."""
    published = 0
    while True:
        async with services.outboxes["catalog"].writing() as session:
            batch = await publish_due(session, now=services.clock())
        published += batch
        if not batch:
            return published
