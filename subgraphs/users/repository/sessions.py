"""Sessions in Valkey: `users:session:<id>` is a hash that lives as long as its newest refresh token.

  user, profile   uuids; profile is empty when none is chosen
  device          uuid; empty for a session on none
  family          text in every refresh token of the session: proves that a token once belonged to it
  current         SHA-256 of the one refresh token that is valid now
  created         when it was opened, in seconds since 1970
  expires         end of the current token, in seconds since 1970
  client, scope   the OAuth client that it was opened for and what that may do; empty for our own apps
  ip              hash of the address that it was opened from; empty when unknown

`users:sessions:<user>` is a sorted set of an account's sessions by their `expires`.
`users:signed-out:<user>` is when all of them were last ended, for as long as anything lives that was proven before and
would open another one: a page below /oauth, a code of a client, an approved television.

A token with the right family that is not the current one was used before: the session is revoked in the same step,
whoever is faster (RFC 9700, 4.14.2). A token with a wrong family was made up and changes nothing. Ending a session also
denies its access tokens, see `denials`, and tells whoever follows the account's ended sessions, see `live`.
"""

import json
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, cast
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from subgraphs.shared.live import channel_of
from subgraphs.shared.redis import Cache
from subgraphs.users.config import OAUTH_SIGN_IN_LIFETIME, PAIRING_LIFETIME, REFRESH_TOKEN_LIFETIME
from subgraphs.users.repository.denials import add_denial

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

_LONGEST_PROOF = max(OAUTH_SIGN_IN_LIFETIME, PAIRING_LIFETIME) + timedelta(minutes=5)

ENDED = "ended-sessions"
"""The kind of news that a session was ended before its time; see `ended_session`."""

_FIELDS = ["user", "profile", "device", "family", "created", "expires", "ip", "client", "scope"]


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
    created_at: datetime
    expires_at: datetime
    device_id: UUID | None = None
    ip_hash: str | None = None
    client_id: str | None = None
    """The OAuth client that it was opened for; None for our own apps."""
    scope: str | None = None
    """What the viewer allowed that client, with spaces between."""


