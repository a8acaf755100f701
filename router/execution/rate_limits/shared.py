"""Sliding windows in Valkey: all routers take of the same ones, by the server's clock.

A window is a list of the moments at which units were taken, in milliseconds, the oldest first; it ends with its last
unit. What requests ask while an answer is under way travels together in the next round trip, so that a busy router
makes few, and an idle one waits for nobody. A refusal is remembered here until it may end: a client that keeps
knocking reaches no server.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from router.execution.rate_limits.windows import Take, WindowsUnavailableError

TIMEOUT_SECONDS = 0.25
# For so long nobody asks again after a failure: each of those requests would wait for the timeout.
PAUSE_SECONDS = 1.0
MAX_TOGETHER = 128
MAX_REMEMBERED_REFUSALS = 10_000

_TAKE = """
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local waits, refused = {}, false
for i, key in ipairs(KEYS) do
  local amount, limit, window = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local oldest = redis.call('LINDEX', key, 0)
  while oldest and tonumber(oldest) <= now - window do
    redis.call('LPOP', key)
    oldest = redis.call('LINDEX', key, 0)
  end
  local taken = redis.call('LLEN', key)
  waits[i] = 0
  if amount > limit then
    waits[i], refused = window, true
  elseif taken + amount > limit then
    waits[i], refused = redis.call('LINDEX', key, taken + amount - limit - 1) + window - now, true
  end
end
if not refused then
  for i, key in ipairs(KEYS) do
    for _ = 1, tonumber(ARGV[3 * i - 1]) do redis.call('RPUSH', key, string.format('%.0f', now)) end
    redis.call('PEXPIRE', key, ARGV[3 * i + 1])
  end
end
return waits
"""

_log = structlog.get_logger(__name__)


class SharedWindows:
    """Windows of all routers that use one server.

    Args:
        url: `redis://host:port/db`, or `rediss://` for TLS.
        prefix: Of every key.
        clock: Seconds; None is the server's own clock, the only one that many routers agree on.
        monotonic: Seconds; tells how long a pause or a refusal lasts.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "router:rate:",
        clock: Callable[[], float] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        # Here, because the client is 6 MB, and most routers have no use for it.
        from redis.asyncio import Redis
        from redis.maint_notifications import MaintNotificationsConfig

        self._client = Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            # Notices before maintenance are a service of Redis Enterprise; others close what listens for them.
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )
        self._prefix = prefix
        self._clock = clock
        self._monotonic = monotonic
        self._waiting: list[tuple[Sequence[Take], asyncio.Future[list[float]]]] = []
        self._asking: asyncio.Task[None] | None = None
        self._script: str | None = None
        self._pause_until = float("-inf")
        self._refused: OrderedDict[tuple[str, int], float] = OrderedDict()

    async def take(self, takes: Sequence[Take]) -> list[float]:
        """See `Windows`."""
        now = self._monotonic()
        if now < self._pause_until:
            raise WindowsUnavailableError
        known = [self._known_wait(take, now) for take in takes]
        if any(known):
            return known
        answer: asyncio.Future[list[float]] = asyncio.get_running_loop().create_future()
        self._waiting.append((takes, answer))
        if self._asking is None:
            self._asking = asyncio.get_running_loop().create_task(self._ask_all())
        waits = await answer
        for take, wait in zip(takes, waits, strict=True):
            if wait:
                self._remember(take, self._monotonic() + wait)
        return waits

    async def aclose(self) -> None:
        """Close the connections; who still waits learns that nothing can be asked."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        await self._client.aclose()

    async def _ask_all(self) -> None:
        """Ask for what waits, together, until nothing does."""
        from redis.exceptions import RedisError

        together: list[tuple[Sequence[Take], asyncio.Future[list[float]]]] = []
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:MAX_TOGETHER], self._waiting[MAX_TOGETHER:]
                answers = await self._ask([takes for takes, _ in together])
                for (_, answer), waits in zip(together, answers, strict=True):
                    if not answer.done():  # the client may have left
                        answer.set_result(waits)
        except (RedisError, OSError, TimeoutError) as error:
            self._pause_until = self._monotonic() + PAUSE_SECONDS
            _log.warning("rate_limits_not_shared", error=repr(error), pause_seconds=PAUSE_SECONDS)
        finally:
            self._asking = None
            for _, answer in (*together, *self._waiting):
                if not answer.done():
                    answer.set_exception(WindowsUnavailableError())
            self._waiting = []

    async def _ask(self, wanted: Sequence[Sequence[Take]]) -> list[list[float]]:
        from redis.exceptions import NoScriptError

        if self._script is None:
            self._script = await self._client.script_load(_TAKE)
        try:
            return await self._evaluate(wanted)
        except NoScriptError:  # the server was restarted; a script that is unknown took nothing for anybody
            self._script = await self._client.script_load(_TAKE)
            return await self._evaluate(wanted)

    async def _evaluate(self, wanted: Sequence[Sequence[Take]]) -> list[list[float]]:
        assert self._script is not None
        now = "" if self._clock is None else f"{self._clock() * 1000:.0f}"
        async with self._client.pipeline(transaction=False) as pipe:
            for takes in wanted:
                numbers: list[Any] = [
                    number for take in takes for number in (take.amount, take.limit, round(take.seconds * 1000))
                ]
                keys = [self._prefix + take.key for take in takes]
                pipe.evalsha(self._script, len(keys), *keys, now, *numbers)
            answers: list[list[int]] = await pipe.execute()
        return [[wait / 1000 for wait in waits] for waits in answers]

    def _known_wait(self, take: Take, now: float) -> float:
        until = self._refused.get((take.key, take.amount))
        return max(until - now, 0.0) if until is not None else 0.0

    def _remember(self, take: Take, until: float) -> None:
        # With the amount: who may not take two may still take one.
        self._refused[take.key, take.amount] = until
        self._refused.move_to_end((take.key, take.amount))
        if len(self._refused) > MAX_REMEMBERED_REFUSALS:
            self._refused.popitem(last=False)
