"""Statements on uploaded pictures."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import ImageUpload, table
from subgraphs.catalog.repository.cards import any_of
from subgraphs.shared.postgres import ReadSession, WriteSession

_uploads = table(ImageUpload)


async def insert_upload(session: WriteSession, own: UUID, *, created_by: str, now: datetime) -> None:
    """Make a place for a picture."""
    await session.execute(sa.insert(_uploads).values(id=own, created_by=created_by, created_at=now))


async def fill_upload(session: WriteSession, own: UUID, *, width: int, height: int) -> bool:
    """Note the picture's size; return False, and change nothing, when there is no such place or it is filled."""
    statement = (
        sa.update(_uploads)
        .where(_uploads.c.id == own, _uploads.c.width.is_(None))
        .values(width=width, height=height)
        .returning(_uploads.c.id)
    )
    return (await session.execute(statement)).first() is not None


async def sizes_of_uploads(session: ReadSession | WriteSession, ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Return width and height of the pictures that were uploaded; others are left out."""
    statement = sa.select(_uploads.c.id, _uploads.c.width, _uploads.c.height).where(
        _uploads.c.id == any_of(ids), _uploads.c.width.is_not(None)
    )
    return {row.id: (row.width, row.height) for row in await session.execute(statement)}