class SessionStore:
    """The sessions of one deployment.

    Args:
        cache: Where they are kept.
        denied_tokens_stream: Key of the stream of denied access tokens.
    """

    def __init__(self, cache: Cache, *, denied_tokens_stream: str) -> None:
        self._cache = cache
        self._denied_tokens_stream = denied_tokens_stream

    async def open(self, session_id: str, session: StoredSession, *, current: str) -> None:
        """Keep a new session until it expires; forget those of its account that have."""
        key, index = self._key(session_id), self._index(session.user_id)
        fields: dict[Any, Any] = {
            **dict(zip(_FIELDS, _texts(session), strict=True)),
            "current": current,
        }

        def fill(pipe: Pipeline) -> None:
            pipe.hset(key, mapping=fields)
            pipe.expire(key, REFRESH_TOKEN_LIFETIME)
            pipe.zremrangebyscore(index, "-inf", _seconds(session.created_at))
            pipe.zadd(index, {session_id: int(session.expires_at.timestamp())})
            pipe.expire(index, REFRESH_TOKEN_LIFETIME)

        await self._cache.pipeline(fill, transaction=True)

    async def read(self, session_id: str) -> StoredSession | None:
        """Return the session, None when it has ended."""
        key = self._key(session_id)
        fields = await self._cache.run(lambda client: cast("Awaitable[list[str | None]]", client.hmget(key, _FIELDS)))
        return _session(fields)

    async def is_current(self, session_id: str, presented: str, *, now: datetime) -> bool:
        """Whether the digest is that of the session's valid refresh token; nothing is changed."""
        key = self._key(session_id)
        current, expires = await self._cache.run(
            lambda client: cast("Awaitable[list[str | None]]", client.hmget(key, ["current", "expires"]))
        )
        return current == presented and expires is not None and int(expires) > now.timestamp()

    async def of_user(self, user_id: UUID, *, now: datetime) -> dict[str, StoredSession]:
        """Return the account's living sessions by their ids."""
        index = self._index(user_id)
        ids: list[str] = await self._cache.run(
            lambda client: cast("Awaitable[list[str]]", client.zrangebyscore(index, f"({_seconds(now)}", "+inf"))
        )
        return await self._own(ids, user_id)

    async def rotate(
        self,
        session_id: str,
        session: StoredSession,
        *,
        presented: str,
        replacement: str,
        profile_id: UUID | None,
        now: datetime,
        expires_at: datetime,
    ) -> Rotation:
        """Put the replacement in the presented token's place, or revoke the session when that was used before.

        `presented` and `replacement` are SHA-256 digests in hex.
        """
        arguments = [session.family, presented, replacement, *_times(now, expires_at), _text(profile_id)]
        rotation = await self._script(_ROTATE, session_id, arguments)
        if rotation is Rotation.REUSED:
            await self._end([session_id], {session_id: session}, user_id=session.user_id, now=now)
        elif rotation is Rotation.ROTATED:
            await self._prolong(session_id, user_id=session.user_id, expires_at=expires_at)
        return rotation

    async def replace(
        self, session_id: str, *, user_id: UUID, replacement: str, profile_id: UUID, now: datetime, expires_at: datetime
    ) -> Rotation:
        """Give the user's session a new refresh token and profile, whichever token was valid before."""
        arguments = [str(user_id), replacement, *_times(now, expires_at), str(profile_id)]
        rotation = await self._script(_REPLACE, session_id, arguments)
        if rotation is Rotation.ROTATED:
            await self._prolong(session_id, user_id=user_id, expires_at=expires_at)
        return rotation

    async def revoke(self, session_ids: Sequence[str], *, user_id: UUID, now: datetime) -> None:
        """End the account's sessions and deny their access tokens; unknown ones are no error."""
        if session_ids:
            await self._end(session_ids, await self._own(session_ids, user_id), user_id=user_id, now=now)

    async def close_ways(self, user_id: UUID, *, now: datetime) -> None:
        """Let nothing that was proven before this moment open a session of the account."""
        key = self._signed_out(user_id)
        await self._cache.run(lambda client: client.set(key, str(now.timestamp()), ex=_LONGEST_PROOF))

    async def is_closed_since(self, user_id: UUID, proven_at: datetime) -> bool:
        """Whether all sessions of the account were ended after the moment."""
        key = self._signed_out(user_id)
        ended = await self._cache.run(lambda client: cast("Awaitable[str | None]", client.get(key)))
        return ended is not None and proven_at.timestamp() < float(ended)

    async def outdate(self, claim: str, *, now: datetime) -> None:
        """Deny the access tokens with the claim that were issued until now; refreshing them goes on."""

        def fill(pipe: Pipeline) -> None:
            add_denial(pipe, self._denied_tokens_stream, claim, now=now, only_issued_before_now=True)

        await self._cache.pipeline(fill)

    async def _own(self, session_ids: Sequence[str], user_id: UUID) -> dict[str, StoredSession]:
        """Return those of the sessions that live and are the account's."""
        if not session_ids:
            return {}

        def fill(pipe: Pipeline) -> None:
            for session_id in session_ids:
                pipe.hmget(self._key(session_id), _FIELDS)

        answers = await self._cache.pipeline(fill)
        found = {session_id: _session(fields) for session_id, fields in zip(session_ids, answers, strict=True)}
        return {
            session_id: session
            for session_id, session in found.items()
            if session is not None and session.user_id == user_id
        }

    async def _end(
        self, session_ids: Sequence[str], known: Mapping[str, StoredSession], *, user_id: UUID, now: datetime
    ) -> None:
        """End the sessions; of those that are known, whoever follows them is told."""

        def fill(pipe: Pipeline) -> None:
            for session_id, session in known.items():
                news = json.dumps([session_id, *_texts(session)])
                pipe.publish(channel_of(self._cache, ENDED, user_id), news)
            # Denied before they are deleted: an answer lost on the way leaves nothing that still works.
            for session_id in session_ids:
                add_denial(pipe, self._denied_tokens_stream, session_id, now=now)
            pipe.delete(*(self._key(session_id) for session_id in session_ids))
            pipe.zrem(self._index(user_id), *session_ids)

        await self._cache.pipeline(fill)

    async def _prolong(self, session_id: str, *, user_id: UUID, expires_at: datetime) -> None:
        index = self._index(user_id)

        def fill(pipe: Pipeline) -> None:
            pipe.zadd(index, {session_id: int(expires_at.timestamp())}, xx=True)
            pipe.expire(index, REFRESH_TOKEN_LIFETIME)

        await self._cache.pipeline(fill)

    async def _script(self, script: str, session_id: str, arguments: list[str]) -> Rotation:
        key = self._key(session_id)
        lifetime_seconds = str(int(REFRESH_TOKEN_LIFETIME.total_seconds()))

        def call(client: Redis) -> Awaitable[str]:
            return cast("Awaitable[str]", client.eval(script, 1, key, *arguments, lifetime_seconds))

        return Rotation(await self._cache.run(call))

    def _signed_out(self, user_id: UUID) -> str:
        return self._cache.key("signed-out", str(user_id))

    def _key(self, session_id: str) -> str:
        return self._cache.key("session", session_id)

    def _index(self, user_id: UUID) -> str:
        return self._cache.key("sessions", str(user_id))


def ended_session(news: str) -> tuple[str, StoredSession] | None:
    """Return the session of which the news (`ENDED`) tells, with its id; None for any other text."""
    try:
        session_id, *fields = json.loads(news)
        session = _session(fields)
    except (TypeError, ValueError):
        return None
    return (session_id, session) if session is not None else None


def _session(fields: list[str | None]) -> StoredSession | None:
    user, profile, device, family, created, expires, ip_hash, client, scope = fields
    if user is None or family is None or created is None or expires is None:
        return None
    return StoredSession(
        user_id=UUID(user),
        profile_id=UUID(profile) if profile else None,
        family=family,
        created_at=datetime.fromtimestamp(int(created), UTC),
        expires_at=datetime.fromtimestamp(int(expires), UTC),
        device_id=UUID(device) if device else None,
        ip_hash=ip_hash or None,
        client_id=client or None,
        scope=scope or None,
    )


def _texts(session: StoredSession) -> list[str]:
    """Return the values of `_FIELDS`."""
    return [
        str(session.user_id),
        _text(session.profile_id),
        _text(session.device_id),
        session.family,
        _seconds(session.created_at),
        _seconds(session.expires_at),
        session.ip_hash or "",
        session.client_id or "",
        session.scope or "",
    ]


def _text(uuid: UUID | None) -> str:
    return str(uuid) if uuid else ""


def _seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def _times(now: datetime, expires_at: datetime) -> tuple[str, str]:
    return _seconds(now), _seconds(expires_at)
