"""Announcements: one notice to many accounts, in batches in the order of their ids, each account once."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from subgraphs.shared.postgres import WriteSession
from subgraphs.users.errors import AnnouncementInvalidError, RefusedError
from subgraphs.users.events import NotificationKind
from subgraphs.users.models import Announcement, AnnouncementStatus, NotificationChannel, Role
from subgraphs.users.repository import notices
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.notifications.sending import Notice, Written, send

BATCH_SIZE = 500
LONGEST_TITLE = 120
LONGEST_BODY = 2000
EVERYBODY = "ALL"
_SEGMENT = re.compile(r"ALL|ROLE:[A-Z_]{1,20}|LANGUAGE:[a-z]{2,3}")
_DEEP_LINK = re.compile(r"(https?://|/(?!/))[^\s<>\"\\]{0,2000}")


@dataclass(frozen=True, slots=True)
class AnnouncementText:
    """What to announce, to whom, where and when. `send_at` None means now."""

    title: str
    body: str
    channels: tuple[NotificationChannel, ...]
    segment: str | None
    deep_link: str | None
    send_at: datetime | None


async def schedule(session: WriteSession, text: AnnouncementText, *, now: datetime) -> UUID:
    """Keep the announcement until its time and return its id.

    Raises:
        RefusedError: Everything wrong with it.
    """
    faults = list(_faults(text))
    if faults:
        raise RefusedError(*faults)
    announcement = Announcement(
        id=uuid4(),
        title=text.title.strip(),
        body=text.body.strip(),
        deep_link=text.deep_link,
        channels=[channel.value for channel in text.channels],
        segment=text.segment or EVERYBODY,
        send_at=text.send_at or now,
        status=AnnouncementStatus.SCHEDULED,
        created_at=now,
    )
    session.add(announcement)
    return announcement.id


async def write_next_batch(session: WriteSession, *, sealer: PersonalData, now: datetime) -> tuple[int, list[Written]]:
    """Write one batch of one announcement that is due; return to how many accounts, and what is new in the app.

    0 when nothing is due. A batch that fails comes again: whoever has the notice already gets no second one.
    """
    announcement = await notices.due_announcement(session, now=now)
    if announcement is None:
        return 0, []
    kind, _colon, value = announcement.segment.partition(":")
    user_ids = await notices.audience(
        session,
        role=value if kind == "ROLE" else None,
        language=value if kind == "LANGUAGE" else None,
        after=announcement.last_user_id,
        limit=BATCH_SIZE,
    )
    only = frozenset(NotificationChannel(name) for name in announcement.channels)
    data = {"title": announcement.title, "body": announcement.body}
    wanted = [
        Notice(
            NotificationKind.EDITORIAL, user_id, f"announcement:{announcement.id}", data, announcement.deep_link, only
        )
        for user_id in user_ids
    ]
    written = await send(session, wanted, sealer=sealer, now=now)
    announcement.recipients += len(user_ids)
    is_done = len(user_ids) < BATCH_SIZE
    announcement.last_user_id = None if is_done else user_ids[-1]
    announcement.status = AnnouncementStatus.SENT if is_done else AnnouncementStatus.SENDING
    return len(user_ids), written


def _faults(text: AnnouncementText) -> list[AnnouncementInvalidError]:
    found = []
    title = text.title.strip()
    if not 1 <= len(title) <= LONGEST_TITLE or not title.isprintable():
        found.append(AnnouncementInvalidError("title", f"A title has 1 to {LONGEST_TITLE} printable characters."))
    if not 1 <= len(text.body.strip()) <= LONGEST_BODY:
        found.append(AnnouncementInvalidError("body", f"A body has 1 to {LONGEST_BODY} characters."))
    if not text.channels:
        found.append(AnnouncementInvalidError("channels", "Name a channel at least."))
    if text.segment is not None and not _is_segment(text.segment):
        found.append(AnnouncementInvalidError("segment", "A segment is ALL, ROLE:<role> or LANGUAGE:<language>."))
    if text.deep_link is not None and not _DEEP_LINK.fullmatch(text.deep_link):
        found.append(AnnouncementInvalidError("deepLink", "A link is an http(s) address or a path of ours."))
    return found


def _is_segment(segment: str) -> bool:
    kind, _colon, value = segment.partition(":")
    return _SEGMENT.fullmatch(segment) is not None and (kind != "ROLE" or value in Role.__members__)
