"""Statements on notices, preferences and announcements. A notice is visible to its account only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.users.models import (
    AccountDeletion,
    AccountStatus,
    Announcement,
    AnnouncementStatus,
    Consent,
    Notification,
    NotificationPreference,
    User,
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a notice is for."""

    user_id: UUID
    email: str | None
    """None without an address that was confirmed."""
    locale: str
    channels: dict[str, list[str]]
    """What the person chose, by kind."""
    wants_marketing: bool


async def recipients(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, Recipient]:
    """Return those of the accounts that exist, with what they chose; three statements for any number."""
    users = (await session.execute(sa.select(User).where(col(User.id).in_(user_ids)))).scalars().all()
    found = list({user.id for user in users})
    chosen: dict[UUID, dict[str, list[str]]] = {}
    statement = sa.select(NotificationPreference).where(col(NotificationPreference.user_id).in_(found))
    for preference in (await session.execute(statement)).scalars():
        chosen.setdefault(preference.user_id, {})[preference.kind] = preference.channels
    agreed = await _marketing_consents(session, found)
    return {
        user.id: Recipient(
            user_id=user.id,
            email=user.email if user.email_verified else None,
            locale=user.locale,
            channels=chosen.get(user.id, {}),
            wants_marketing=user.id in agreed,
        )
        for user in users
    }


async def _marketing_consents(session: AsyncSession, user_ids: Sequence[UUID]) -> set[UUID]:
    newest = (
        sa.select(col(Consent.user_id), col(Consent.granted))
        .where(col(Consent.user_id).in_(user_ids), col(Consent.purpose) == "MARKETING_EMAIL")
        .order_by(col(Consent.user_id), col(Consent.position).desc())
        .ext(postgresql.distinct_on(col(Consent.user_id)))
    )
    return {user_id for user_id, granted in await session.execute(newest) if granted}


async def add_notifications(session: AsyncSession, rows: Sequence[Notification]) -> list[Notification]:
    """Insert the notices whose dedup key is new to their account, in order, and return these."""
    if not rows:
        return []
    statement = (
        postgresql.insert(Notification)
        .values([row.model_dump(exclude={"position"}) for row in rows])
        .on_conflict_do_nothing(index_elements=["user_id", "dedup_key"])
        .returning(col(Notification.id))
    )
    added = set((await session.execute(statement)).scalars())
    return [row for row in rows if row.id in added]


async def notifications_of(
    session: AsyncSession, user_id: UUID, *, limit: int, before: int | None, unread_only: bool
) -> list[Notification]:
    """Return the account's notices, newest first, those older than the position `before`."""
    statement = sa.select(Notification).where(col(Notification.user_id) == user_id)
    if before is not None:
        statement = statement.where(col(Notification.position) < before)
    if unread_only:
        statement = statement.where(col(Notification.read_at).is_(None))
    statement = statement.order_by(col(Notification.position).desc()).limit(limit)
    return list((await session.execute(statement)).scalars())


async def unread_count(session: AsyncSession, user_id: UUID) -> int:
    """Return how many notices the account has not read."""
    statement = (
        sa.select(sa.func.count())
        .select_from(Notification)
        .where(col(Notification.user_id) == user_id, col(Notification.read_at).is_(None))
    )
    return int((await session.execute(statement)).scalar_one())


async def visible_notifications(
    session: AsyncSession, ids: Sequence[UUID], *, viewer: UUID
) -> dict[UUID, Notification]:
    """Return those of the notices that are the viewer's, by id."""
    statement = sa.select(Notification).where(col(Notification.id).in_(ids), col(Notification.user_id) == viewer)
    return {row.id: row for row in (await session.execute(statement)).scalars()}


async def mark_read(session: AsyncSession, user_id: UUID, *, ids: Sequence[UUID] | None, at: datetime) -> None:
    """Note that the account read these of its notices, or all (None); the first time counts."""
    statement = sa.update(Notification).where(col(Notification.user_id) == user_id, col(Notification.read_at).is_(None))
    if ids is not None:
        statement = statement.where(col(Notification.id).in_(ids))
    await session.execute(statement.values(read_at=at))


async def preferences_of(session: AsyncSession, user_id: UUID) -> dict[str, list[str]]:
    """Return the channels that the account chose, by kind."""
    statement = sa.select(NotificationPreference).where(col(NotificationPreference.user_id) == user_id)
    return {row.kind: row.channels for row in (await session.execute(statement)).scalars()}


async def set_preferences(session: AsyncSession, user_id: UUID, channels: dict[str, list[str]]) -> None:
    """Replace the account's choice for the kinds named."""
    statement = postgresql.insert(NotificationPreference).values(
        [{"user_id": user_id, "kind": kind, "channels": chosen} for kind, chosen in channels.items()]
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "kind"], set_={"channels": statement.excluded.channels}
        )
    )


async def due_announcement(session: AsyncSession, *, now: datetime) -> Announcement | None:
    """Return an announcement that is due and not finished, locked; one that another worker writes is skipped."""
    statement = (
        sa.select(Announcement)
        .where(col(Announcement.status) != AnnouncementStatus.SENT, col(Announcement.send_at) <= now)
        .order_by(col(Announcement.send_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalar()


async def audience(
    session: AsyncSession, *, role: str | None, language: str | None, after: UUID | None, limit: int
) -> list[UUID]:
    """Return active accounts in the order of their ids, after one: those with the role or the language, if named.

    Those that are to be deleted are left in peace.
    """
    leaves = sa.exists().where(col(AccountDeletion.user_id) == col(User.id))
    statement = sa.select(col(User.id)).where(col(User.status) == AccountStatus.ACTIVE, ~leaves)
    if role is not None:
        statement = statement.where(col(User.roles).contains([role]))
    if language is not None:
        statement = statement.where(sa.func.split_part(col(User.locale), "-", 1) == language)
    if after is not None:
        statement = statement.where(col(User.id) > after)
    return list((await session.execute(statement.order_by(col(User.id)).limit(limit))).scalars())


async def delete_before(session: AsyncSession, *, before: datetime) -> int:
    """Delete notices made before the moment and return how many."""
    statement = sa.delete(Notification).where(col(Notification.created_at) < before).returning(col(Notification.id))
    return len((await session.execute(statement)).scalars().all())
