"""Dead letters, for operators: which there are, and letting some start over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.shared.postgres import Database
from subgraphs.users.repository import mails


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A letter that was given up (DEAD) or may have been sent (IN_DOUBT). To whom is not shown."""

    mail_id: UUID
    kind: str
    status: str
    attempts: int
    reason: str
    created_at: datetime


async def list_dead_letters(database: Database, *, limit: int = 100) -> list[DeadLetter]:
    """Return dead letters, oldest first."""
    async with database.reading() as session:
        rows = await mails.dead_letters(session, limit=limit)
    return [
        DeadLetter(row.id, row.kind, row.status.value, row.attempts, row.last_error or "", row.created_at)
        for row in rows
    ]


async def replay_dead_letters(database: Database, mail_ids: Sequence[UUID], *, now: datetime) -> int:
    """Let the letters start over and return how many could; one in doubt may arrive twice, as the operator decided."""
    async with database.writing() as session:
        return await mails.requeue(session, mail_ids, now=now)
