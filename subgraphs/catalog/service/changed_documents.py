"""Whose search documents change: as an event that the worker hears of, and as it reads it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from subgraphs.catalog.events import SearchDocumentsChanged, TitleChanged
from subgraphs.shared import outbox
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import WriteSession

_OWNERS_OF_AN_EVENT = 1_000


async def publish_changed(session: WriteSession, owners: Sequence[UUID], *, now: datetime) -> None:
    """Publish that documents changed although no title did, a thousand to an event; nothing for none."""
    await outbox.publish(
        session,
        [
            SearchDocumentsChanged(occurred_at=now, owner_ids=list(owners[at : at + _OWNERS_OF_AN_EVENT]))
            for at in range(0, len(owners), _OWNERS_OF_AN_EVENT)
        ],
    )


def owners_of_titles(events: Iterable[TitleChanged]) -> list[UUID]:
    """Return the titles and the people whom they credit, each once."""
    owners: dict[UUID, None] = {}
    for event in events:
        owners[decode_id(event.title_id).uuid] = None
        owners.update((decode_id(person.id).uuid, None) for person in event.people)
    return list(owners)
