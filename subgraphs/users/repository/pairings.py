"""Devices that wait for approval, in Valkey:

  users:pairing:<digest of the device code>   hash: user_code, device (JSON), status, expires, interval, polled,
                                              user and profile once approved
  users:pairing-code:<user code>              the digest of the device code
  users:pairing-tries:<account>               user codes named in the last 15 minutes that were wrong

The steps that race (polling, approving) are one script each.
"""

import json
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, cast
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from subgraphs.shared.redis import Cache
from subgraphs.shared.values import DeviceType
from subgraphs.users.config import (
    PAIRING_INTERVAL_SECONDS,
    PAIRING_LIFETIME,
    PAIRING_MAX_TRIES,
    PAIRING_SLOW_DOWN_SECONDS,
    PAIRING_TRIES_WINDOW,
)
from subgraphs.users.repository.one_time import digest

# Returns the status, then the interval while pending, else account and profile. What is decided is told once.
_POLL = """
local now = tonumber(ARGV[1])
local row = redis.call('HMGET', KEYS[1],
  'status', 'expires', 'interval', 'polled', 'user', 'profile', 'device', 'decided')
if not row[1] or tonumber(row[2]) <= now then return {'EXPIRED'} end
if row[1] ~= 'PENDING' then
  redis.call('DEL', KEYS[1])
  return {row[1], row[5] or '', row[6] or '', row[7], row[8] or '0'}
end
local interval = tonumber(row[3])
local status = 'PENDING'
if row[4] and now - tonumber(row[4]) < interval then
  interval = interval + tonumber(ARGV[2])
  status = 'SLOW_DOWN'
end
redis.call('HSET', KEYS[1], 'polled', ARGV[1], 'interval', interval)
return {status, tostring(interval)}
"""

# Returns 1 when the decision is the first one on a device that still waits.
_DECIDE = """
local row = redis.call('HMGET', KEYS[1], 'status', 'expires')
if row[1] ~= 'PENDING' or tonumber(row[2]) <= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'status', ARGV[2], 'user', ARGV[3], 'profile', ARGV[4], 'decided', ARGV[1])
return 1
"""

_COUNT = """
local tries = redis.call('INCR', KEYS[1])
if tries == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return tries
"""


class PairingStatus(Enum):
    """Where a pairing stands, as a poll sees it."""

    PENDING = "PENDING"
    SLOW_DOWN = "SLOW_DOWN"
    APPROVED = "APPROVED"
    DENIED = "DENIED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class WaitingDevice:
    """A device that shows a code: what it says of itself, and since when."""

    client_id: str
    name: str | None
    type: DeviceType
    country: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Poll:
    """What a poll found. Account and profile are there once approved, and only for the first poll after."""

    status: PairingStatus
    interval_seconds: int = PAIRING_INTERVAL_SECONDS
    user_id: UUID | None = None
    profile_id: UUID | None = None
    device: WaitingDevice | None = None
    decided_at: datetime | None = None


class PairingStore:
    """The waiting devices of one deployment."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def start(self, device_code: str, user_code: str, device: WaitingDevice) -> bool:
        """Keep a device that waits; False, and nothing done, when another one shows the same user code."""
        code_key, device_digest = self._cache.key("pairing-code", user_code), digest(device_code)
        if not await self._cache.run(lambda client: client.set(code_key, device_digest, nx=True, ex=PAIRING_LIFETIME)):
            return False
        key = self._cache.key("pairing", device_digest)
        fields: dict[Any, Any] = {
            "status": PairingStatus.PENDING.value,
            "expires": str((device.started_at + PAIRING_LIFETIME).timestamp()),
            "interval": str(PAIRING_INTERVAL_SECONDS),
            "device": _device_text(device),
        }

        def fill(pipe: Pipeline) -> None:
            pipe.hset(key, mapping=fields)
            pipe.expire(key, PAIRING_LIFETIME)

        await self._cache.pipeline(fill, transaction=True)
        return True

    async def waiting(self, user_code: str, *, now: datetime) -> WaitingDevice | None:
        """Return the device that shows the code and is not decided on."""
        key = await self._key_of(user_code)
        if key is None:
            return None
        status, expires, device = await self._cache.run(
            lambda client: cast("Awaitable[list[str | None]]", client.hmget(key, ["status", "expires", "device"]))
        )
        if status != PairingStatus.PENDING.value or device is None or float(expires or 0) <= now.timestamp():
            return None
        return _device(device)

    async def decide(
        self, user_code: str, status: PairingStatus, *, user_id: UUID, profile_id: UUID | None, now: datetime
    ) -> bool:
        """Approve or deny the device that shows the code; False when none waits with it."""
        key = await self._key_of(user_code)
        if key is None:
            return False
        profile = str(profile_id) if profile_id else ""
        arguments = [str(now.timestamp()), status.value, str(user_id), profile]
        decided = await self._cache.run(lambda client: cast("Awaitable[int]", client.eval(_DECIDE, 1, key, *arguments)))
        await self._cache.run(lambda client: client.delete(self._cache.key("pairing-code", user_code)))
        return bool(decided)

    async def poll(self, device_code: str, *, now: datetime) -> Poll:
        """Return where the device's pairing stands, and note that it asked."""
        key = self._cache.key("pairing", digest(device_code))
        arguments = [str(now.timestamp()), str(PAIRING_SLOW_DOWN_SECONDS)]

        def call(client: Redis) -> Awaitable[list[str]]:
            return cast("Awaitable[list[str]]", client.eval(_POLL, 1, key, *arguments))

        word, *rest = await self._cache.run(call)
        status = PairingStatus(word)
        if status in {PairingStatus.PENDING, PairingStatus.SLOW_DOWN}:
            return Poll(status, interval_seconds=int(rest[0]))
        if status is PairingStatus.EXPIRED:
            return Poll(status)
        user, profile, device, decided = rest
        return Poll(
            status,
            user_id=UUID(user),
            profile_id=UUID(profile) if profile else None,
            device=_device(device),
            decided_at=datetime.fromtimestamp(float(decided), UTC),
        )

    async def take_try(self, user_id: UUID) -> bool:
        """Count one more user code named by the account; False when it named too many that were wrong."""
        window = str(int(PAIRING_TRIES_WINDOW.total_seconds()))
        tries = await self._cache.run(
            lambda client: cast("Awaitable[int]", client.eval(_COUNT, 1, self._tries_key(user_id), window))
        )
        return tries <= PAIRING_MAX_TRIES

    async def give_try_back(self, user_id: UUID) -> None:
        """Forget one try: the code was right."""
        await self._cache.run(lambda client: client.decr(self._tries_key(user_id)))

    async def _key_of(self, user_code: str) -> str | None:
        code_key = self._cache.key("pairing-code", user_code)
        device_digest = await self._cache.run(lambda client: cast("Awaitable[str | None]", client.get(code_key)))
        return self._cache.key("pairing", device_digest) if device_digest else None

    def _tries_key(self, user_id: UUID) -> str:
        return self._cache.key("pairing-tries", str(user_id))


def _device_text(device: WaitingDevice) -> str:
    return json.dumps(
        {
            "client_id": device.client_id,
            "name": device.name,
            "type": device.type.value,
            "country": device.country,
            "started_at": device.started_at.isoformat(),
        }
    )


def _device(text: str) -> WaitingDevice:
    fields = json.loads(text)
    return WaitingDevice(
        client_id=fields["client_id"],
        name=fields["name"],
        type=DeviceType(fields["type"]),
        country=fields["country"],
        started_at=datetime.fromisoformat(fields["started_at"]),
    )
