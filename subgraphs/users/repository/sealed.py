"""Statements on columns of sealed values."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession


async def not_sealed_with(
    session: AsyncSession,
    table: type[Any],
    columns: tuple[str, str],
    *,
    prefix: str,
    after: UUID | None,
    limit: int,
) -> list[Any]:
    """Return rows whose value does not begin with the prefix, in the order of their keys, locked.

    Those that others hold are skipped, and so is a row without a value.

    Args:
        session: Holds the rows until it ends.
        table: The model.
        columns: Its key, a uuid, and the column of sealed values.
        prefix: Of values under the newest key.
        after: The key to go on after; None from the beginning.
        limit: Most rows.
    """
    key, value = (getattr(table, name) for name in columns)
    statement = sa.select(table).where(value.is_not(None), ~value.startswith(prefix, autoescape=True))
    if after is not None:
        statement = statement.where(key > after)
    return list(
        (await session.execute(statement.order_by(key).limit(limit).with_for_update(skip_locked=True))).scalars()
    )
