"""Progress and running sessions in Valkey: what a home page and a heartbeat touch.

`playback:{<profile>}:progress` is a hash. A playable's field holds its progress, a title's field that of the playable
of the title that was played last; the field `ready` says that the hash is whole, so that a lost or half-lost one is
noticed and built again from MongoDB.

`playback:{<owner>}:session:<id>` is a hash of one running session; the owner is the profile, or the session itself
for anonymous viewers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from uuid import UUID

import orjson
from redis.asyncio.client import Pipeline

from subgraphs.playback.config import HEARTBEAT_STREAM, READ_MODEL_LIFETIME, SESSION_LIFETIME, WATCHED_PERCENT
from subgraphs.playback.models.rows import Progress
from subgraphs.playback.models.tables import PlaybackSession
from subgraphs.shared.redis import Cache

_READY = "ready"
_LONGEST_STREAM = 1_000_000
_LONGEST_STEP_SECONDS = 60
"""A longer silence between two heartbeats counts as a pause."""

_HEARTBEAT = """
-- One heartbeat: check the session, drop what is out of order, store the progress, tell the workers.
-- KEYS: session, progress, stream.
-- ARGV: position or '', client's duration, playing, seq or '', at in ms, at as ISO 8601, ends,
--       session lifetime, progress lifetime, watched percent, longest stream, longest step in ms.
local facts_text = redis.call('HGET', KEYS[1], 'facts')
if not facts_text then return {'UNKNOWN_SESSION'} end
if redis.call('HEXISTS', KEYS[2], 'ready') == 0 then return {'NO_READ_MODEL'} end
local facts = cjson.decode(facts_text)
local seq, ended, last_position, last_at, seconds =
  unpack(redis.call('HMGET', KEYS[1], 'seq', 'ended', 'position', 'at', 'seconds'))
local previous = redis.call('HGET', KEYS[2], facts.playable_id)
local ends = ARGV[7] == '1'
if ended and not ends then return {'ENDED'} end
if ends then redis.call('HSET', KEYS[1], 'ended', '1') end
local is_late = ARGV[4] ~= '' and seq and tonumber(ARGV[4]) <= tonumber(seq)
if ended or is_late or ARGV[1] == '' then return {'KEPT', previous or ''} end

local duration = facts.duration_seconds
if duration == cjson.null or duration == nil then duration = tonumber(ARGV[2]) end
local position = math.max(0, tonumber(ARGV[1]))
if duration > 0 then position = math.min(position, duration) end
local watched = duration > 0 and position * 100 >= duration * tonumber(ARGV[10])
if previous and string.match(previous, '^%d+|%d+|1') then watched = true end

local step = (tonumber(ARGV[5]) - tonumber(last_at)) / 1000
seconds = tonumber(seconds)
if ARGV[3] == '1' and step > 0 and position ~= tonumber(last_position) then
  seconds = seconds + math.min(step, tonumber(ARGV[12]) / 1000)
end

local value = string.format('%d|%d|%d|%s|%s|%s', position, duration, watched and 1 or 0, ARGV[5],
  facts.playable_id, facts.title_id)
