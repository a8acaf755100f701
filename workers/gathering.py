"""Catalogues of others, read when they are due."""

from workers.services import Services

CHECK_EVERY_SECONDS = 60.0
"""How often we look which of them are due."""


async def refresh_catalogues(services: Services) -> int:
    """Read every catalogue that is due and return how many were stored; those that failed are logged."""
    return (await services.gatherer.refresh_due()).stored
