"""Statements on complaints, for the officer who decides them. Who may run them is decided by scope, before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.users.models import Grievance, GrievanceStatus


async def grievance_for_update(session: AsyncSession, grievance_id: UUID) -> Grievance | None:
    """Return the complaint, held until the transaction ends."""
    statement = sa.select(Grievance).where(col(Grievance.id) == grievance_id).with_for_update()
    return (await session.execute(statement)).scalar()


async def grievances(
    session: AsyncSession, status: GrievanceStatus | None, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Grievance]:
    """Return at most `limit` complaints of those that follow `after`, the one that is due first in front."""
    statement = sa.select(Grievance)
    if status is not None:
        statement = statement.where(col(Grievance.status) == status)
    if after is not None:
        key = sa.tuple_(col(Grievance.due_at), col(Grievance.id))
        statement = statement.where(key > sa.tuple_(*map(sa.literal, after)))
    ordered = statement.order_by(col(Grievance.due_at), col(Grievance.id)).limit(limit)
    return (await session.execute(ordered)).scalars().all()
