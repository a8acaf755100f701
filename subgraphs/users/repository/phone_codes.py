"""Codes by phone in Valkey, for one number each:

  users:otp:{<number index>}        hash: digest of the code, expires, tries
  users:otp-sent:{<number index>}   when codes were sent in the last hour, for the resend limit

Each step is one script, so that a hundred guesses at once are still counted one by one.
"""

from collections.abc import Awaitable
from datetime import datetime
from typing import cast
from uuid import uuid4

from redis.asyncio import Redis

from subgraphs.shared.redis import Cache
from subgraphs.users.config import (
    OTP_LIFETIME,
    OTP_MAX_TRIES,
    OTP_RESEND_AFTER,
    OTP_SEND_WINDOW,
    OTP_SENDS_PER_WINDOW,
)

# Returns 0 when the code is kept, else how many seconds are to be waited.
_KEEP = """
local now, gap, window = tonumber(ARGV[1]), tonumber(ARGV[4]), tonumber(ARGV[5])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - window)
local newest = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
if newest[2] and now - newest[2] < gap then return math.ceil(newest[2] + gap - now) end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[6]) then
  return math.ceil(redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] + window - now)
end
redis.call('ZADD', KEYS[2], now, ARGV[7])
redis.call('EXPIRE', KEYS[2], window)
redis.call('HSET', KEYS[1], 'digest', ARGV[2], 'expires', ARGV[3], 'tries', 0)
redis.call('EXPIRE', KEYS[1], ARGV[8])
return 0
"""

# Returns 1 for the right code, which then is gone, else 0. A code is gone after too many wrong ones, too.
_SPEND = """
local code = redis.call('HMGET', KEYS[1], 'digest', 'expires')
if not code[1] or tonumber(code[2]) <= tonumber(ARGV[1]) then return 0 end
if code[1] == ARGV[2] then
  redis.call('DEL', KEYS[1])
  return 1
end
if redis.call('HINCRBY', KEYS[1], 'tries', 1) >= tonumber(ARGV[3]) then redis.call('DEL', KEYS[1]) end
return 0
"""


class PhoneCodeStore:
    """The codes of one deployment."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def keep(self, number_index: str, code_digest: str, *, now: datetime) -> int:
        """Keep a code in place of the one before and return 0, or the seconds to wait until one may be sent."""
        arguments = [
            str(now.timestamp()),
            code_digest,
            str((now + OTP_LIFETIME).timestamp()),
            str(int(OTP_RESEND_AFTER.total_seconds())),
            str(int(OTP_SEND_WINDOW.total_seconds())),
            str(OTP_SENDS_PER_WINDOW),
            uuid4().hex,
            str(int(OTP_LIFETIME.total_seconds())),
        ]
        return await self._script(_KEEP, number_index, arguments)

    async def spend(self, number_index: str, code_digest: str, *, now: datetime) -> bool:
        """Whether it is the number's code; that works once, and is tried at most five times."""
        arguments = [str(now.timestamp()), code_digest, str(OTP_MAX_TRIES)]
        return await self._script(_SPEND, number_index, arguments) == 1

    async def _script(self, script: str, number_index: str, arguments: list[str]) -> int:
        keys = [self._cache.key("otp", f"{{{number_index}}}"), self._cache.key("otp-sent", f"{{{number_index}}}")]

        def call(client: Redis) -> Awaitable[int]:
            return cast("Awaitable[int]", client.eval(script, len(keys), *keys, *arguments))

        return int(await self._cache.run(call))
