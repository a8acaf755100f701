"""Titles that come soon, and who wants to be told when they are there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from subgraphs.catalog.models import Reminder, Title, TitleKind, Translation, table
from subgraphs.catalog.repository.cards import any_of
from subgraphs.catalog.repository.titles import TitlePlace
from subgraphs.catalog.repository.visibility import Audience, begins_at, listed, reachable
from subgraphs.shared.postgres import ReadSession, WriteSession

_titles, _reminders, _texts = table(Title).c, table(Reminder).c, table(Translation).c


@dataclass(frozen=True, slots=True)
class DueReminder:
    """Somebody who is to be told, and of what; the name is in the language that they had, else the original one."""

    user_id: str
    profile_id: str
    set_at: datetime
    title_id: UUID
    kind: TitleKind
    slug: str
    name: str


async def places_coming(
    session: ReadSession, *, audience: Audience, limit: int, after: tuple[datetime, UUID] | None
) -> list[TitlePlace]:
    """Return titles whose window has not begun for the audience, the next one first."""
    begin = begins_at(audience)
    statement = sa.select(_titles.id, begin.label("begin")).where(_is_coming(audience))
    if after is not None:
        key = sa.tuple_(sa.literal(after[0], sa.DateTime(timezone=True)), sa.literal(after[1], sa.Uuid))
        statement = statement.where(sa.tuple_(begin, _titles.id) > key)
    rows = await session.execute(statement.order_by(begin, _titles.id).limit(limit))
    return [TitlePlace(row.id, (row.begin, row.id)) for row in rows]


async def count_coming(session: ReadSession, *, audience: Audience) -> int:
    """Return how many titles come soon for the audience."""
    total: int = (
        await session.execute(sa.select(sa.func.count()).select_from(table(Title)).where(_is_coming(audience)))
    ).scalar_one()
    return total


async def may_watch(session: WriteSession, title_id: UUID, *, audience: Audience) -> bool | None:
    """Return whether the title's window has begun for the audience; None when they see no such title."""
    statement = sa.select(listed(audience)).where(_titles.id == title_id, reachable(audience))
    found: bool | None = (await session.execute(statement)).scalar_one_or_none()
    return found


async def set_reminder(session: WriteSession, reminder: Reminder) -> None:
    """Remember it; one that is there already keeps its moment and gets the rest anew."""
    values = reminder.model_dump()
    fresh = insert(table(Reminder)).values(values)
    changes = {name: fresh.excluded[name] for name in ("country", "age_limit", "locale")}
    await session.execute(fresh.on_conflict_do_update(index_elements=["profile_id", "title_id"], set_=changes))


async def remove_reminder(session: WriteSession, profile_id: str, title_id: UUID) -> None:
    """Forget it; no error when it is not there."""
    condition = sa.and_(_reminders.profile_id == profile_id, _reminders.title_id == title_id)
    await session.execute(sa.delete(table(Reminder)).where(condition))


async def count_reminders(session: WriteSession, profile_id: str) -> int:
    """Return how many titles the profile waits for."""
    statement = sa.select(sa.func.count()).select_from(table(Reminder)).where(_reminders.profile_id == profile_id)
    total: int = (await session.execute(statement)).scalar_one()
    return total


async def reminded_titles(session: ReadSession, ids: Collection[UUID], *, profile_id: str) -> dict[UUID, bool]:
    """Return those of the titles that the profile waits for; others are left out."""
    statement = sa.select(_reminders.title_id).where(
        _reminders.profile_id == profile_id, _reminders.title_id == any_of(ids)
    )
    return dict.fromkeys((await session.execute(statement)).scalars(), True)


async def audiences(session: WriteSession, *, now: datetime) -> list[Audience]:
    """Return by what it is decided, now, whether what somebody waits for is there."""
    rows = await session.execute(sa.select(_reminders.country, _reminders.age_limit).distinct())
    return [Audience(now, row.country, row.age_limit) for row in rows]


async def take_due(session: WriteSession, *, audience: Audience, limit: int) -> list[DueReminder]:
    """Remove reminders of titles that the audience can watch now, at most `limit`, and return them.

    What another worker removes at the same moment is left to it.
    """
    wanted = (
        sa.select(_reminders.profile_id, _reminders.title_id)
        .join_from(table(Reminder), table(Title), _titles.id == _reminders.title_id)
        .where(_reminders.country == audience.country, _reminders.age_limit == audience.age_limit, listed(audience))
        .limit(limit)
        .with_for_update(of=table(Reminder), skip_locked=True)
    )
    pairs = [(row.profile_id, row.title_id) for row in await session.execute(wanted)]
    if not pairs:
        return []
    mine = sa.tuple_(_reminders.profile_id, _reminders.title_id).in_(pairs)
    name = sa.select(_texts.name).where(_texts.owner_id == _titles.id, _texts.locale == _reminders.locale)
    facts = (
        sa.select(
            *(_reminders.user_id, _reminders.profile_id, _reminders.set_at),
            *(_titles.id, _titles.kind, _titles.slug),
            sa.func.coalesce(name.scalar_subquery(), _titles.original_name).label("name"),
        )
        .join_from(table(Reminder), table(Title), _titles.id == _reminders.title_id)
        .where(mine)
    )
    due = [
        DueReminder(row.user_id, row.profile_id, row.set_at, row.id, TitleKind(row.kind), row.slug, row.name)
        for row in await session.execute(facts)
    ]
    await session.execute(sa.delete(table(Reminder)).where(mine))
    return due


async def reminders_of(session: ReadSession, profile_ids: Sequence[str]) -> list[tuple[str, str, datetime]]:
    """Return what the profiles wait for, the longest awaited first: profile, slug of the title, since when."""
    statement = (
        sa.select(_reminders.profile_id, _titles.slug, _reminders.set_at)
        .join_from(table(Reminder), table(Title), _titles.id == _reminders.title_id)
        .where(_reminders.profile_id.in_(profile_ids))
        .order_by(_reminders.set_at, _titles.slug)
    )
    return [(row.profile_id, row.slug, row.set_at) for row in await session.execute(statement)]


async def forget_reminders(session: WriteSession, *, user_ids: Collection[str], profile_ids: Collection[str]) -> None:
    """Forget what these accounts, or these profiles, wait for."""
    theirs = sa.or_(_reminders.user_id.in_(user_ids), _reminders.profile_id.in_(profile_ids))
    await session.execute(sa.delete(table(Reminder)).where(theirs))


def _is_coming(audience: Audience) -> sa.ColumnElement[bool]:
    return sa.and_(reachable(audience), sa.not_(listed(audience)))
