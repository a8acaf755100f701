"""Which titles an export has."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import Title, table
from subgraphs.shared.postgres import ReadSession

_titles = table(Title)


async def published_ids(session: ReadSession, *, now: datetime, after: UUID | None, limit: int) -> list[UUID]:
    """Return the titles that are published, by id, after that one. Windows and countries do not matter."""
    statement = sa.select(_titles.c.id).where(_titles.c.published_at <= now).order_by(_titles.c.id).limit(limit)
    if after is not None:
        statement = statement.where(_titles.c.id > after)
    return list((await session.execute(statement)).scalars())
