"""Statements on consents, deletions, exports and grievances, and on everything of one account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.users.models import (
    AccountDeletion,
    AccountPurge,
    AccountStatus,
    AuditEntry,
    Consent,
    DataExport,
    ExportStatus,
    Grievance,
    Identity,
    PhoneNumber,
    Profile,
    Role,
    User,
)


async def lock_consents(session: AsyncSession, user_id: UUID) -> None:
    """Have one writer at a time decide on what changed for the account."""
    await session.execute(sa.select(col(User.id)).where(col(User.id) == user_id).with_for_update())


async def current_consents(session: AsyncSession, user_id: UUID) -> list[Consent]:
    """Return the account's newest decision on each purpose."""
    statement = (
        sa.select(Consent)
        .where(col(Consent.user_id) == user_id)
        .order_by(col(Consent.purpose), col(Consent.position).desc())
        .ext(postgresql.distinct_on(col(Consent.purpose)))
    )
    return list((await session.execute(statement)).scalars())


async def delete_consents(session: AsyncSession, user_id: UUID) -> None:
    """Delete the account's decisions, the history too."""
    await session.execute(sa.delete(Consent).where(col(Consent.user_id) == user_id))


async def deletion_of(session: AsyncSession, user_id: UUID) -> AccountDeletion | None:
    """Return the deletion that runs for the account."""
    statement = sa.select(AccountDeletion).where(col(AccountDeletion.user_id) == user_id)
    return (await session.execute(statement)).scalar()


async def add_deletion(session: AsyncSession, deletion: AccountDeletion) -> bool:
    """Insert the deletion; False, and nothing done, when one runs."""
    statement = (
        postgresql.insert(AccountDeletion)
        .values(deletion.model_dump())
        .on_conflict_do_nothing()
        .returning(col(AccountDeletion.user_id))
    )
    return (await session.execute(statement)).scalar() is not None


async def remove_deletion(session: AsyncSession, user_id: UUID) -> bool:
    """End the deletion; False when none runs."""
    statement = (
        sa.delete(AccountDeletion)
        .where(col(AccountDeletion.user_id) == user_id)
        .returning(col(AccountDeletion.user_id))
    )
    return (await session.execute(statement)).scalar() is not None


