"""Statements on imports, their files, and what they noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from subgraphs.catalog.models import (
    CatalogImport,
    CatalogImportChange,
    CatalogImportError,
    ImportFormat,
    ImportState,
    ImportUpload,
    table,
)
from subgraphs.shared.postgres import ReadSession, WriteSession

_imports, _uploads = table(CatalogImport), table(ImportUpload)
_errors, _changes = table(CatalogImportError), table(CatalogImportChange)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were handled, and what became of them."""

    rows_done: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the catalogue has of what the file said, after an import."""

    compared: int
    matching: int
    source_checksum: str
    stored_checksum: str


@dataclass(frozen=True, slots=True)
class Import:
    """One file's way into the catalogue. `rows_total` is None until the file was read through."""

    id: UUID
    created_by: str | None
    feed: str | None
    file_id: UUID | None
    format: ImportFormat
    dry_run: bool
    created_at: datetime
    file_digest: str | None
    state: ImportState = ImportState.QUEUED
    finished_at: datetime | None = None
    rows_total: int | None = None
    counts: Counts = Counts()
    failure: tuple[str, str] | None = None
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class NotedError:
    """A row that was not taken; `row` is its number in the file."""

    row: int
    external_id: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class NotedChange:
    """What was changed of a title, by global id; `fields` are field, before and after."""

    title_id: str
    name: str
    is_new: bool
    fields: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that was sent; None for size and digest while it was not."""

    id: UUID
    created_by: str
    created_at: datetime
    size_bytes: int | None
    digest: str | None


async def insert_upload(session: WriteSession, own: UUID, *, created_by: str, now: datetime) -> None:
    """Make a place for a file."""
    await session.execute(sa.insert(_uploads).values(id=own, created_by=created_by, created_at=now))


async def fill_upload(session: WriteSession, own: UUID, *, size_bytes: int, digest: str) -> bool:
    """Note that the file came; return False, and change nothing, when there is no such place or it is filled."""
    statement = (
        sa.update(_uploads)
        .where(_uploads.c.id == own, _uploads.c.digest.is_(None))
        .values(size_bytes=size_bytes, digest=digest)
        .returning(_uploads.c.id)
    )
    return (await session.execute(statement)).first() is not None


async def upload_by_id(session: ReadSession | WriteSession, own: UUID) -> SentFile | None:
    """Return the place for a file, None when there is none."""
    row = (await session.execute(sa.select(_uploads).where(_uploads.c.id == own))).one_or_none()
    return None if row is None else SentFile(row.id, row.created_by, row.created_at, row.size_bytes, row.digest)


async def forget_uploads(session: WriteSession, *, before: datetime) -> list[UUID]:
    """Delete the places made before the moment that no unfinished import needs, and return them."""
    needed = sa.select(_imports.c.file_id).where(_imports.c.finished_at.is_(None), _imports.c.file_id.is_not(None))
    statement = (
        sa.delete(_uploads).where(_uploads.c.created_at < before, _uploads.c.id.not_in(needed)).returning(_uploads.c.id)
    )
    return list((await session.execute(statement)).scalars())


async def forget_imports(session: WriteSession, *, before: datetime) -> None:
    """Delete what is known of imports that were finished before the moment."""
    await session.execute(sa.delete(_imports).where(_imports.c.finished_at < before))


async def insert_import(session: WriteSession, job: Import, *, key_hash: str | None = None) -> bool:
    """Insert the import; return False, and change nothing, if the key was used."""
    code, message = job.failure or (None, None)
    statement = (
        insert(_imports)
        .values(
            id=job.id,
            created_by=job.created_by,
            feed=job.feed,
            file_id=job.file_id,
            format=job.format.value,
            dry_run=job.dry_run,
            created_at=job.created_at,
            state=job.state.value,
            finished_at=job.finished_at,
            failure_code=code,
            failure_message=message,
            file_digest=job.file_digest,
            creation_key_hash=key_hash,
        )
        .on_conflict_do_nothing()
        .returning(_imports.c.id)
    )
    return (await session.execute(statement)).first() is not None


async def import_by_id(session: ReadSession | WriteSession, own: UUID) -> Import | None:
    """Return the import, None when there is none."""
    return await _one(session, sa.select(_imports).where(_imports.c.id == own))


async def import_by_key(session: WriteSession, key_hash: str) -> Import | None:
    """Return the import that the key made, None when it made none."""
    return await _one(session, sa.select(_imports).where(_imports.c.creation_key_hash == key_hash))


async def next_import(session: ReadSession) -> Import | None:
    """Return the oldest import that is not finished."""
    statement = (
        sa.select(_imports)
        .where(_imports.c.finished_at.is_(None))
        .order_by(_imports.c.created_at, _imports.c.id)
        .limit(1)
    )
    return await _one(session, statement)


async def lock_import(session: WriteSession, own: UUID) -> Import | None:
    """Return the import, locked; None when it is finished, or another worker has it."""
    statement = (
        sa.select(_imports)
        .where(_imports.c.id == own, _imports.c.finished_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    return await _one(session, statement)


async def last_of_feed(session: ReadSession, feed: str, *, only_taken: bool = False) -> Import | None:
    """Return the newest import from the feed; with `only_taken` the newest that did not fail."""
    statement = sa.select(_imports).where(_imports.c.feed == feed).order_by(_imports.c.created_at.desc()).limit(1)
    if only_taken:
        statement = statement.where(_imports.c.state != ImportState.FAILED.value)
    return await _one(session, statement)


async def imports_page(
    session: ReadSession, *, feed: str | None, limit: int, after: tuple[datetime, UUID] | None
) -> list[Import]:
    """Return imports, newest first."""
    statement = sa.select(_imports).order_by(_imports.c.created_at.desc(), _imports.c.id.desc()).limit(limit)
    if feed is not None:
        statement = statement.where(_imports.c.feed == feed)
    if after is not None:
        statement = statement.where(sa.tuple_(_imports.c.created_at, _imports.c.id) < after)
    return [_import(row) for row in await session.execute(statement)]


async def set_total(session: WriteSession, own: UUID, *, rows_total: int) -> None:
    """Note how many rows the file has; storing begins."""
    await session.execute(
        sa.update(_imports).where(_imports.c.id == own).values(rows_total=rows_total, state=ImportState.STORING.value)
    )


async def set_counts(session: WriteSession, own: UUID, counts: Counts, *, state: ImportState) -> None:
    """Note how far the import has come."""
    await session.execute(
        sa.update(_imports)
        .where(_imports.c.id == own)
        .values(
            state=state.value,
            rows_done=counts.rows_done,
            inserted=counts.inserted,
            updated=counts.updated,
            unchanged=counts.unchanged,
            kept=counts.kept,
            failed=counts.failed,
        )
    )


async def finish(session: WriteSession, own: UUID, *, comparison: Comparison | None, now: datetime) -> None:
    """Note the end of the import, and how the catalogue compares with the file."""
    values: dict[str, Any] = {"state": ImportState.DONE.value, "finished_at": now}
    if comparison is not None:
        values |= {
            "compared": comparison.compared,
            "matching": comparison.matching,
            "source_checksum": comparison.source_checksum,
            "stored_checksum": comparison.stored_checksum,
        }
    await session.execute(sa.update(_imports).where(_imports.c.id == own).values(**values))


async def fail(session: WriteSession, own: UUID, *, code: str, message: str, now: datetime) -> None:
    """Note why nothing more is taken from the file."""
    await session.execute(
        sa.update(_imports)
        .where(_imports.c.id == own)
        .values(state=ImportState.FAILED.value, finished_at=now, failure_code=code, failure_message=message)
    )


async def note_errors(session: WriteSession, own: UUID, errors: Sequence[NotedError], *, first: int) -> None:
    """Keep rows that were not taken, counted from `first`, in one statement."""
    rows = [
        {
            "import_id": own,
            "position": position,
            "row": error.row,
            "external_id": error.external_id,
            "code": error.code,
            "message": error.message,
        }
        for position, error in enumerate(errors, start=first)
    ]
    await _insert(session, CatalogImportError.__tablename__, rows)


async def note_changes(session: WriteSession, own: UUID, changes: Sequence[NotedChange], *, first: int) -> None:
    """Keep what was changed, counted from `first`, in one statement."""
    rows = [
        {
            "import_id": own,
            "position": position,
            "title_id": change.title_id,
            "name": change.name,
            "is_new": change.is_new,
            "fields": [{"field": name, "before": before, "after": after} for name, before, after in change.fields],
        }
        for position, change in enumerate(changes, start=first)
    ]
    await _insert(session, CatalogImportChange.__tablename__, rows)


async def errors_of(session: ReadSession, own: UUID, *, limit: int, after: int | None) -> list[tuple[int, NotedError]]:
    """Return rows that were not taken with their positions, in the order of the file."""
    statement = (
        sa.select(_errors)
        .where(_errors.c.import_id == own, _errors.c.position > (-1 if after is None else after))
        .order_by(_errors.c.position)
        .limit(limit)
    )
    return [
        (row.position, NotedError(row.row, row.external_id, row.code, row.message))
        for row in await session.execute(statement)
    ]


async def changes_of(
    session: ReadSession, own: UUID, *, limit: int, after: int | None
) -> list[tuple[int, NotedChange]]:
    """Return what was changed with its positions, in the order of the file."""
    statement = (
        sa.select(_changes)
        .where(_changes.c.import_id == own, _changes.c.position > (-1 if after is None else after))
        .order_by(_changes.c.position)
        .limit(limit)
    )
    return [
        (
            row.position,
            NotedChange(
                row.title_id,
                row.name,
                row.is_new,
                tuple((each["field"], each["before"], each["after"]) for each in row.fields),
            ),
        )
        for row in await session.execute(statement)
    ]


async def _insert(session: WriteSession, name: str, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    columns = ", ".join(f'"{column}"' for column in rows[0])
    await session.execute(
        sa.text(
            f"INSERT INTO {name} ({columns}) SELECT {columns} "  # noqa: S608  # names of our own
            f"FROM json_populate_recordset(NULL::{name}, CAST(:rows AS json))"
        ),
        {"rows": orjson.dumps(rows).decode()},
    )


async def _one(session: ReadSession | WriteSession, statement: sa.Select[Any]) -> Import | None:
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _import(row)


def _import(row: Any) -> Import:
    return Import(
        # The driver's own kind of uuid cannot be written as JSON.
        id=UUID(int=row.id.int),
        created_by=row.created_by,
        feed=row.feed,
        file_id=UUID(int=row.file_id.int) if row.file_id else None,
        format=ImportFormat(row.format),
        dry_run=row.dry_run,
        created_at=row.created_at,
        file_digest=row.file_digest,
        state=ImportState(row.state),
        finished_at=row.finished_at,
        rows_total=row.rows_total,
        counts=Counts(row.rows_done, row.inserted, row.updated, row.unchanged, row.kept, row.failed),
        failure=None if row.failure_code is None else (row.failure_code, row.failure_message or ""),
        comparison=None
        if row.compared is None
        else Comparison(row.compared, row.matching, row.source_checksum, row.stored_checksum),
    )
