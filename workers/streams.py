"""From the Valkey streams to the consumers, in batches. Every consumer has a group of its own, so that one that fails
neither stops nor repeats the others."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from subgraphs.activity.config import ENGAGEMENT_STREAM
from subgraphs.activity.service import Watching
from subgraphs.catalog.config import UNINDEXED_STREAM
from subgraphs.playback.config import HEARTBEAT_STREAM
from subgraphs.playback.service import Heartbeat
from subgraphs.recommendations.service import Engagement, Play
from subgraphs.shared.streams import StreamEntry, acknowledge, read_batch
from workers import indexing, recommending
from workers.services import Services

BATCH_SIZE = 1000

Document = Mapping[str, Any]

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reader:
    """A consumer of a stream: how it calls an entry, and what it does with many."""

    stream: str
    group: str
    translate: Callable[[Document], Any]
    consume: Callable[[Services, Sequence[Any]], Awaitable[None]]


def to_heartbeat(document: Document) -> Heartbeat:
    """Return the entry as playback wants to know it."""
    return Heartbeat(
        profile_id=document["profile_id"],
        title_id=document["title_id"],
        playable_id=document["playable_id"],
        position_seconds=int(document["position_seconds"]),
        duration_seconds=int(document["duration_seconds"]),
        at=datetime.fromisoformat(document["at"]),
    )


def to_watching(document: Document) -> Watching:
    """Return the entry as activity wants to know it."""
    return Watching(
        profile_id=document["profile_id"],
        title_id=document["title_id"],
        playable_id=document["playable_id"],
        session_id=document["session_id"],
        position_seconds=int(document["position_seconds"]),
        duration_seconds=int(document["duration_seconds"]),
        watch_seconds=int(document["watch_seconds"]),
        device_type=document["device_type"],
        at=datetime.fromisoformat(document["at"]),
        country=document.get("country"),
    )


def to_play(document: Document) -> Play:
    """Return the entry as recommendations want to know it."""
    return Play(
        profile_id=document["profile_id"],
        title_id=document["title_id"],
        position_seconds=document["position_seconds"],
        duration_seconds=document["duration_seconds"],
        at=datetime.fromisoformat(document["at"]),
    )


def to_engagement(document: Document) -> Engagement:
    """Return what a profile said as recommendations want to know it."""
    return Engagement(
        kind=document["kind"],
        profile_id=document["profile_id"],
        at=datetime.fromisoformat(document["at"]),
        title_id=document["title_id"],
        value=document["value"],
    )


async def _to_playback(services: Services, heartbeats: Sequence[Heartbeat]) -> None:
    await services.playback.persist_progress(heartbeats)


async def _to_activity(services: Services, watched: Sequence[Watching]) -> None:
    await services.activity.record_watching(watched)


READERS: Sequence[Reader] = (
    Reader(HEARTBEAT_STREAM, "playback", to_heartbeat, _to_playback),
    Reader(HEARTBEAT_STREAM, "activity", to_watching, _to_activity),
    Reader(HEARTBEAT_STREAM, "recommendations", to_play, recommending.consume_plays),
    Reader(ENGAGEMENT_STREAM, "recommendations", to_engagement, recommending.consume_engagement),
    Reader(UNINDEXED_STREAM, "index", indexing.to_owners, indexing.consume_unindexed),
)


async def drain_streams(services: Services, *, most_batches: int = 10, readers: Sequence[Reader] = READERS) -> int:
    """Give every reader what it has not had, at most so many batches, and return how many entries that was.

    What a reader could not take stays with it and comes again after a minute.
    """
    counts = await asyncio.gather(*(_drain(reader, services, most_batches) for reader in readers))
    return sum(counts)


async def _drain(reader: Reader, services: Services, most_batches: int) -> int:
    total = 0
    for _batch in range(most_batches):
        try:
            handled = await _handle_batch(reader, services)
        except Exception:  # noqa: BLE001  # a reader that fails must not stop the others
            _log.exception("stream not read", stream=reader.stream, group=reader.group)
            break
        total += handled
        if handled < BATCH_SIZE:
            break
    return total


async def _handle_batch(reader: Reader, services: Services) -> int:
    consumer = f"{socket.gethostname()}-{os.getpid()}"
    entries = await read_batch(services.streams, reader.stream, group=reader.group, consumer=consumer, limit=BATCH_SIZE)
    if not entries:
        return 0
    await reader.consume(services, _understood(reader, entries))
    entry_ids = [entry.entry_id for entry in entries]
    await acknowledge(services.streams, reader.stream, group=reader.group, entry_ids=entry_ids)
    return len(entries)


def _understood(reader: Reader, entries: Sequence[StreamEntry]) -> list[Any]:
    """Return the entries in the reader's words. One that nobody can read will not get better: it is logged and left."""
    found: list[Any] = []
    for entry in entries:
        try:
            found.append(reader.translate(entry.document))
        except (KeyError, TypeError, ValueError):
            _log.exception("entry not understood", stream=reader.stream, group=reader.group, entry=entry.entry_id)
    return found
