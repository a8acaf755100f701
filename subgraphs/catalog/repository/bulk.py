"""Statements on bulk operations and their items."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from subgraphs.catalog.models import BulkState, CmsBulkItem, CmsBulkOperation, table
from subgraphs.shared.postgres import ReadSession, WriteSession

_operations = table(CmsBulkOperation)
_items = table(CmsBulkItem)


@dataclass(frozen=True, slots=True)
class BulkOperation:
    """A change to many titles; `change` is its document."""

    id: UUID
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    change: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BulkItem:
    """One title of an operation, by its global id; code and message say why it failed."""

    position: int
    title_id: str
    state: BulkState
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class BulkCounts:
    """How many titles of an operation stand where."""

    pending: int
    done: int
    failed: int


async def insert_operation(
    session: WriteSession, operation: BulkOperation, *, title_ids: Sequence[str], key_hash: str
) -> bool:
    """Insert the operation with its titles; return False, and change nothing, if the key was used."""
    inserted = await session.execute(
        insert(_operations)
        .values(
            id=operation.id,
            created_by=operation.created_by,
            created_at=operation.created_at,
            change=operation.change,
            creation_key_hash=key_hash,
        )
        .on_conflict_do_nothing()
        .returning(_operations.c.id)
    )
    if inserted.first() is None:
        return False
    rows = [
        {"operation_id": operation.id, "position": position, "title_id": own, "state": BulkState.PENDING.value}
        for position, own in enumerate(title_ids)
    ]
    await session.execute(
        sa.text(
            "INSERT INTO cms_bulk_items (operation_id, position, title_id, state) SELECT operation_id, position, "
            "title_id, state FROM json_populate_recordset(NULL::cms_bulk_items, CAST(:rows AS json))"
        ),
        {"rows": orjson.dumps(rows).decode()},
    )
    return True


async def operation_by_key(session: WriteSession, key_hash: str) -> BulkOperation | None:
    """Return the operation that the key made, None when it made none."""
    return await _one(session, _operations.c.creation_key_hash == key_hash)


async def operation_by_id(session: ReadSession, own: UUID) -> BulkOperation | None:
    """Return the operation, None when there is none."""
    return await _one(session, _operations.c.id == own)


async def counts(session: ReadSession, own: UUID) -> BulkCounts:
    """Return how many titles of the operation stand where."""
    statement = sa.select(_items.c.state, sa.func.count()).where(_items.c.operation_id == own).group_by(_items.c.state)
    found = {row[0]: row[1] for row in await session.execute(statement)}
    return BulkCounts(*(found.get(state.value, 0) for state in (BulkState.PENDING, BulkState.DONE, BulkState.FAILED)))


async def failed_items(session: ReadSession, own: UUID, *, limit: int) -> list[BulkItem]:
    """Return the first titles of the operation that failed, in the order in which they were given."""
    statement = (
        sa.select(_items)
        .where(_items.c.operation_id == own, _items.c.state == BulkState.FAILED.value)
        .order_by(_items.c.position)
        .limit(limit)
    )
    return [_item(row) for row in await session.execute(statement)]


async def claim_items(session: WriteSession, *, limit: int) -> tuple[BulkOperation | None, list[BulkItem]]:
    """Return the next pending titles of the oldest operation that another worker does not hold; both locked."""
    waiting = sa.exists().where(_items.c.operation_id == _operations.c.id, _items.c.state == BulkState.PENDING.value)
    statement = (
        sa.select(_operations)
        .where(_operations.c.finished_at.is_(None), waiting)
        .order_by(_operations.c.created_at, _operations.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None, []
    items = (
        sa.select(_items)
        .where(_items.c.operation_id == row.id, _items.c.state == BulkState.PENDING.value)
        .order_by(_items.c.position)
        .limit(limit)
    )
    return _operation(row), [_item(each) for each in await session.execute(items)]


async def save_items(session: WriteSession, own: UUID, items: Collection[BulkItem]) -> None:
    """Store what became of the titles, in one statement."""
    rows = [
        {"position": item.position, "state": item.state.value, "code": item.code, "message": item.message}
        for item in items
    ]
    await session.execute(
        sa.text(
            "UPDATE cms_bulk_items AS old SET state = new.state, code = new.code, message = new.message FROM "
            "json_to_recordset(CAST(:rows AS json)) AS new(position int, state text, code text, message text) "
            "WHERE old.operation_id = :own AND old.position = new.position"
        ),
        {"rows": orjson.dumps(rows).decode(), "own": own},
    )


async def finish_if_done(session: WriteSession, own: UUID, *, now: datetime) -> None:
    """Note the end of the operation when no title is pending."""
    waiting = sa.exists().where(_items.c.operation_id == own, _items.c.state == BulkState.PENDING.value)
    await session.execute(sa.update(_operations).where(_operations.c.id == own, ~waiting).values(finished_at=now))


async def _one(session: ReadSession | WriteSession, condition: sa.ColumnElement[bool]) -> BulkOperation | None:
    row = (await session.execute(sa.select(_operations).where(condition))).one_or_none()
    return None if row is None else _operation(row)


def _operation(row: Any) -> BulkOperation:
    return BulkOperation(UUID(int=row.id.int), row.created_by, row.created_at, row.finished_at, row.change)


def _item(row: Any) -> BulkItem:
    return BulkItem(row.position, row.title_id, BulkState(row.state), row.code, row.message)
