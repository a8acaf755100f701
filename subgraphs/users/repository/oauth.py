"""What the OAuth server asks of its stores: registered clients in PostgreSQL, authorization codes in Valkey.

  users:oauth-code:<digest of the code>   hash: value (JSON), expires, used, session

A code is redeemed once. It stays for a day after, so that its second use is known for what it is and ends the session
that the first one opened (RFC 6749, 4.1.2).
"""

import json
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from redis.asyncio.client import Pipeline
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.shared.redis import Cache
from subgraphs.users.config import OAUTH_CODE_LIFETIME
from subgraphs.users.models import OAuthClient
from subgraphs.users.repository.one_time import digest

_REMEMBERED_FOR = timedelta(days=1)

# Returns the code's value the first time, else nothing and the session that the first time opened.
_REDEEM = """
local code = redis.call('HMGET', KEYS[1], 'value', 'expires', 'used', 'session')
if not code[1] then return {'UNKNOWN', ''} end
if code[3] then
  redis.call('HSET', KEYS[1], 'used', 'AGAIN')
  return {'REUSED', code[4] or ''}
end
redis.call('HSET', KEYS[1], 'used', 'ONCE')
if tonumber(code[2]) <= tonumber(ARGV[1]) then return {'UNKNOWN', ''} end
return {'REDEEMED', code[1]}
"""

# Returns 1 when the code was not used again meanwhile.
_NOTE_SESSION = """
redis.call('HSET', KEYS[1], 'session', ARGV[1])
if redis.call('HGET', KEYS[1], 'used') == 'ONCE' then return 1 end
return 0
"""


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a code brought: its value the first time; later the session that was opened for it, if it was noted."""

    value: dict[str, Any] | None
    session_id: str | None = None


class CodeStore:
    """The authorization codes of one deployment."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def keep(self, code: str, value: dict[str, Any], *, now: datetime) -> None:
        """Keep what the code stands for."""
        key = self._key(code)
        fields: dict[Any, Any] = {
            "value": json.dumps(value),
            "expires": str((now + OAUTH_CODE_LIFETIME).timestamp()),
        }

        def fill(pipe: Pipeline) -> None:
            pipe.hset(key, mapping=fields)
            pipe.expire(key, _REMEMBERED_FOR)

        await self._cache.pipeline(fill, transaction=True)

    async def redeem(self, code: str, *, now: datetime) -> Redemption:
        """Return what the code stands for; afterwards it stands for nothing."""
        key, seconds = self._key(code), str(now.timestamp())
        word, text = await self._cache.run(
            lambda client: cast("Awaitable[list[str]]", client.eval(_REDEEM, 1, key, seconds))
        )
        if word == "REDEEMED":
            return Redemption(json.loads(text))
        return Redemption(None, text or None)

    async def note_session(self, code: str, session_id: str) -> bool:
        """Note what was opened for the code; False when the code was used again before this was noted."""
        key = self._key(code)
        return bool(
            await self._cache.run(lambda client: cast("Awaitable[int]", client.eval(_NOTE_SESSION, 1, key, session_id)))
        )

    def _key(self, code: str) -> str:
        return self._cache.key("oauth-code", digest(code))


async def client_by_id(session: AsyncSession, client_id: str) -> OAuthClient | None:
    """Return the registered client."""
    return (await session.execute(sa.select(OAuthClient).where(col(OAuthClient.id) == client_id))).scalar()


async def register_client(session: AsyncSession, client: OAuthClient) -> None:
    """Register the client, or replace what was registered under its id."""
    values = client.model_dump()
    statement = postgresql.insert(OAuthClient).values(values)
    kept = {name: value for name, value in values.items() if name not in {"id", "created_at"}}
    await session.execute(statement.on_conflict_do_update(index_elements=[col(OAuthClient.id)], set_=kept))
