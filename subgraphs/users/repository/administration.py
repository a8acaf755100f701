"""Statements of administrators on accounts. Who may run them is decided by scope, before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.users.models import AccountDeletion, AccountStatus, Role, User


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which accounts are wanted; what is None does not matter. `address` is the beginning of one, in lower case."""

    user_id: UUID | None = None
    address: str | None = None
    standing: str | None = None
    """A name of `service.standing.Standing`."""
    role: Role | None = None
    created_after: datetime | None = None
    now: datetime | None = None
    """The present moment; needed for a standing."""


async def search_users(
    session: AsyncSession, wanted: UserFilter, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[User]:
    """Return at most `limit` accounts, the newest first, of those that follow `after`."""
    conditions = _conditions(wanted)
    if after is not None:
        conditions.append(sa.tuple_(col(User.created_at), col(User.id)) < sa.tuple_(*map(sa.literal, after)))
    statement = sa.select(User).where(*conditions).order_by(col(User.created_at).desc(), col(User.id).desc())
    return (await session.execute(statement.limit(limit))).scalars().all()


async def count_users(session: AsyncSession, wanted: UserFilter) -> int:
    """Return how many accounts there are."""
    statement = sa.select(sa.func.count()).select_from(User).where(*_conditions(wanted))
    return int((await session.execute(statement)).scalar_one())


async def lock_users(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, User]:
    """Return these accounts by id, held until the transaction ends.

    They are locked in the order of their ids, so that two who act on each other wait instead of both succeeding.
    """
    statement = sa.select(User).where(col(User.id).in_(ids)).order_by(col(User.id)).with_for_update()
    rows = (await session.execute(statement, execution_options={"populate_existing": True})).scalars()
    return {user.id: user for user in rows}


async def update_user(session: AsyncSession, user_id: UUID, changes: dict[str, Any]) -> User:
    """Write the changed columns and return the account as it is now."""
    statement = sa.update(User).where(col(User.id) == user_id).values(**changes).returning(User)
    return (await session.execute(statement, execution_options={"populate_existing": True})).scalar_one()


def _conditions(wanted: UserFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.user_id is not None:
        conditions.append(col(User.id) == wanted.user_id)
    if wanted.address:
        conditions.append(col(User.email).startswith(wanted.address, autoescape=True))
    if wanted.standing is not None and wanted.now is not None:
        conditions.append(_standing(wanted.now) == wanted.standing)
    if wanted.role is not None:
        conditions.append(col(User.roles).contains([wanted.role.value]))
    if wanted.created_after is not None:
        conditions.append(col(User.created_at) > wanted.created_after)
    return conditions


def _standing(now: datetime) -> sa.ColumnElement[str]:
    """Return where an account stands, as `service.standing.standing_of` says it of one."""
    is_leaving = sa.exists().where(col(AccountDeletion.user_id) == col(User.id))
    return sa.case(
        (col(User.status) == AccountStatus.SUSPENDED, "SUSPENDED"),
        (is_leaving, "PENDING_DELETION"),
        (col(User.locked_until) > now, "LOCKED"),
        (col(User.email).is_not(None) & ~col(User.email_verified), "PENDING_VERIFICATION"),
        else_="ACTIVE",
    )
