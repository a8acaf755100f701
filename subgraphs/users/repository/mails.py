"""Statements on letters. A letter in hand (SENDING) belongs to the worker that took it, until it records an outcome."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.shared.postgres import Database
from subgraphs.shared.prepared import Prepared
from subgraphs.users.models import Mail, MailStatus

_DEAD_LETTERS = (MailStatus.DEAD, MailStatus.IN_DOUBT)


def _is_due(now: Any) -> sa.ColumnElement[bool]:
    return sa.and_(_has_status(MailStatus.QUEUED), col(Mail.next_attempt_at) <= now)


def _is_abandoned(before: Any) -> sa.ColumnElement[bool]:
    return sa.and_(_has_status(MailStatus.SENDING), col(Mail.claimed_at) < before)


def _has_status(status: MailStatus) -> sa.ColumnElement[bool]:
    # As text in the statement: a parameter would keep a prepared statement from the index of that status alone.
    return col(Mail.status) == sa.literal_column(f"'{status.value}'")


_TIME = sa.DateTime(timezone=True)
_ANY_WAITING = Prepared(
    sa.select(
        sa.or_(
            sa.exists().where(_is_due(sa.bindparam("now", type_=_TIME))),
            sa.exists().where(_is_abandoned(sa.bindparam("before", type_=_TIME))),
        ).label("any_waiting")
    )
)


async def any_waiting(database: Database, *, now: datetime, before: datetime) -> bool:
    """Return whether a letter is due, or was taken before the moment and never heard of again: one cheap statement."""
    rows = await database.fetch(_ANY_WAITING, now=now, before=before)
    return bool(rows[0][0])


async def add_mails(session: AsyncSession, mails: Sequence[Mail]) -> int:
    """Insert the letters whose dedup key is new and return how many."""
    if not mails:
        return 0
    statement = (
        postgresql.insert(Mail)
        .values([mail.model_dump() for mail in mails])
        .on_conflict_do_nothing(index_elements=["dedup_key"])
        .returning(col(Mail.id))
    )
    return len((await session.execute(statement)).scalars().all())


async def take_due(session: AsyncSession, *, now: datetime, limit: int) -> list[Mail]:
    """Put the letters that are due in hand, oldest first, and return them; those that others take are skipped."""
    due = (
        sa.select(col(Mail.id))
        .where(_is_due(now))
        .order_by(col(Mail.next_attempt_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        sa.update(Mail)
        .where(col(Mail.id).in_(sa.select(due.c.id)))
        .values(status=MailStatus.SENDING, claimed_at=now, attempts=col(Mail.attempts) + 1)
        .returning(Mail)
    )
    taken = (await session.execute(statement, execution_options={"populate_existing": True})).scalars().all()
    return sorted(taken, key=lambda mail: mail.created_at)


async def record_outcome(session: AsyncSession, mail_id: UUID, *, claimed_at: datetime, values: dict[str, Any]) -> bool:
    """Write what became of a letter in hand; False when it is no longer in that hand."""
    statement = (
        sa.update(Mail)
        .where(col(Mail.id) == mail_id, col(Mail.status) == MailStatus.SENDING, col(Mail.claimed_at) == claimed_at)
        .values(claimed_at=None, **values)
        .returning(col(Mail.id))
    )
    return (await session.execute(statement)).scalar() is not None


async def set_aside_abandoned(session: AsyncSession, *, before: datetime) -> int:
    """Put letters in doubt that were taken before the moment and never heard of again; return how many."""
    statement = (
        sa.update(Mail)
        .where(_is_abandoned(before))
        .values(status=MailStatus.IN_DOUBT, claimed_at=None, last_error="WorkerLost")
        .returning(col(Mail.id))
    )
    return len((await session.execute(statement)).scalars().all())


async def dead_letters(session: AsyncSession, *, limit: int) -> list[Mail]:
    """Return letters that were given up or are in doubt, oldest first."""
    statement = sa.select(Mail).where(col(Mail.status).in_(_DEAD_LETTERS)).order_by(col(Mail.created_at)).limit(limit)
    return list((await session.execute(statement)).scalars())


async def requeue(session: AsyncSession, mail_ids: Sequence[UUID], *, now: datetime) -> int:
    """Let dead letters start over and return how many of the given ones were dead and still have their contents."""
    statement = (
        sa.update(Mail)
        .where(col(Mail.id).in_(mail_ids), col(Mail.status).in_(_DEAD_LETTERS), col(Mail.content).is_not(None))
        .values(status=MailStatus.QUEUED, attempts=0, next_attempt_at=now, last_error=None)
        .returning(col(Mail.id))
    )
    return len((await session.execute(statement)).scalars().all())


async def delete_mails_of(session: AsyncSession, user_id: UUID, *, recipient_index: str | None) -> None:
    """Delete every letter to the account, and to its address without naming the account."""
    is_theirs = col(Mail.user_id) == user_id
    if recipient_index is not None:
        is_theirs |= col(Mail.recipient_index) == recipient_index
    await session.execute(sa.delete(Mail).where(is_theirs))


async def delete_before(session: AsyncSession, *, before: datetime) -> int:
    """Delete letters, whatever became of them, that were written before the moment; return how many."""
    statement = sa.delete(Mail).where(col(Mail.created_at) < before).returning(col(Mail.id))
    return len((await session.execute(statement)).scalars().all())
