"""Sessions in Valkey: `users:session:<id>` is a hash that lives as long as its newest refresh token.

  user, profile   uuids; profile is empty when none is chosen
  family          text in every refresh token of the session: proves that a token once belonged to it
  current         SHA-256 of the one refresh token that is valid now
  expires         end of that token, in seconds since 1970

A token with the right family that is not the current one was used before: the session is revoked in the same step,
whoever is faster (RFC 9700, 4.14.2). A token with a wrong family was made up and changes nothing.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, cast
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from subgraphs.shared.redis import Cache
from subgraphs.users.config import REFRESH_TOKEN_LIFETIME

_ROTATE = """
local session = redis.call('HMGET', KEYS[1], 'family', 'current', 'expires')
if not session[1] or session[1] ~= ARGV[1] or tonumber(session[3]) <= tonumber(ARGV[4]) then return 'UNKNOWN' end
if session[2] ~= ARGV[2] then
  redis.call('DEL', KEYS[1])
  return 'REUSED'
end
redis.call('HSET', KEYS[1], 'current', ARGV[3], 'expires', ARGV[5], 'profile', ARGV[6])
redis.call('EXPIRE', KEYS[1], ARGV[7])
return 'ROTATED'
"""

_REPLACE = """
local session = redis.call('HMGET', KEYS[1], 'user', 'expires')
if session[1] ~= ARGV[1] or tonumber(session[2]) <= tonumber(ARGV[3]) then return 'UNKNOWN' end
redis.call('HSET', KEYS[1], 'current', ARGV[2], 'expires', ARGV[4], 'profile', ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[6])
return 'ROTATED'
"""


class Rotation(Enum):
    """What became of a refresh token that was presented."""

    ROTATED = "ROTATED"
    REUSED = "REUSED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as it is kept."""

    user_id: UUID
    profile_id: UUID | None
    family: str


class SessionStore:
    """The sessions of one deployment."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def open(self, session_id: str, session: StoredSession, *, current: str, expires_at: datetime) -> None:
        """Keep a new session until `expires_at`."""
        key = self._cache.key("session", session_id)
        fields: dict[Any, Any] = {
            "user": str(session.user_id),
            "profile": _text(session.profile_id),
            "family": session.family,
            "current": current,
            "expires": str(int(expires_at.timestamp())),
        }

        def fill(pipe: Pipeline) -> None:
            pipe.hset(key, mapping=fields)
            pipe.expire(key, REFRESH_TOKEN_LIFETIME)

        await self._cache.pipeline(fill, transaction=True)

    async def read(self, session_id: str) -> StoredSession | None:
        """Return the session, None when it has ended."""
        key = self._cache.key("session", session_id)
        fields = await self._cache.run(
            lambda client: cast("Awaitable[list[str | None]]", client.hmget(key, ["user", "profile", "family"]))
        )
        user, profile, family = fields
        if user is None or family is None:
            return None
        return StoredSession(UUID(user), UUID(profile) if profile else None, family)

    async def rotate(
        self,
        session_id: str,
        *,
        family: str,
        presented: str,
        replacement: str,
        profile_id: UUID | None,
        now: datetime,
        expires_at: datetime,
    ) -> Rotation:
        """Put the replacement in the presented token's place, or revoke the session when that was used before.

        `presented` and `replacement` are SHA-256 digests in hex.
        """
        arguments = [family, presented, replacement, *_times(now, expires_at), _text(profile_id)]
        return await self._script(_ROTATE, session_id, arguments)

    async def replace(
        self, session_id: str, *, user_id: UUID, replacement: str, profile_id: UUID, now: datetime, expires_at: datetime
    ) -> Rotation:
        """Give the user's session a new refresh token and profile, whichever token was valid before."""
        arguments = [str(user_id), replacement, *_times(now, expires_at), str(profile_id)]
        return await self._script(_REPLACE, session_id, arguments)

    async def revoke(self, session_id: str) -> None:
        """End the session; an unknown one is no error."""
        await self._cache.run(lambda client: client.delete(self._cache.key("session", session_id)))

    async def _script(self, script: str, session_id: str, arguments: list[str]) -> Rotation:
        key = self._cache.key("session", session_id)
        lifetime_seconds = str(int(REFRESH_TOKEN_LIFETIME.total_seconds()))

        def call(client: Redis) -> Awaitable[str]:
            return cast("Awaitable[str]", client.eval(script, 1, key, *arguments, lifetime_seconds))

        return Rotation(await self._cache.run(call))


def _text(profile_id: UUID | None) -> str:
    return str(profile_id) if profile_id else ""


def _times(now: datetime, expires_at: datetime) -> tuple[str, str]:
    return str(int(now.timestamp())), str(int(expires_at.timestamp()))