async def due_deletion(session: AsyncSession, *, now: datetime) -> AccountDeletion | None:
    """Return the deletion that is due longest, locked; those that others hold are skipped."""
    statement = (
        sa.select(AccountDeletion)
        .where(col(AccountDeletion.purge_after) <= now)
        .order_by(col(AccountDeletion.purge_after))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalar()


async def unconfirmed_accounts(
    session: AsyncSession, *, before: datetime, after: UUID | None = None, limit: int
) -> list[UUID]:
    """Return accounts of before the moment that nobody ever got into, by id, from the one that follows `after`."""
    statement = sa.select(col(User.id)).where(_is_unconfirmed(before)).order_by(col(User.id)).limit(limit)
    if after is not None:
        statement = statement.where(col(User.id) > after)
    return list((await session.execute(statement)).scalars())


async def lock_unconfirmed(session: AsyncSession, user_id: UUID, *, before: datetime) -> User | None:
    """Return the account, held until the transaction ends, if it is still one of `unconfirmed_accounts`."""
    statement = sa.select(User).where(col(User.id) == user_id, _is_unconfirmed(before)).with_for_update(of=User)
    return (await session.execute(statement)).scalar()


def _is_unconfirmed(before: datetime) -> sa.ColumnElement[bool]:
    """An address that nobody confirmed, and no other way in; not one that was ever used, suspended, or of staff."""
    return sa.and_(
        col(User.created_at) < before,
        col(User.email).is_not(None),
        sa.not_(col(User.email_verified)),
        col(User.last_login_at).is_(None),
        col(User.status) == AccountStatus.ACTIVE,
        col(User.roles) == [Role.USER.value],
        sa.not_(sa.exists().where(col(Identity.user_id) == col(User.id))),
        sa.not_(sa.exists().where(col(PhoneNumber.user_id) == col(User.id))),
    )


async def due_sweep(session: AsyncSession, *, now: datetime) -> AccountPurge | None:
    """Return a purged account that is due to be forgotten once more, locked; those that others hold are skipped."""
    statement = (
        sa.select(AccountPurge)
        .where(col(AccountPurge.sweep_at) <= now)
        .order_by(col(AccountPurge.sweep_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalar()


async def user_for_update(session: AsyncSession, user_id: UUID) -> User | None:
    """Return the account, held until the transaction ends."""
    return (await session.execute(sa.select(User).where(col(User.id) == user_id).with_for_update())).scalar()


async def profile_ids_of(session: AsyncSession, user_id: UUID) -> list[UUID]:
    """Return the ids of the account's profiles, oldest first."""
    statement = sa.select(col(Profile.id)).where(col(Profile.user_id) == user_id).order_by(col(Profile.position))
    return list((await session.execute(statement)).scalars())


async def export_ids_of(session: AsyncSession, user_id: UUID) -> list[UUID]:
    """Return the ids of the account's exports."""
    statement = sa.select(col(DataExport.id)).where(col(DataExport.user_id) == user_id)
    return list((await session.execute(statement)).scalars())


async def delete_user(session: AsyncSession, user_id: UUID) -> None:
    """Delete the account; the database deletes every row that names it."""
    await session.execute(sa.delete(User).where(col(User.id) == user_id))


async def delete_grievances_of(session: AsyncSession, user_id: UUID) -> None:
    """Delete the account's complaints."""
    await session.execute(sa.delete(Grievance).where(col(Grievance.user_id) == user_id))


async def current_export(session: AsyncSession, user_id: UUID, *, now: datetime) -> DataExport | None:
    """Return the export that is being made or can still be fetched."""
    is_there = (col(DataExport.status) == ExportStatus.PENDING) | (
        (col(DataExport.status) == ExportStatus.READY) & (col(DataExport.expires_at) > now)
    )
    statement = sa.select(DataExport).where(col(DataExport.user_id) == user_id, is_there)
    return (await session.execute(statement.order_by(col(DataExport.requested_at).desc()))).scalars().first()


async def export_by_id(session: AsyncSession, export_id: UUID) -> DataExport | None:
    """Return the export."""
    return (await session.execute(sa.select(DataExport).where(col(DataExport.id) == export_id))).scalar()


async def pending_exports(session: AsyncSession, *, limit: int) -> list[tuple[DataExport, User]]:
    """Return exports to make, oldest first, with whose they are."""
    statement = (
        sa.select(DataExport, User)
        .join(User, col(User.id) == col(DataExport.user_id))
        .where(col(DataExport.status) == ExportStatus.PENDING)
        .order_by(col(DataExport.requested_at))
        .limit(limit)
    )
    return [(export, user) for export, user in await session.execute(statement)]


async def mark_ready(session: AsyncSession, export_id: UUID, *, expires_at: datetime) -> bool:
    """Note that the file is there; False when the export is not waited for any more."""
    statement = (
        sa.update(DataExport)
        .where(col(DataExport.id) == export_id, col(DataExport.status) == ExportStatus.PENDING)
        .values(status=ExportStatus.READY, expires_at=expires_at)
        .returning(col(DataExport.id))
    )
    return (await session.execute(statement)).scalar() is not None


async def expire_exports(session: AsyncSession, *, now: datetime) -> list[UUID]:
    """Note that files are no longer offered, and return which exports these are."""
    statement = (
        sa.update(DataExport)
        .where(col(DataExport.status) == ExportStatus.READY, col(DataExport.expires_at) <= now)
        .values(status=ExportStatus.EXPIRED)
        .returning(col(DataExport.id))
    )
    return list((await session.execute(statement)).scalars())


async def rows_of(session: AsyncSession, table: type[Any], user_id: UUID) -> list[Any]:
    """Return the account's rows of a table that has a `user_id`."""
    return list((await session.execute(sa.select(table).where(col(table.user_id) == user_id))).scalars())


async def delete_decided_grievances(session: AsyncSession, *, before: datetime) -> int:
    """Delete complaints that were received before the moment; return how many."""
    statement = sa.delete(Grievance).where(col(Grievance.received_at) < before).returning(col(Grievance.id))
    return len((await session.execute(statement)).scalars().all())


async def delete_old_exports(session: AsyncSession, *, before: datetime) -> Sequence[UUID]:
    """Delete the records of exports that were asked for before the moment; return their ids."""
    statement = sa.delete(DataExport).where(col(DataExport.requested_at) < before).returning(col(DataExport.id))
    return (await session.execute(statement)).scalars().all()


async def audit_entries_about(session: AsyncSession, user_id: UUID, subject_id: str) -> list[AuditEntry]:
    """Return what the account did and what was done to it, oldest first."""
    is_theirs = (col(AuditEntry.actor_id) == user_id) | (col(AuditEntry.subject_id) == subject_id)
    return list(
        (await session.execute(sa.select(AuditEntry).where(is_theirs).order_by(col(AuditEntry.position)))).scalars()
    )


async def deletion_dates(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return when those of the accounts go that are to be deleted."""
    statement = sa.select(col(AccountDeletion.user_id), col(AccountDeletion.purge_after))
    rows = await session.execute(statement.where(col(AccountDeletion.user_id).in_(user_ids)))
    return {row.user_id: row.purge_after for row in rows}


async def owner_of_export(session: AsyncSession, export_id: UUID) -> User | None:
    """Return the account that asked for the export."""
    statement = sa.select(User).join(DataExport, col(DataExport.user_id) == col(User.id))
    return (await session.execute(statement.where(col(DataExport.id) == export_id))).scalar()
