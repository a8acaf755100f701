"""Collecting money: what is due at the ends of periods, and what a process that died left behind."""

from workers.services import Services


async def collect_due(services: Services) -> int:
    """Renew, retry and end the subscriptions that are due and return how many; two workers at once share them."""
    return await services.billing.collect_due()
