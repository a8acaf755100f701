"""Everything that this subgraph keeps sealed, and moving it to the newest key, so that an old one can go.

What is sealed for a purpose opens for that purpose alone: the purposes are here, beside the columns. A column of sealed
values that is not in `SEALED` would be lost with its key; a test looks for any.

Each batch is committed. Whoever stops in the middle goes on where that was: what is under the newest key is left alone.
Not here, because they end by themselves within days: what waits in the outbox, and the files of exports.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from subgraphs.shared.postgres import Database
from subgraphs.users.models import Grievance, Mail, PhoneNumber
from subgraphs.users.repository import sealed as statements
from subgraphs.users.service.crypto import PersonalData, SealedValueError

BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values. `key` is the primary key, a uuid, from which the purpose is made."""

    table: type[Any]
    column: str
    key: str
    purpose: Callable[[UUID], str]

    @property
    def name(self) -> str:
        """`phone_numbers.sealed_number`."""
        return f"{self.table.__tablename__}.{self.column}"


@dataclass(frozen=True, slots=True)
class Resealed:
    """What became of a column: values moved, and values that no configured key opens, left as they are."""

    moved: int = 0
    lost: int = 0


def phone_purpose(user_id: UUID) -> str:
    """Return the purpose for which the phone number of the account is sealed."""
    return f"phone:{user_id}"


def mail_purpose(mail_id: UUID) -> str:
    """Return the purpose for which a letter's contents are sealed."""
    return f"mail:{mail_id}"


def grievance_purpose(grievance_id: UUID) -> str:
    """Return the purpose for which a complaint is sealed."""
    return f"grievance:{grievance_id}"


def decision_purpose(grievance_id: UUID) -> str:
    """Return the purpose for which the decision on a complaint is sealed."""
    return f"grievance-decision:{grievance_id}"


SEALED = (
    SealedColumn(PhoneNumber, "sealed_number", "user_id", phone_purpose),
    SealedColumn(Mail, "content", "id", mail_purpose),
    SealedColumn(Grievance, "content", "id", grievance_purpose),
    SealedColumn(Grievance, "decision", "id", decision_purpose),
)


async def reseal(
    database: Database, *, sealer: PersonalData, most_batches: int | None = None, batch_size: int = BATCH_SIZE
) -> dict[str, Resealed]:
    """Move what is under an older key to the newest one; return what became of each column, by its name.

    Rows that somebody else holds at the moment are left for the next time.
    """
    return {
        each.name: await _reseal_column(database, each, sealer=sealer, most_batches=most_batches, batch_size=batch_size)
        for each in SEALED
    }


async def _reseal_column(
    database: Database, column: SealedColumn, *, sealer: PersonalData, most_batches: int | None, batch_size: int
) -> Resealed:
    moved = lost = batches = 0
    after: UUID | None = None
    while most_batches is None or batches < most_batches:
        async with database.writing() as session:
            rows = await statements.not_sealed_with(
                session,
                column.table,
                (column.key, column.column),
                prefix=sealer.current_prefix,
                after=after,
                limit=batch_size,
            )
            for row in rows:
                is_moved = _reseal_value(row, column, sealer)
                moved += is_moved
                lost += not is_moved
        batches += 1
        if len(rows) < batch_size:
            break
        after = getattr(rows[-1], column.key)
    return Resealed(moved, lost)


def _reseal_value(row: Any, column: SealedColumn, sealer: PersonalData) -> bool:
    try:
        value = sealer.reseal(getattr(row, column.column), purpose=column.purpose(getattr(row, column.key)))
    except SealedValueError:
        return False
    setattr(row, column.column, value)
    return True