redis.call('HSET', KEYS[1], 'position', position, 'at', ARGV[5], 'seconds', tostring(seconds))
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'seq', ARGV[4]) end
redis.call('EXPIRE', KEYS[1], ARGV[8])
redis.call('HSET', KEYS[2], facts.playable_id, value, facts.title_id, value)
redis.call('EXPIRE', KEYS[2], ARGV[9])
facts.position_seconds = position
facts.duration_seconds = duration
facts.watch_seconds = math.floor(seconds)
facts.at = ARGV[6]
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[11], '*', 'd', cjson.encode(facts))
return {'STORED', value}
"""


class Outcome(Enum):
    """What became of a heartbeat."""

    STORED = "STORED"
    KEPT = "KEPT"
    """Nothing new in it: out of order, or after the end."""
    ENDED = "ENDED"
    UNKNOWN_SESSION = "UNKNOWN_SESSION"
    NO_READ_MODEL = "NO_READ_MODEL"


@dataclass(frozen=True, slots=True)
class Report:
    """What a player reports. Without `position_seconds` only the end counts; without `seq` the order is not checked."""

    position_seconds: int | None
    duration_seconds: int
    is_playing: bool
    seq: int | None
    ends: bool


class ReadModel:
    """The read model of one subgraph process."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._heartbeat = cache.client.register_script(_HEARTBEAT)

    async def progress_of(self, profile_id: str, ids: Sequence[str]) -> dict[str, Progress] | None:
        """Return the progress in each of the playables and titles that was ever played; one round trip.

        None when the read model of the profile has to be built first.
        """
        key = self._progress_key(profile_id)
        values = await self._cache.run(lambda client: client.hmget(key, [_READY, *ids]))
        if values[0] is None:
            return None
        return {asked: _unpack(str(value)) for asked, value in zip(ids, values[1:], strict=True) if value is not None}

    async def build(self, profile_id: str, entries: Iterable[Progress]) -> None:
        """Fill the read model from the durable progress. What Valkey has already is newer and stays."""
        key = self._progress_key(profile_id)
        ordered = sorted(entries, key=lambda progress: progress.updated_at, reverse=True)

        def fill(pipe: Pipeline) -> None:
            for progress in ordered:
                value = _pack(progress)
                pipe.hsetnx(key, progress.playable_id, value)
                pipe.hsetnx(key, progress.title_id, value)  # the first of a title is the last played
            pipe.hset(key, _READY, "1")
            pipe.expire(key, READ_MODEL_LIFETIME)

        await self._cache.pipeline(fill, transaction=True)

    async def remember_session(self, session: PlaybackSession, *, now: datetime) -> None:
        """Let heartbeats of the session find it; a session that runs already keeps its order and position."""
        key = self._session_key(session.profile_id, session.id)
        facts = {
            "session_id": str(session.id),
            "profile_id": session.profile_id,
            "user_id": session.user_id,
            "playable_id": session.playable_id,
            "title_id": session.title_id,
            "duration_seconds": session.duration_seconds,
            "device_type": session.device_type.value,
            "country": session.country,
        }

        def fill(pipe: Pipeline) -> None:
            pipe.hsetnx(key, "facts", orjson.dumps(facts))
            pipe.hsetnx(key, "position", str(session.resume_position_seconds))
            pipe.hsetnx(key, "at", str(_milliseconds(now)))
            pipe.hsetnx(key, "seconds", "0")
            if session.ended_at is not None:
                pipe.hset(key, "ended", "1")
            pipe.expire(key, SESSION_LIFETIME)

        await self._cache.pipeline(fill, transaction=True)

    async def report(
        self, profile_id: str, session_id: UUID, report: Report, *, now: datetime
    ) -> tuple[Outcome, Progress | None]:
        """Apply a report of a profile's session; one round trip."""
        keys = [self._session_key(profile_id, session_id), self._progress_key(profile_id), HEARTBEAT_STREAM]
        arguments = [
            "" if report.position_seconds is None else report.position_seconds,
            max(0, report.duration_seconds),
            int(report.is_playing),
            "" if report.seq is None else report.seq,
            _milliseconds(now),
            now.isoformat(),
            int(report.ends),
            int(SESSION_LIFETIME.total_seconds()),
            int(READ_MODEL_LIFETIME.total_seconds()),
            WATCHED_PERCENT,
            _LONGEST_STREAM,
            _LONGEST_STEP_SECONDS * 1000,
        ]
        answer = await self._cache.run(lambda client: self._heartbeat(keys=keys, args=arguments, client=client))
        value = answer[1] if len(answer) > 1 and answer[1] else None
        return Outcome(answer[0]), None if value is None else _unpack(value)

    async def anonymous_session(self, session_id: UUID) -> tuple[dict[str, object], bool] | None:
        """Return the facts of an anonymous viewer's session and whether it has ended; None when Valkey forgot it."""
        key = self._session_key(None, session_id)
        facts, ended = await self._cache.run(lambda client: client.hmget(key, ["facts", "ended"]))
        return None if facts is None else (orjson.loads(facts), ended is not None)

    async def end_anonymous_session(self, session_id: UUID) -> None:
        """Refuse further heartbeats of an anonymous viewer's session."""
        key = self._session_key(None, session_id)

        def fill(pipe: Pipeline) -> None:
            pipe.hset(key, "ended", "1")
            pipe.expire(key, SESSION_LIFETIME)

        await self._cache.pipeline(fill)

    async def forget(self, profile_ids: Sequence[str], *, sessions: Sequence[tuple[str | None, UUID]]) -> None:
        """Delete the progress of the profiles, and these sessions."""
        keys = [self._progress_key(profile_id) for profile_id in profile_ids]
        keys += [self._session_key(profile_id, session_id) for profile_id, session_id in sessions]

        def fill(pipe: Pipeline) -> None:
            for key in keys:
                pipe.delete(key)

        if keys:
            await self._cache.pipeline(fill)

    def _progress_key(self, profile_id: str) -> str:
        return self._cache.key(f"{{{profile_id}}}", "progress")

    def _session_key(self, profile_id: str | None, session_id: UUID) -> str:
        return self._cache.key(f"{{{profile_id or session_id}}}", "session", str(session_id))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _pack(progress: Progress) -> str:
    return (
        f"{progress.position_seconds}|{progress.duration_seconds}|{int(progress.watched)}"
        f"|{_milliseconds(progress.updated_at)}|{progress.playable_id}|{progress.title_id}"
    )


def _unpack(value: str) -> Progress:
    position, duration, watched, at, playable_id, title_id = value.split("|")
    return Progress(
        playable_id=playable_id,
        title_id=title_id,
        position_seconds=int(position),
        duration_seconds=int(duration),
        watched=watched == "1",
        updated_at=datetime.fromtimestamp(int(at) / 1000, UTC),
    )
