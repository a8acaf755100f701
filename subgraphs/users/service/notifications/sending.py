"""From a notice to the channels that its reader wants. Each notice once per account and dedup key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from subgraphs.shared.postgres import WriteSession
from subgraphs.users.events import NotificationKind
from subgraphs.users.models import Notification, NotificationChannel
from subgraphs.users.repository import notices as statements
from subgraphs.users.repository.notices import Recipient
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.mail.queue import Letter, accept
from subgraphs.users.service.notifications.kinds import KINDS, in_language, words_for


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to write. `only` limits it to some channels, of which its reader may have switched off some still."""

    kind: NotificationKind
    user_id: UUID
    dedup_key: str
    data: dict[str, str] = field(default_factory=dict)
    deep_link: str | None = None
    only: frozenset[NotificationChannel] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A notice that is new in the app: whom to tell, if they are looking."""

    user_id: UUID
    notification_id: UUID


Addressed = Sequence[tuple[Notice, Recipient]]


class Channel(Protocol):
    """Writes a batch of notices to one channel, inside the transaction; returns those that are new in the app."""

    async def __call__(
        self, session: WriteSession, batch: Addressed, *, sealer: PersonalData, now: datetime
    ) -> list[Written]: ...


async def write_in_app(
    session: WriteSession,
    batch: Addressed,
    *,
    sealer: PersonalData,  # noqa: ARG001 - every channel is called alike
    now: datetime,
) -> list[Written]:
    """Put the notices on the lists of their readers."""
    rows = {
        (notice.user_id, notice.dedup_key): Notification(
            user_id=notice.user_id,
            dedup_key=notice.dedup_key,
            kind=notice.kind.value,
            data=notice.data,
            deep_link=notice.deep_link,
            created_at=now,
        )
        for notice, _recipient in batch
    }
    added = await statements.add_notifications(session, list(rows.values()))
    return [Written(row.user_id, row.id) for row in added]


async def write_mail(session: WriteSession, batch: Addressed, *, sealer: PersonalData, now: datetime) -> list[Written]:
    """Queue a letter for each notice whose reader has a confirmed address and, for marketing, agreed to it."""
    letters = [
        _letter(notice, recipient)
        for notice, recipient in batch
        if recipient.email and (recipient.wants_marketing or not KINDS[notice.kind].is_marketing)
    ]
    await accept(session, letters, sealer=sealer, now=now)
    return []


CHANNELS: Mapping[NotificationChannel, Channel] = {
    NotificationChannel.IN_APP: write_in_app,
    NotificationChannel.EMAIL: write_mail,
}
"""The channels that exist today; a notice for another one is written to the rest of its channels."""


async def send(
    session: WriteSession,
    wanted: Sequence[Notice],
    *,
    sealer: PersonalData,
    now: datetime,
    channels: Mapping[NotificationChannel, Channel] = CHANNELS,
) -> list[Written]:
    """Write the notices to the channels that their readers want; accounts that are gone get none.

    Return what is new in the app.
    """
    known = await statements.recipients(session, list({notice.user_id for notice in wanted}))
    written: list[Written] = []
    for channel, write in channels.items():
        batch = [
            (notice, known[notice.user_id])
            for notice in wanted
            if notice.user_id in known and channel in channels_for(notice, known[notice.user_id])
        ]
        if batch:
            written.extend(await write(session, batch, sealer=sealer, now=now))
    return written


def channels_for(notice: Notice, recipient: Recipient) -> frozenset[NotificationChannel]:
    """Return where the notice goes: what the reader chose, else the kind's own, and what cannot be switched off."""
    traits = KINDS[notice.kind]
    chosen = recipient.channels.get(notice.kind.value)
    wanted = traits.channels if chosen is None else frozenset(_known_channels(chosen))
    wanted |= traits.locked
    return wanted if notice.only is None else wanted & notice.only


def _known_channels(names: Sequence[str]) -> list[NotificationChannel]:
    return [NotificationChannel(name) for name in names if name in NotificationChannel.__members__]


def _letter(notice: Notice, recipient: Recipient) -> Letter:
    words = words_for(notice.kind, notice.data, locale=recipient.locale)
    values = in_language(notice.data, locale=recipient.locale)
    data = {"title": words.title, "body": words.body, "deep_link": notice.deep_link or "", **values}
    return Letter(
        kind=KINDS[notice.kind].mail,
        user_id=notice.user_id,
        email=recipient.email or "",
        locale=recipient.locale,
        dedup_key=f"notice:{notice.user_id}:{notice.dedup_key}",
        data=data,
    )
