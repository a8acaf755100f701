"""Whether editors left something to the worker: asked every moment, so it must cost next to nothing."""

from datetime import datetime

from subgraphs.catalog.repository import waiting
from subgraphs.shared.postgres import Database


async def editors_wait(database: Database, *, now: datetime) -> bool:
    """Return whether a scheduled title is due or a bulk operation is not finished."""
    return any(await waiting.waiting(database, now=now))
