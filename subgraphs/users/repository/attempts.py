"""Counted guesses in Valkey, by subject: an address, an account, a profile.

`users:attempts:{<subject>}:wrong`    wrong guesses, by their moment
`users:attempts:{<subject>}:running`  guesses being checked, by their moment; one that never ended is forgotten
`users:attempts:{<subject>}:locked`   until when nothing is checked

A guess takes its place before it is checked, so that many at once are checked no oftener than one after the other.
Moments are milliseconds of the caller's clock.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from redis.asyncio import Redis

from subgraphs.shared.redis import Cache

_BEGIN = """
local wrong, running, locked = KEYS[1], KEYS[2], KEYS[3]
local now, window, limit, stale = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local until_ = redis.call('GET', locked)
if until_ and tonumber(until_) > now then return until_ end
redis.call('ZREMRANGEBYSCORE', wrong, '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', running, '-inf', now - stale)
if redis.call('ZCARD', wrong) + redis.call('ZCARD', running) >= limit then return 'BUSY' end
redis.call('ZADD', running, now, ARGV[5])
redis.call('PEXPIRE', running, stale)
return 'FREE'
"""

_FAIL = """
local wrong, running, locked = KEYS[1], KEYS[2], KEYS[3]
local now, window, limit, pause = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('ZREM', running, ARGV[5])
redis.call('ZREMRANGEBYSCORE', wrong, '-inf', now - window)
redis.call('ZADD', wrong, now, ARGV[5])
redis.call('PEXPIRE', wrong, window)
local count = redis.call('ZCARD', wrong)
if count < limit then return {limit - count, '0'} end
redis.call('DEL', wrong)
redis.call('SET', locked, string.format('%d', now + pause), 'PX', pause)
return {0, string.format('%d', now + pause)}
"""


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """How many wrong guesses are allowed within `window`, and for how long nothing is checked after the last one."""

    limit: int
    window: timedelta
    pause: timedelta
    stale: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Place:
    """Whether a guess may be checked now: not while locked, and not while too many others are."""

    is_free: bool
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Miss:
    """What is left after a wrong guess."""

    left: int
    locked_until: datetime | None


class AttemptStore:
    """The guesses of one deployment."""

    def __init__(self, cache: Cache, limits: AttemptLimits) -> None:
        self._cache = cache
        self._limits = limits

    async def begin(self, subject: str, attempt_id: str, *, now: datetime) -> Place:
        """Take a place for a guess, if there is one."""
        limits = self._limits
        arguments = [*self._window(now), str(limits.limit), _milliseconds(limits.stale), attempt_id]
        answer = str(await self._run(_BEGIN, subject, arguments))
        if answer in ("FREE", "BUSY"):
            return Place(answer == "FREE")
        return Place(is_free=False, locked_until=_moment(answer))

    async def fail(self, subject: str, attempt_id: str, *, now: datetime) -> Miss:
        """Count the guess as wrong; the last one allowed locks the subject."""
        limits = self._limits
        arguments = [*self._window(now), str(limits.limit), _milliseconds(limits.pause), attempt_id]
        left, until = await self._run(_FAIL, subject, arguments)
        return Miss(int(left), _moment(until) if until != "0" else None)

    async def leave(self, subject: str, attempt_id: str) -> None:
        """Give the place back: the guess was not checked."""
        running = self._keys(subject)[1]
        await self._cache.run(lambda client: client.zrem(running, attempt_id))

    async def forget(self, subject: str) -> None:
        """Forget every guess, and the lock: one was right, or somebody unlocks."""
        keys = self._keys(subject)
        await self._cache.run(lambda client: client.delete(*keys))

    async def locked_until(self, subject: str, *, now: datetime) -> datetime | None:
        """Return the end of the lock; None without one."""
        key = self._keys(subject)[2]
        until = await self._cache.run(lambda client: cast("Awaitable[str | None]", client.get(key)))
        moment = _moment(until) if until else None
        return moment if moment is not None and moment > now else None

    def _window(self, now: datetime) -> list[str]:
        return [str(int(now.timestamp() * 1000)), _milliseconds(self._limits.window)]

    def _keys(self, subject: str) -> list[str]:
        # The braces keep the three on one server of a cluster.
        return [self._cache.key("attempts", f"{{{subject}}}", part) for part in ("wrong", "running", "locked")]

    async def _run(self, script: str, subject: str, arguments: list[str]) -> Any:
        keys = self._keys(subject)

        def call(client: Redis) -> Awaitable[Any]:
            return client.eval(script, len(keys), *keys, *arguments)

        return await self._cache.run(call)


def _milliseconds(length: timedelta) -> str:
    return str(int(length.total_seconds() * 1000))


def _moment(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
