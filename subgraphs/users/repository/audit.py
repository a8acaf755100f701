"""Statements on the audit log. Who may read it is decided by scope, before these run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.users.models import AuditEntry, AuditOutcome


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; what is None does not matter. `until` is not part of the time, `since` is.

    `action` is a whole name, or a beginning that ends in a dot.
    """

    actor_id: UUID | None = None
    subject_id: str | None = None
    action: str | None = None
    outcome: AuditOutcome | None = None
    since: datetime | None = None
    until: datetime | None = None


async def add(session: AsyncSession, entry: AuditEntry) -> None:
    """Add the entry."""
    await session.execute(sa.insert(AuditEntry).values(entry.model_dump(exclude={"position"})))


async def entries(
    session: AsyncSession, wanted: AuditFilter, *, before: int | None, limit: int
) -> Sequence[AuditEntry]:
    """Return the newest entries first, at most `limit`, of those before the position."""
    conditions = _conditions(wanted)
    if before is not None:
        conditions.append(col(AuditEntry.position) < before)
    statement = sa.select(AuditEntry).where(*conditions).order_by(col(AuditEntry.position).desc()).limit(limit)
    return (await session.execute(statement)).scalars().all()


async def remove_before(session: AsyncSession, moment: datetime, *, limit: int) -> int:
    """Remove the oldest entries from before the moment and return how many: for retention alone."""
    await session.execute(sa.text("SET LOCAL reelgraph.audit_retention = 'on'"))
    oldest = sa.select(col(AuditEntry.id)).where(col(AuditEntry.at) < moment).order_by(col(AuditEntry.at)).limit(limit)
    removed = await session.execute(
        sa.delete(AuditEntry).where(col(AuditEntry.id).in_(oldest)).returning(col(AuditEntry.id))
    )
    count = len(removed.scalars().all())
    await session.execute(sa.text("SET LOCAL reelgraph.audit_retention = 'off'"))
    return count


def _conditions(wanted: AuditFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.actor_id is not None:
        conditions.append(col(AuditEntry.actor_id) == wanted.actor_id)
    if wanted.subject_id is not None:
        conditions.append(col(AuditEntry.subject_id) == wanted.subject_id)
    if wanted.action is not None:
        conditions.append(
            col(AuditEntry.action).startswith(wanted.action, autoescape=True)
            if wanted.action.endswith(".")
            else col(AuditEntry.action) == wanted.action
        )
    if wanted.outcome is not None:
        conditions.append(col(AuditEntry.outcome) == wanted.outcome)
    if wanted.since is not None:
        conditions.append(col(AuditEntry.at) >= wanted.since)
    if wanted.until is not None:
        conditions.append(col(AuditEntry.at) < wanted.until)
    return conditions
