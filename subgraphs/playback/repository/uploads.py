"""Statements on uploads: files that are sent in parts. Whose they are stands in the statements of clients."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from subgraphs.playback.models.media import CaptionTrack, Upload, VideoAsset
from subgraphs.shared.postgres import ReadSession, WriteSession

_uploads = Upload.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables
_assets = VideoAsset.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables
_captions = CaptionTrack.__table__  # type: ignore[attr-defined]  # SQLModel adds it to tables

_IS_OPEN = _uploads.c.completed_at.is_(None)


async def insert_upload(session: WriteSession, new: Upload) -> bool:
    """Store the upload; return False, and change nothing, where its key made one already."""
    insertion = insert(_uploads).values(**new.model_dump()).on_conflict_do_nothing(index_elements=["creation_key_hash"])
    return (await session.execute(insertion.returning(_uploads.c.id))).first() is not None


async def upload_by_key(session: ReadSession | WriteSession, key_hash: str) -> Upload | None:
    """Return the upload that the key made."""
    return await _one(session, sa.select(_uploads).where(_uploads.c.creation_key_hash == key_hash))


async def upload_by_id(session: ReadSession | WriteSession, own: UUID) -> Upload | None:
    """Return the upload, whoever's it is."""
    return await _one(session, sa.select(_uploads).where(_uploads.c.id == own))


async def upload_of(session: ReadSession | WriteSession, own: UUID, *, user_id: str) -> Upload | None:
    """Return the upload if the account opened it."""
    return await _one(session, sa.select(_uploads).where(_uploads.c.id == own, _uploads.c.created_by == user_id))


async def lock_upload_of(session: WriteSession, own: UUID, *, user_id: str) -> Upload | None:
    """Return the upload if the account opened it, locked until the transaction ends."""
    statement = sa.select(_uploads).where(_uploads.c.id == own, _uploads.c.created_by == user_id).with_for_update()
    return await _one(session, statement)


async def count_open(session: WriteSession, user_id: str, *, now: datetime) -> int:
    """Return how many uploads of the account still take parts."""
    statement = sa.select(sa.func.count()).where(
        _uploads.c.created_by == user_id, _IS_OPEN, _uploads.c.expires_at > now
    )
    return int((await session.execute(statement)).scalar_one())


async def complete_upload(session: WriteSession, own: UUID, *, etags: Sequence[str], now: datetime) -> None:
    """Note the parts of which the upload consists, and that it takes no more."""
    changed = sa.update(_uploads).where(_uploads.c.id == own).values(completed_at=now, etags=list(etags))
    await session.execute(changed)


async def forget_expired(session: WriteSession, *, before: datetime, limit: int) -> list[UUID]:
    """Delete uploads that ended unfinished before the moment and return their ids, at most so many."""
    expired = (
        sa.select(_uploads.c.id)
        .where(_IS_OPEN, _uploads.c.expires_at < before)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    deleted = await session.execute(sa.delete(_uploads).where(_uploads.c.id.in_(expired)).returning(_uploads.c.id))
    return list(deleted.scalars())


async def forget_unused(session: WriteSession, *, before: datetime, limit: int) -> list[UUID]:
    """Delete complete caption files that were replaced, once older than the moment; return their ids."""
    is_used = sa.exists().where(_captions.c.upload_id == _uploads.c.id) | sa.exists().where(
        _assets.c.upload_id == _uploads.c.id
    )
    unused = sa.select(_uploads.c.id).where(_uploads.c.completed_at < before, ~is_used).limit(limit)
    deleted = await session.execute(sa.delete(_uploads).where(_uploads.c.id.in_(unused)).returning(_uploads.c.id))
    return list(deleted.scalars())


async def forget_uploaders(session: WriteSession, user_ids: Sequence[str]) -> None:
    """Part uploads and films from the accounts; what they sent stays."""
    await session.execute(sa.update(_uploads).where(_uploads.c.created_by.in_(user_ids)).values(created_by=None))
    await session.execute(sa.update(_assets).where(_assets.c.uploaded_by.in_(user_ids)).values(uploaded_by=None))


async def _one(session: ReadSession | WriteSession, statement: Any) -> Upload | None:
    row = (await session.execute(statement)).first()
    return None if row is None else _upload(row)


def _upload(row: Any) -> Upload:
    return Upload.model_validate(dict(row._mapping))  # noqa: SLF001  # the public name of a row's mapping
