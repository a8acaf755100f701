"""Choosing channels for kinds of notices."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from subgraphs.shared.postgres import ReadSession, WriteSession
from subgraphs.users.errors import ChannelLockedError, RefusedError
from subgraphs.users.events import NotificationKind
from subgraphs.users.models import NotificationChannel
from subgraphs.users.repository import notices
from subgraphs.users.service.notifications.kinds import KINDS

Choice = Mapping[NotificationKind, Sequence[NotificationChannel]]


async def preferences_of(
    session: ReadSession | WriteSession, user_id: UUID
) -> dict[NotificationKind, list[NotificationChannel]]:
    """Return the channels of every kind, in the order of the enums: the chosen ones, else the kind's own."""
    chosen = await notices.preferences_of(session, user_id)
    result = {}
    for kind, traits in KINDS.items():
        names = chosen.get(kind.value)
        wanted = traits.channels if names is None else {each for each in NotificationChannel if each.value in names}
        result[kind] = [each for each in NotificationChannel if each in wanted | traits.locked]
    return result


async def set_preferences(session: WriteSession, user_id: UUID, choice: Choice) -> None:
    """Keep the choice for the kinds named; the others stay as they are.

    Raises:
        RefusedError: A channel that cannot be switched off is missing. Nothing was changed.
    """
    faults = [
        ChannelLockedError(kind.value, channel.value)
        for kind, channels in choice.items()
        for channel in sorted(KINDS[kind].locked - set(channels), key=lambda each: each.value)
    ]
    if faults:
        raise RefusedError(*faults)
    if choice:
        wanted = {kind.value: list(dict.fromkeys(each.value for each in channels)) for kind, channels in choice.items()}
        await notices.set_preferences(session, user_id, wanted)
