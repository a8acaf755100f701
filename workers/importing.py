"""Imports that editors asked for or feeds brought: files into the catalogue, in batches that outlive the worker."""

import asyncio
import time

import structlog

from subgraphs.catalog.service import imports
from subgraphs.catalog.service.importing import ImportFileError
from subgraphs.catalog.service.imports import Comparing, Import, ImportFile, ImportState
from subgraphs.catalog.service.job_news import announce
from subgraphs.shared.errors import ServiceUnavailableError
from workers.services import Services

CHECK_FEEDS_EVERY_SECONDS = 60.0
"""How often we look which feeds are due."""
LONGEST_TURN_SECONDS = 60.0
"""After which a turn ends between two batches; the next one goes on from there."""

_log = structlog.get_logger(__name__)


async def fetch_feeds(services: Services) -> int:
    """Fetch the feeds that are due and return how many imports that made."""
    return await services.feeds.fetch_due()


async def imports_wait(services: Services) -> bool:
    """Whether an import is not finished."""
    async with services.outboxes["catalog"].reading() as session:
        return await imports.next_import(session) is not None


async def advance_imports(services: Services, *, batch: int = imports.BATCH) -> int:
    """Work at the imports that wait, the oldest first, and return how many rows were taken in this turn."""
    ends_at = time.monotonic() + LONGEST_TURN_SECONDS
    taken = 0
    while time.monotonic() < ends_at:
        async with services.outboxes["catalog"].reading() as session:
            job = await imports.next_import(session)
        if job is None:
            return taken
        async with ImportFile(job, imports.folder_of(services.objects_dir)) as file:
            before = job.counts.rows_done
            left = await _Run(services, file, batch=batch, ends_at=ends_at).advance(job)
        taken += left.counts.rows_done - before if left else 0
        if left is None or left.finished_at is None:
            return taken
    return taken


class _Run:
    """One turn's work at one import."""

    def __init__(self, services: Services, file: ImportFile, *, batch: int, ends_at: float) -> None:
        self._services = services
        self._database = services.outboxes["catalog"]
        self._file = file
        self._batch = batch
        self._ends_at = ends_at

    async def advance(self, job: Import) -> Import | None:
        """Return the import as it is when the turn ends; another worker may have it."""
        try:
            if job.state is ImportState.QUEUED and not await self._begin(job):
                return await self._reread(job)
            current = await self._reread(job)
            if current is not None and current.state is ImportState.STORING:
                current = await self._store(current)
            if current is not None and current.state is ImportState.COMPARING:
                await self._compare(current)
            return await self._reread(job)
        except ServiceUnavailableError:
            raise
        except ImportFileError as error:
            return await self._fail(job, error)
        except Exception:  # noqa: BLE001 - one file must not hold up the others; it is logged
            _log.exception("import_failed", import_id=str(job.id))
            message = "It failed for a reason of ours; the worker's log has it."
            return await self._fail(job, ImportFileError(message, code=imports.INTERNAL))

    async def _fail(self, job: Import, error: ImportFileError) -> Import | None:
        async with self._database.writing() as session:
            await imports.fail(session, job.id, error, now=self._services.clock())
        await announce(self._services.streams, job.id)
        return await self._reread(job)

    async def _begin(self, job: Import) -> bool:
        checked = await asyncio.to_thread(self._file.check)
        async with self._database.writing() as session:
            goes_on = await imports.begin(session, job.id, checked, now=self._services.clock())
        await announce(self._services.streams, job.id)
        return goes_on

    async def _store(self, job: Import) -> Import | None:
        """Take rows, batch by batch. A batch that fails as a whole is tried again row by row, and the row that fails
        alone, too, is noted and left."""
        current, batch = job, self._batch
        while current.state is ImportState.STORING and time.monotonic() < self._ends_at:
            start = current.counts.rows_done
            rows = await self._file.read(start, batch)
            try:
                async with self._database.writing() as session:
                    left = await imports.store(session, job.id, rows, start=start, now=self._services.clock())
            except ServiceUnavailableError:
                raise
            except Exception:  # noqa: BLE001 - one bad row must not hold up the others; it is logged below
                if batch > 1:
                    batch = 1
                    continue
                _log.exception("import_row_failed", import_id=str(job.id), row=start)
                async with self._database.writing() as session:
                    left = await imports.skip(session, job.id, start=start, now=self._services.clock())
                batch = self._batch
            if left is None:
                return None
            current = left
            await announce(self._services.streams, job.id)
        return current

    async def _compare(self, job: Import) -> None:
        comparing, place = Comparing(), 0
        while rows := await self._file.read(place, self._batch):
            place += len(rows)
            async with self._database.writing() as session:
                await comparing.add(session, rows)
        async with self._database.writing() as session:
            await imports.finish(session, job.id, comparing.result(), now=self._services.clock())
        await announce(self._services.streams, job.id)

    async def _reread(self, job: Import) -> Import | None:
        async with self._database.reading() as session:
            return await imports.read_import(session, job.id)
