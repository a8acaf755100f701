"""Statements on films that editors uploaded, as playback told of them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from subgraphs.catalog.models import VideoFile, table
from subgraphs.catalog.repository.cards import any_of
from subgraphs.shared.postgres import ReadSession, WriteSession

_files = table(VideoFile)


async def insert_videos(session: WriteSession, sent: Mapping[UUID, tuple[str, datetime]]) -> None:
    """Remember films by name and moment; those that are known stay as they are."""
    rows = [{"asset_id": own, "file_name": name, "uploaded_at": at} for own, (name, at) in sent.items()]
    if rows:
        await session.execute(insert(_files).values(rows).on_conflict_do_nothing())


async def newest_by_name(session: ReadSession | WriteSession, names: Collection[str]) -> dict[str, UUID]:
    """Return the film of each name that was sent last; names that nobody gave are left out."""
    if not names:
        return {}
    statement = (
        sa.select(_files.c.file_name, _files.c.asset_id)
        .ext(distinct_on(_files.c.file_name))
        .where(_files.c.file_name.in_(names))
        .order_by(_files.c.file_name, _files.c.uploaded_at.desc(), _files.c.asset_id)
    )
    # The driver's own kind of uuid cannot be written as JSON.
    return {row.file_name: UUID(int=row.asset_id.int) for row in await session.execute(statement)}


async def known_ids(session: ReadSession | WriteSession, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the ids that are a film's."""
    if not ids:
        return set()
    return set((await session.execute(sa.select(_files.c.asset_id).where(_files.c.asset_id == any_of(ids)))).scalars())
