"""Exports and purges: what needs every subgraph at once."""

from collections.abc import Sequence

import structlog

from subgraphs.billing import service as billing
from subgraphs.catalog.service import privacy as catalog
from subgraphs.shared.outbox import forget_about
from subgraphs.shared.privacy import DataSubject, Records
from subgraphs.users.service import PendingExport
from workers.services import Services

_log = structlog.get_logger()


async def make_exports(services: Services) -> int:
    """Make the exports that were asked for and return how many. One that fails comes again with the next turn."""
    made = 0
    for export in await services.users.pending_exports():
        try:
            await services.users.finish_export(export, await gather_records(services, export))
        except Exception:  # noqa: BLE001  # one person's fault must not keep the others waiting
            _log.exception("data_export_failed", export_id=str(export.export_id))
            continue
        made += 1
    return made


async def gather_records(services: Services, export: PendingExport) -> Records:
    """Return what all other subgraphs keep about the account."""
    subject = export.subject
    async with services.outboxes["billing"].reading() as session:
        records = await billing.export_account(session, subject)
    async with services.outboxes["catalog"].reading() as session:
        records |= await catalog.export_account(session, subject)
    for part in (services.playback, services.activity, services.recommendations, services.ads):
        records |= await part.export_account(subject)
    return records


async def forget_accounts(services: Services, subjects: Sequence[DataSubject]) -> None:
    """Have every other subgraph forget the accounts and their profiles; may be done again at any time."""
    now = services.clock()
    ids = [each for subject in subjects for each in subject.ids]
    for part in (services.playback, services.activity, services.recommendations, services.ads):
        await part.forget_accounts(subjects)
    async with services.outboxes["billing"].writing() as session:
        await billing.forget_accounts(session, subjects, now=now)
        await forget_about(session, ids)
    async with services.outboxes["catalog"].writing() as session:
        await catalog.forget_accounts(session, [subject.user_id for subject in subjects])
        await forget_about(session, ids)


async def purge_accounts(services: Services) -> int:
    """Remove the accounts whose grace time is over and return how many; other subgraphs follow by the event."""
    return await services.users.purge_accounts()
