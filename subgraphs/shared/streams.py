"""High-volume events (heartbeats, engagement) on Valkey streams: written by a subgraph, read in batches by workers.

An entry is one JSON document. A reader group remembers what it has handled; entries that a dead worker took are
claimed again after a minute, so a reader sees each entry at least once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from redis.asyncio.client import Pipeline
from redis.exceptions import ResponseError

from subgraphs.shared.redis import Cache

_Entries = list[tuple[str, dict[str, str]]]
_LONGEST_STREAM = 1_000_000
_CLAIM_AFTER_MS = 60_000


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One entry: its id on the stream, for `acknowledge`, and its document."""

    entry_id: str
    document: dict[str, Any]


async def append(cache: Cache, stream: str, document: dict[str, Any]) -> None:
    """Add a document to the end of the stream (trimmed to about a million entries)."""
    body = orjson.dumps(document)
    await cache.run(lambda client: client.xadd(stream, {"d": body}, maxlen=_LONGEST_STREAM, approximate=True))


async def newest_entries(cache: Cache, streams: Sequence[str]) -> dict[str, str]:
    """Return the id of each stream's last entry, `0-0` for an empty or unknown one: one round trip."""

    def fill(pipe: Pipeline) -> None:
        for stream in streams:
            pipe.xrevrange(stream, count=1)

    replies = await cache.pipeline(fill)
    return {stream: entries[0][0] if entries else "0-0" for stream, entries in zip(streams, replies, strict=True)}


async def wait_for_entries(cache: Cache, after: Mapping[str, str], *, seconds: float) -> None:
    """Return when a stream has an entry after the id that is given for it, or after so many seconds.

    Never later than half of the cache's timeout: no answer by then must not look like a lost server.
    """
    milliseconds = int(min(seconds, cache.timeout_seconds / 2) * 1000)
    ids: dict[Any, Any] = dict(after)
    # One entry is brought, and not used: several groups read each stream.
    await cache.run(lambda client: client.xread(ids, count=1, block=max(milliseconds, 1)))


async def read_batch(cache: Cache, stream: str, *, group: str, consumer: str, limit: int) -> list[StreamEntry]:
    """Return the next entries for the group, first those that a dead reader left unfinished; empty without any."""
    await _ensure_group(cache, stream, group)
    claimed = await cache.run(lambda client: client.xautoclaim(stream, group, consumer, _CLAIM_AFTER_MS, count=limit))
    entries: _Entries = list(claimed[1])
    if len(entries) < limit:
        fresh = await cache.run(
            lambda client: client.xreadgroup(group, consumer, {stream: ">"}, count=limit - len(entries))
        )
        for _stream, more in cast("list[tuple[str, _Entries]]", fresh or []):
            entries.extend(more)
    return [StreamEntry(entry_id, orjson.loads(fields["d"])) for entry_id, fields in entries if fields]


async def acknowledge(cache: Cache, stream: str, *, group: str, entry_ids: list[str]) -> None:
    """Record that the group has handled the entries."""
    if entry_ids:
        await cache.run(lambda client: client.xack(stream, group, *entry_ids))


async def _ensure_group(cache: Cache, stream: str, group: str) -> None:
    try:
        await cache.run(lambda client: client.xgroup_create(stream, group, id="0", mkstream=True))
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
