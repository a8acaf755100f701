"""Exports that editors asked for: the published titles into files, in pieces that outlive the worker."""

import time
from uuid import UUID

import structlog

from subgraphs.catalog.service import exports
from subgraphs.catalog.service.exporting import BATCH
from subgraphs.catalog.service.exports import Export
from subgraphs.catalog.service.job_news import announce
from subgraphs.shared.errors import ServiceUnavailableError
from workers.services import Services

LONGEST_TURN_SECONDS = 60.0
"""After which a turn ends between two pieces; the next one goes on from there."""

_log = structlog.get_logger(__name__)


async def exports_wait(services: Services) -> bool:
    """Whether an export is not finished."""
    return await _next(services) is not None


async def advance_exports(services: Services, *, batch: int = BATCH, most_pieces: int | None = None) -> int:
    """Work at the exports that wait, the oldest first, and return how many pieces were written in this turn."""
    ends_at, pieces = time.monotonic() + LONGEST_TURN_SECONDS, 0
    while time.monotonic() < ends_at and pieces != most_pieces:
        job = await _next(services)
        if job is None or not await _advance(services, job.id, batch=batch):
            break
        pieces += 1
        await announce(services.streams, job.id)
    return pieces


async def _next(services: Services) -> Export | None:
    async with services.outboxes["catalog"].reading() as session:
        return await exports.next_export(session)


async def _advance(services: Services, own: UUID, *, batch: int) -> bool:
    """Return whether the export came further, or to its end; another worker may have it."""
    database, folder = services.outboxes["catalog"], exports.folder_of(services.objects_dir)
    try:
        async with database.writing() as session:
            done = await exports.advance(
                session, own, folder, now=services.clock(), link=services.public_url, batch=batch
            )
    except ServiceUnavailableError:
        raise
    except Exception:  # noqa: BLE001 - one export must not hold up the others; it is logged
        _log.exception("export_failed", export_id=str(own))
        async with database.writing() as session:
            await exports.fail(session, own, now=services.clock())
        return True
    return done is not None
