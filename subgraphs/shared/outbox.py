"""Events written in the transaction that caused them, so that none is lost and none is sent for a rolled-back change.

Each PostgreSQL subgraph creates the table in its first migration by calling `create_outbox_table(op)`.
workers.relay reads it; see `has_pending`, `pending_events` and `mark_relayed`. Who listens on `CHANNEL` of the database
is told of new events once they are committed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.events import Event
from subgraphs.shared.listening import Listener
from subgraphs.shared.prepared import Prepared

CHANNEL = "outbox"

_metadata = sa.MetaData()

outbox_table = sa.Table(
    "outbox",
    _metadata,
    sa.Column("position", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("payload", JSONB, nullable=False),
    sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("relayed_at", sa.DateTime(timezone=True), nullable=True),
    sa.Index("ix_outbox_pending", "position", postgresql_where=sa.text("relayed_at IS NULL")),
)

_PUBLISH = sa.text(
    "WITH added AS (INSERT INTO outbox (event_id, topic, payload, occurred_at) "
    "SELECT event_id, topic, CAST(payload AS jsonb), occurred_at FROM unnest(CAST(:event_ids AS uuid[]), "
    "CAST(:topics AS text[]), CAST(:payloads AS text[]), CAST(:moments AS timestamptz[])) "
    "AS event (event_id, topic, payload, occurred_at)) "
    "SELECT pg_notify(:channel, '')"
)
_HAS_PENDING = Prepared(sa.select(sa.exists().where(outbox_table.c.relayed_at.is_(None)).label("has_pending")))


@dataclass(frozen=True, slots=True)
class PendingEvent:
    """A row of the outbox that has not been relayed yet."""

    position: int
    topic: str
    payload: dict[str, Any]


def create_outbox_table(op: Any) -> None:
    """Create the table inside an Alembic migration (`op` is alembic.op)."""
    outbox_table.create(op.get_bind())


async def publish(session: AsyncSession, events: Sequence[Event]) -> None:
    """Add the events to the session's transaction, in one statement; nothing for an empty list."""
    if not events:
        return
    await session.execute(
        _PUBLISH,
        {
            "channel": CHANNEL,
            "event_ids": [event.event_id for event in events],
            "topics": [event.topic for event in events],
            "payloads": [event.model_dump_json() for event in events],
            "moments": [event.occurred_at for event in events],
        },
    )


async def has_pending(listener: Listener) -> bool:
    """Return whether an event waits in the listener's database, whoever may have it in hand."""
    rows = await listener.fetch(_HAS_PENDING)
    return bool(rows[0][0])


async def pending_events(session: AsyncSession, *, limit: int) -> list[PendingEvent]:
    """Return the oldest events not relayed yet, locked until the transaction ends; others' locks are skipped."""
    statement = (
        sa.select(outbox_table.c.position, outbox_table.c.topic, outbox_table.c.payload)
        .where(outbox_table.c.relayed_at.is_(None))
        .order_by(outbox_table.c.position)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = await session.execute(statement)
    return [PendingEvent(position, topic, payload) for position, topic, payload in rows]


async def mark_relayed(session: AsyncSession, positions: Sequence[int], *, at: datetime) -> None:
    """Record that the events reached the workers."""
    await session.execute(sa.update(outbox_table).where(outbox_table.c.position.in_(positions)).values(relayed_at=at))


async def forget_relayed(session: AsyncSession, *, before: datetime) -> int:
    """Delete relayed events older than `before` and return how many."""
    deleted = await session.execute(
        sa.delete(outbox_table).where(outbox_table.c.relayed_at < before).returning(outbox_table.c.event_id)
    )
    ids: Sequence[UUID] = deleted.scalars().all()
    return len(ids)


async def forget_about(session: AsyncSession, ids: Sequence[str]) -> None:
    """Delete relayed events about these accounts and profiles, by the `user_id` and `profile_id` of their payload.

    Events that were not relayed yet stay: who is gone is told to consumers again after them.
    """
    payload = outbox_table.c.payload
    is_about = payload["user_id"].astext.in_(ids) | payload["profile_id"].astext.in_(ids)
    await session.execute(sa.delete(outbox_table).where(is_about, outbox_table.c.relayed_at.is_not(None)))
