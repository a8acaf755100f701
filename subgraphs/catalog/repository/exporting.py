"""Which titles an export has; exports that editors asked for, and how far each has come."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import CatalogExport, ImportFormat, Title, table
from subgraphs.shared.postgres import ReadSession, WriteSession

_titles = table(Title)
_exports = table(CatalogExport)


@dataclass(frozen=True, slots=True)
class Export:
    """An export as it stands; see the table of exports."""

    id: UUID
    created_by: str
    format: ImportFormat
    created_at: datetime
    finished_at: datetime | None = None
    titles_total: int | None = None
    titles_done: int = 0
    bytes_done: int = 0
    last_id: UUID | None = None
    digest: str | None = None
    failure_code: str | None = None


_COLUMNS = [_exports.c[field.name] for field in fields(Export)]


async def published_ids(
    session: ReadSession | WriteSession, *, now: datetime, after: UUID | None, limit: int
) -> list[UUID]:
    """Return the titles that are published, by id, after that one. Windows and countries do not matter."""
    statement = sa.select(_titles.c.id).where(_titles.c.published_at <= now).order_by(_titles.c.id).limit(limit)
    if after is not None:
        statement = statement.where(_titles.c.id > after)
    return list((await session.execute(statement)).scalars())


async def count_published(session: WriteSession, *, now: datetime) -> int:
    """Return how many titles are published."""
    statement = sa.select(sa.func.count()).select_from(_titles).where(_titles.c.published_at <= now)
    return (await session.execute(statement)).scalar_one()


async def await_turn(session: WriteSession, editor_id: str) -> None:
    """Wait until nobody else asks for an export in the editor's name, and keep others waiting: what is found of their
    exports then stays true until the transaction ends."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"exports:{editor_id}"))))


async def count_unfinished(session: WriteSession, editor_id: str) -> int:
    """Return how many exports of the editor wait or are being written."""
    unfinished = sa.select(sa.func.count()).where(_exports.c.created_by == editor_id, _exports.c.finished_at.is_(None))
    return (await session.execute(unfinished)).scalar_one()


async def insert_export(session: WriteSession, export: Export, *, key_hash: str) -> None:
    """Insert the export."""
    values = {field.name: getattr(export, field.name) for field in fields(export)} | {"format": export.format.value}
    await session.execute(sa.insert(_exports).values(**values, creation_key_hash=key_hash))


async def export_by_key(session: WriteSession, key_hash: str) -> Export | None:
    """Return the export that was made with the idempotency key, None when none was."""
    return await _one(session, sa.select(*_COLUMNS).where(_exports.c.creation_key_hash == key_hash))


async def export_by_id(session: ReadSession | WriteSession, own: UUID) -> Export | None:
    """Return the export, None when there is none."""
    return await _one(session, sa.select(*_COLUMNS).where(_exports.c.id == own))


async def next_export(session: ReadSession) -> Export | None:
    """Return the oldest export that is not finished."""
    waiting = sa.select(*_COLUMNS).where(_exports.c.finished_at.is_(None))
    return await _one(session, waiting.order_by(_exports.c.created_at, _exports.c.id).limit(1))


async def claim(session: WriteSession, own: UUID) -> Export | None:
    """Return the export, locked until the transaction ends; None when it is finished, or somebody else works on it."""
    waiting = sa.select(*_COLUMNS).where(_exports.c.id == own, _exports.c.finished_at.is_(None))
    return await _one(session, waiting.with_for_update(skip_locked=True))


async def save(session: WriteSession, export: Export) -> None:
    """Store how far an export that `claim` gave has come."""
    values = {
        name: getattr(export, name)
        for name in ("finished_at", "titles_total", "titles_done", "bytes_done", "last_id", "digest", "failure_code")
    }
    await session.execute(sa.update(_exports).where(_exports.c.id == export.id).values(values))


async def ended_before(session: WriteSession, moment: datetime) -> list[UUID]:
    """Return the exports that ended before the moment."""
    return list((await session.execute(sa.select(_exports.c.id).where(_exports.c.finished_at < moment))).scalars())


async def forget_exports(session: WriteSession, *, before: datetime) -> None:
    """Delete what is known of exports that ended before the moment."""
    await session.execute(sa.delete(_exports).where(_exports.c.finished_at < before))


async def _one(session: ReadSession | WriteSession, statement: sa.Select[Any]) -> Export | None:
    row = (await session.execute(statement)).mappings().one_or_none()
    return None if row is None else Export(**{**row, "format": ImportFormat(row["format"])})
