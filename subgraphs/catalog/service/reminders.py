"""Reminders: a profile is told once when what it waits for can be watched."""

from datetime import datetime
from uuid import UUID

from subgraphs.catalog.errors import AlreadyAvailableError, TitleUnknownError, TooManyRemindersError
from subgraphs.catalog.events import ReminderDue
from subgraphs.catalog.models import TYPE_NAMES, Reminder
from subgraphs.catalog.repository import coming
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.shared import outbox
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import WriteSession

MOST_REMINDERS = 500
"""For each profile."""
TOLD_AT_ONCE = 500


async def remind(session: WriteSession, viewer: Viewer, title_id: UUID, *, audience: Audience) -> None:
    """Have the viewer's profile told when the title can be watched; asking again changes nothing.

    Raises:
        UnauthenticatedError, ForbiddenError: Nobody is signed in, or no profile is chosen.
        TitleUnknownError: The viewer sees no such title.
        AlreadyAvailableError: It can be watched already.
        TooManyRemindersError: The profile waits for 500 titles.
    """
    user_id, profile_id = viewer.require_user(), viewer.require_profile()
    begun = await coming.may_watch(session, title_id, audience=audience)
    if begun is None:
        raise TitleUnknownError
    if begun:
        raise AlreadyAvailableError
    if await coming.count_reminders(session, profile_id) >= MOST_REMINDERS:
        raise TooManyRemindersError(MOST_REMINDERS)
    reminder = Reminder(
        profile_id=profile_id,
        title_id=title_id,
        user_id=user_id,
        country=audience.country,
        age_limit=audience.age_limit,
        locale=viewer.locales()[0],
        set_at=audience.now,
    )
    await coming.set_reminder(session, reminder)


async def tell_due(session: WriteSession, *, now: datetime) -> int:
    """Announce what is awaited and can be watched now, some hundreds at a time, and return how many; 0 when all is
    told. Each is announced once, by the transaction that forgets it."""
    told = 0
    for audience in await coming.audiences(session, now=now):
        due = await coming.take_due(session, audience=audience, limit=TOLD_AT_ONCE - told)
        await outbox.publish(
            session,
            [
                ReminderDue(
                    occurred_at=now,
                    user_id=each.user_id,
                    profile_id=each.profile_id,
                    set_at=each.set_at,
                    title_id=encode_id(TYPE_NAMES[each.kind], each.title_id),
                    slug=each.slug,
                    name=each.name,
                )
                for each in due
            ],
        )
        told += len(due)
        if told >= TOLD_AT_ONCE:
            break
    return told
