"""Imports as jobs: asked for by editors or feeds, done by the worker in batches, each in one transaction.

A file is read through before anything is stored, so one that is no file of its format, breaks off or is too large
changes nothing. Then its rows are taken in order; how many are done is written in the transaction that stores them, so
a worker that dies leaves nothing doubled or lost, and the next goes on from there. At last the file is read once more
and compared with the catalogue.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

from subgraphs.catalog.errors import DraftRefusedError, FieldRefusal, IdempotencyKeyReusedError
from subgraphs.catalog.models import ImportFormat
from subgraphs.catalog.models import ImportState as ImportState
from subgraphs.catalog.repository import imports
from subgraphs.catalog.repository.imports import Comparison, Counts, NotedChange, NotedError
from subgraphs.catalog.repository.imports import Import as Import
from subgraphs.catalog.service.import_files import Row, open_rows
from subgraphs.catalog.service.importing import BadRow, ImportFileError
from subgraphs.catalog.service.taking import Taken, compare_rows, take_rows
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.service.writing import finish_bulk_load
from subgraphs.shared.postgres import ReadSession, WriteSession

SCOPE = "cms:bulk"
BATCH = 500
MOST_FILE_BYTES = 100 * 1024 * 1024
MOST_UNPACKED_BYTES = 1024 * 1024 * 1024
MOST_ROWS = 100_000
MOST_NOTED = 1_000
"""Rows that were not taken, and titles that were changed, of which an import keeps more than the count."""
KEEP_FILES = timedelta(days=7)
KEEP_IMPORTS = timedelta(days=90)
INTERNAL = "INTERNAL"

_LONGEST_MESSAGE = 500
_LARGE = 1_000
"""Titles stored, after which the planner is told."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """Who wants which file taken in."""

    editor: Editor
    upload_id: UUID
    format: ImportFormat
    dry_run: bool
    idempotency_key: str
    now: datetime


def folder_of(objects_dir: Path) -> Path:
    """Return the folder of the files, each under its id."""
    return objects_dir / "imports"


async def request_import(session: WriteSession, request: ImportRequest) -> Import:
    """Take the import in; the worker does it. The same key, come again, returns the import that it made.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
        DraftRefusedError: The editor has sent no such file, or it is gone.
        IdempotencyKeyReusedError: The key came with another request before.
    """
    request.editor.require(SCOPE)
    key_hash = hashlib.sha256(f"import:{request.editor.user_id}:{request.idempotency_key}".encode()).hexdigest()
    known = await imports.import_by_key(session, key_hash)
    if known is not None:
        return _same(known, request)
    sent = await imports.upload_by_id(session, request.upload_id)
    if sent is None or sent.digest is None or sent.created_by != request.editor.user_id:
        raise DraftRefusedError([FieldRefusal("UNKNOWN_UPLOAD", "You have sent no such file.", ("uploadId",))])
    job = Import(
        id=uuid4(),
        created_by=request.editor.user_id,
        feed=None,
        file_id=sent.id,
        format=request.format,
        dry_run=request.dry_run,
        created_at=request.now,
        file_digest=sent.digest,
    )
    if await imports.insert_import(session, job, key_hash=key_hash):
        return job
    # The same request came at the same time.
    known = await imports.import_by_key(session, key_hash)
    if known is None:
        raise IdempotencyKeyReusedError
    return _same(known, request)


def _same(known: Import, request: ImportRequest) -> Import:
    """Return the import if it is what is asked for again."""
    if (known.file_id, known.format, known.dry_run) != (request.upload_id, request.format, request.dry_run):
        raise IdempotencyKeyReusedError
    return known


async def next_import(session: ReadSession) -> Import | None:
    """Return the oldest import that is not finished."""
    return await imports.next_import(session)


async def read_import(session: ReadSession, own: UUID) -> Import | None:
    """Return the import as it is now, None when there is none."""
    return await imports.import_by_id(session, own)


@dataclass(frozen=True, slots=True)
class Checked:
    """What reading a file through showed: how many rows it has, and the first that cannot be taken."""

    rows: int
    usable: int
    bad: tuple[BadRow, ...]


class ImportFile:
    """The rows of an import's file, from any of them on; an asynchronous context manager. `take` and `check` block, and
    are for a thread; `read` is not."""

    def __init__(self, job: Import, folder: Path) -> None:
        self._job = job
        self._path = folder / str(job.file_id)
        self._open = ExitStack()
        self._rows: Iterator[Row] | None = None
        self._position = 0
        self._ahead: tuple[tuple[int, int], asyncio.Task[list[Row]]] | None = None

    async def __aenter__(self) -> Self:
        """Return itself; nothing is opened before rows are asked for."""
        return self

    async def __aexit__(self, *_raised: object) -> None:
        """Close the file."""
        await self._forget_ahead()
        self._open.close()

    async def read(self, start: int, count: int) -> list[Row]:
        """Return what `take` does, and begin to take as many of the rows that follow: while these are stored, a thread
        has time to read."""
        if self._ahead is not None and self._ahead[0] == (start, count):
            # A thread cannot be cancelled: who closes the file waits for it.
            rows = await asyncio.shield(self._ahead[1])
        else:
            await self._forget_ahead()
            rows = await asyncio.to_thread(self.take, start, count)
        following = (start + len(rows), count)
        self._ahead = (following, asyncio.create_task(asyncio.to_thread(self.take, *following))) if rows else None
        return rows

    async def _forget_ahead(self) -> None:
        """Let the thread that reads ahead come to its end; what it found, or failed with, is found again if asked."""
        if self._ahead is not None:
            await asyncio.wait([self._ahead[1]])
            if not self._ahead[1].cancelled():
                self._ahead[1].exception()
            self._ahead = None

    def take(self, start: int, count: int) -> list[Row]:
        """Return so many rows from that one on, counted from 0; fewer at the end.

        Raises:
            ImportFileError: It is no file of its format, breaks off or is too large.
        """
        if self._rows is None or start < self._position:
            self._open.close()
            opened = open_rows(
                self._path,
                self._job.format,
                published_at=self._job.created_at,
                source=f"feed:{self._job.feed}" if self._job.feed else None,
                most_bytes=MOST_UNPACKED_BYTES,
            )
            self._rows, self._position = self._open.enter_context(opened)[0], 0
        deque(islice(self._rows, start - self._position), maxlen=0)
        found = list(islice(self._rows, count))
        self._position = start + len(found)
        return found

    def check(self) -> Checked:
        """Read the file through.

        Raises:
            ImportFileError: As `take`; also for too many rows (TOO_MANY_ROWS).
        """
        total, usable = 0, 0
        bad: list[BadRow] = []
        while batch := self.take(total, BATCH):
            total += len(batch)
            refused = [row for row in batch if isinstance(row, BadRow)]
            usable += len(batch) - len(refused)
            bad += refused[: MOST_NOTED - len(bad)]
            if total > MOST_ROWS:
                raise ImportFileError(f"It has more than {MOST_ROWS:,} rows.", code="TOO_MANY_ROWS")
        return Checked(total, usable, tuple(bad))


async def begin(session: WriteSession, job_id: UUID, checked: Checked, *, now: datetime) -> bool:
    """Note what reading the file through showed; return whether its rows are to be taken."""
    job = await imports.lock_import(session, job_id)
    if job is None or job.state is not ImportState.QUEUED:
        return job is not None
    if checked.usable:
        await imports.set_total(session, job_id, rows_total=checked.rows)
        return True
    counts = Counts(rows_done=checked.rows, failed=checked.rows)
    await imports.set_total(session, job_id, rows_total=checked.rows)
    await imports.set_counts(session, job_id, counts, state=ImportState.STORING)
    await imports.note_errors(session, job_id, _noted_errors(checked.bad), first=0)
    await imports.fail(
        session, job_id, code="NO_USABLE_ROW", message="No row says anything that can be taken.", now=now
    )
    return False


async def fail(session: WriteSession, job_id: UUID, error: ImportFileError, *, now: datetime) -> None:
    """Note why nothing more is taken from the file."""
    if await imports.lock_import(session, job_id) is not None:
        await imports.fail(session, job_id, code=error.code, message=_storable(str(error)), now=now)


async def store(
    session: WriteSession, job_id: UUID, rows: Sequence[Row], *, start: int, now: datetime
) -> Import | None:
    """Take the rows that begin with number `start`, counted from 0, and return the import as it then is.

    Rows that another worker took meanwhile are left; None when it works on them, or the import is finished.
    """
    job = await imports.lock_import(session, job_id)
    if job is None or job.counts.rows_done != start or job.state is not ImportState.STORING:
        return job
    taken = await take_rows(session, rows, now=now, dry_run=job.dry_run)
    return await _note(session, job, taken, rows=len(rows), now=now)


async def skip(session: WriteSession, job_id: UUID, *, start: int, now: datetime) -> Import | None:
    """Leave out the row of that number, for one that failed for a reason that nobody foresaw; returns as `store`."""
    job = await imports.lock_import(session, job_id)
    if job is None or job.counts.rows_done != start:
        return job
    message = "It failed for a reason of ours; the worker's log has it."
    return await _note(session, job, Taken(bad=[BadRow(start + 1, message, INTERNAL)]), rows=1, now=now)


class Comparing:
    """Compares a file with the catalogue, batch by batch. Checksums do not depend on the order of rows."""

    def __init__(self) -> None:
        self._compared = self._matching = self._source = self._stored = 0

    async def add(self, session: WriteSession, rows: Sequence[Row]) -> None:
        """Compare a batch."""
        for own, said, stored in await compare_rows(session, rows):
            self._compared += 1
            self._matching += said == stored
            self._source += _number_of(own, said)
            self._stored += _number_of(own, stored) if stored is not None else 0

    def result(self) -> Comparison:
        """Return what was found."""
        source, stored = (f"{number % 2**64:016x}" for number in (self._source, self._stored))
        return Comparison(self._compared, self._matching, source, stored)


async def finish(session: WriteSession, job_id: UUID, comparison: Comparison, *, now: datetime) -> None:
    """Note the end of the import; after a large one the database learns its new sizes."""
    job = await imports.lock_import(session, job_id)
    if job is None:
        return
    if job.counts.inserted + job.counts.updated >= _LARGE:
        await finish_bulk_load(session)
    await imports.finish(session, job_id, comparison=comparison, now=now)


async def forget_files(session: WriteSession, folder: Path, *, now: datetime) -> int:
    """Delete files that were sent, or fetched, longer ago than they are kept, and return how many places for files;
    and what is known of imports that ended long ago. Files of imports that are not finished stay.
    """
    await imports.forget_imports(session, before=now - KEEP_IMPORTS)
    before = now - KEEP_FILES
    forgotten = await imports.forget_uploads(session, before=before)
    for own in forgotten:
        (folder / str(own)).unlink(missing_ok=True)
    return len(forgotten)


async def _note(session: WriteSession, job: Import, taken: Taken, *, rows: int, now: datetime) -> Import:
    old = job.counts
    await imports.note_errors(
        session, job.id, _noted_errors(taken.bad)[: max(0, MOST_NOTED - old.failed)], first=old.failed
    )
    changed = old.inserted + old.updated
    changes = [
        NotedChange(
            each.title_id,
            each.name,
            each.is_new,
            tuple((field.field, field.before, field.after) for field in each.fields),
        )
        for each in taken.differences[: max(0, MOST_NOTED - changed)]
    ]
    await imports.note_changes(session, job.id, changes, first=changed)
    counts = Counts(
        rows_done=old.rows_done + rows,
        inserted=old.inserted + taken.inserted,
        updated=old.updated + taken.updated,
        unchanged=old.unchanged + taken.unchanged,
        kept=old.kept + taken.kept,
        failed=old.failed + len(taken.bad),
    )
    is_through = counts.rows_done == job.rows_total
    state = ImportState.COMPARING if is_through else ImportState.STORING
    await imports.set_counts(session, job.id, counts, state=state)
    if is_through and job.dry_run:
        state = ImportState.DONE
        await imports.finish(session, job.id, comparison=None, now=now)
    return replace(job, state=state, counts=counts)


def _noted_errors(bad: Sequence[BadRow]) -> list[NotedError]:
    return [
        NotedError(row.line, _storable(row.key) if row.key else None, row.code, _storable(row.reason)) for row in bad
    ]


def _storable(text: str) -> str:
    """Return the text, which may repeat what stood in a damaged file, as far as it can be stored and shown."""
    return text[:_LONGEST_MESSAGE].encode("utf-8", "replace").decode().replace("\x00", "?")


def _number_of(own: UUID, digest: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{own}:{digest}".encode(), digest_size=8).digest(), "big")
