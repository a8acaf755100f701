"""Exports as jobs: asked for by editors, written by the worker piece by piece, fetched by a signed address.

How long the file is for sure is written in the transaction that notes the piece, so a worker that dies leaves a file
that the next one cuts to that length and goes on with: no title is in it twice, and none is left out.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

from subgraphs.catalog.errors import IdempotencyKeyReusedError, TooManyExportsError
from subgraphs.catalog.models import ImportFormat
from subgraphs.catalog.repository import exporting
from subgraphs.catalog.repository.exporting import Export as Export
from subgraphs.catalog.service.exporting import BATCH, head_of, piece_of, tail_of
from subgraphs.catalog.service.taking import stored_forms
from subgraphs.catalog.service.workflow import Editor
from subgraphs.shared.postgres import ReadSession, WriteSession

SCOPE = "cms:bulk"
PATH = "/catalog-exports"
KEEP_FILES = timedelta(days=7)
KEEP_EXPORTS = timedelta(days=90)
LINK_LASTS = timedelta(hours=1)
INTERNAL = "INTERNAL"

SUFFIXES = {ImportFormat.JSON_LINES: "jsonl", ImportFormat.CSV: "csv", ImportFormat.MRSS: "mrss"}
"""Ends of the names of files, by what they are; there is no export as anything else."""

MOST_UNFINISHED = 3
"""Exports of one editor that wait or are written: each reads every title."""

Result = TypeVar("Result")


class ExportFileError(Exception):
    """The disk does not take the file, or has lost it."""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Who wants which file."""

    editor: Editor
    format: ImportFormat
    idempotency_key: str
    now: datetime


def folder_of(objects_dir: Path) -> Path:
    """Return the folder of the files, each under its export's id."""
    return objects_dir / "catalog-exports"


async def request_export(session: WriteSession, request: ExportRequest) -> Export:
    """Take the export in; the worker does it. The same key, come again, returns the export that it made.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
        IdempotencyKeyReusedError: The key came with another format before.
        TooManyExportsError: MOST_UNFINISHED of the editor's are not finished yet.
    """
    request.editor.require(SCOPE)
    await exporting.await_turn(session, request.editor.user_id)
    key_hash = hashlib.sha256(f"export:{request.editor.user_id}:{request.idempotency_key}".encode()).hexdigest()
    new = Export(id=uuid4(), created_by=request.editor.user_id, format=request.format, created_at=request.now)
    known = await exporting.export_by_key(session, key_hash)
    if known is not None:
        if known.format is not request.format:
            raise IdempotencyKeyReusedError
        return known
    if await exporting.count_unfinished(session, request.editor.user_id) >= MOST_UNFINISHED:
        raise TooManyExportsError(MOST_UNFINISHED)
    await exporting.insert_export(session, new, key_hash=key_hash)
    return new


async def next_export(session: ReadSession) -> Export | None:
    """Return the oldest export that is not finished."""
    return await exporting.next_export(session)


async def advance(
    session: WriteSession, own: UUID, folder: Path, *, now: datetime, link: str, batch: int = BATCH
) -> Export | None:
    """Write the next piece of an export and return it as it then is; None when it is finished, or somebody else works
    on it. A file that is shorter than it was for sure, because another disk has it, begins anew.

    Raises:
        ExportFileError: The file cannot be written; nothing was noted.
    """
    job = await exporting.claim(session, own)
    if job is None:
        return None
    path = folder / str(job.id)
    if job.titles_total is None or await _on_disk(_size_of, path) < job.bytes_done:
        total = await exporting.count_published(session, now=job.created_at)
        head = head_of(job.format, link=link)
        job = replace(job, titles_total=total, titles_done=0, last_id=None, bytes_done=len(head))
        await _on_disk(_write, path, head, 0)
    else:
        job = await _with_next_piece(session, job, path, now=now, batch=batch)
    await exporting.save(session, job)
    return job


async def _with_next_piece(session: WriteSession, job: Export, path: Path, *, now: datetime, batch: int) -> Export:
    ids = await exporting.published_ids(session, now=job.created_at, after=job.last_id, limit=batch)
    stored = await stored_forms(session, ids) if ids else {}
    titles = [stored[own] for own in ids if own in stored]
    piece = b"".join(piece_of(job.format, title) for title in titles) if ids else tail_of(job.format)
    await _on_disk(_write, path, piece, job.bytes_done)
    further = replace(job, bytes_done=job.bytes_done + len(piece), titles_done=job.titles_done + len(titles))
    if ids:
        return replace(further, last_id=ids[-1], titles_total=max(job.titles_total or 0, further.titles_done))
    digest = await _on_disk(_digest_of, path)
    return replace(further, titles_total=job.titles_done, finished_at=now, digest=digest)


async def fail(session: WriteSession, own: UUID, *, now: datetime) -> None:
    """Note that nothing more becomes of the export, for a reason that the log has."""
    job = await exporting.claim(session, own)
    if job is not None:
        await exporting.save(session, replace(job, finished_at=now, failure_code=INTERNAL))


async def forget_files(session: WriteSession, folder: Path, *, now: datetime) -> None:
    """Delete files of exports that ended longer ago than they are kept, and what is known of exports long ago."""
    ended: Sequence[UUID] = await exporting.ended_before(session, now - KEEP_FILES)
    await _on_disk(_forget, [folder / str(own) for own in ended])
    await exporting.forget_exports(session, before=now - KEEP_EXPORTS)


def path_of(job: Export, *, now: datetime, key: str) -> tuple[str, datetime] | None:
    """Return the path by which the file can be fetched and until when; None while, or once, there is none."""
    if job.digest is None or job.finished_at is None or now >= job.finished_at + KEEP_FILES:
        return None
    expires_at = min(now + LINK_LASTS, job.finished_at + KEEP_FILES)
    expiry = int(expires_at.timestamp())
    path = f"{PATH}/{job.id}/{expiry}/{_signature(job.id, expiry, key)}/titles.{SUFFIXES[job.format]}"
    return path, expires_at


def is_signed(own: UUID, expiry: int, signature: str, *, now: datetime, key: str) -> bool:
    """Return whether the address was given out and holds still."""
    return now.timestamp() < expiry and hmac.compare_digest(signature.encode(), _signature(own, expiry, key).encode())


def _signature(own: UUID, expiry: int, key: str) -> str:
    return hmac.new(key.encode(), f"catalog-export:{own}:{expiry}".encode(), hashlib.sha256).hexdigest()


async def _on_disk(work: Callable[..., Result], *arguments: object) -> Result:
    """Do it in a thread.

    Raises:
        ExportFileError: The disk does not let it. The database would take an OSError for a failure of its own.
    """
    try:
        return await asyncio.to_thread(work, *arguments)
    except OSError as error:
        raise ExportFileError(str(error)) from error


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def _write(path: Path, piece: bytes, place: int) -> None:
    """Have the file end with the piece at that place."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("r+b" if place else "wb") as file:
        file.seek(place)
        file.write(piece)
        file.truncate()


def _forget(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
