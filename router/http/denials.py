"""Access tokens that are refused although signed and alive: their session was ended, or they are outdated.

Whoever issues tokens adds an entry to a Valkey (or Redis) stream; every router follows it, so that a request costs a
look into a dictionary and no round trip. An entry has these fields:

  id      a value that tokens carry in one of their claims: of the token, the session, the profile, the subject
  until   seconds since the epoch at which the last token with it must have expired
  before  seconds since the epoch: only tokens issued before are refused; all of them without it

A router that cannot read the stream goes on with what it knows (docs/adr/0011-denied-access-tokens.md).
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import structlog

CLAIMS = ("jti", "sid", "pid", "sub")

# The server answers after this time even without news, so that silence means that it is gone.
BLOCK_SECONDS = 0.4
SOCKET_SECONDS = 0.9
RETRY_SECONDS = 0.25
FIRST_LOAD_SECONDS = 1.0

_BATCH = 1_000
_FORGET_SECONDS = 60.0

_log = structlog.get_logger(__name__)


class DeniedTokens:
    """Follows the stream from the first request on, in the loop that serves.

    Args:
        url: Of the server.
        stream: Key of the stream.
        max_stale_seconds: After this long without an answer of the server, `is_stale`; None never.
        clock: Seconds since the epoch.

    Attributes:
        on_news: Called after entries were read.

    Raises:
        ValueError: The address is none.
    """

    def __init__(
        self,
        url: str,
        stream: str,
        *,
        max_stale_seconds: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        # Here, because the client is 6 MB, and most routers have no use for it.
        from redis.asyncio import Redis
        from redis.maint_notifications import MaintNotificationsConfig

        self._client: Redis = Redis.from_url(
            url,
            protocol=2,
            decode_responses=True,
            socket_timeout=SOCKET_SECONDS,
            socket_connect_timeout=SOCKET_SECONDS,
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )
        self.on_news: Callable[[], None] | None = None
        self._stream = stream
        self._max_stale_seconds = max_stale_seconds
        self._clock = clock
        self._denied: dict[str, tuple[float, float | None]] = {}
        self._last_id = "0-0"
        self._confirmed_at: float | None = None
        self._failing_since: float | None = None
        self._forgotten_at = 0.0
        self._loaded = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._is_closing = False

    @property
    def is_following(self) -> bool:
        """Whether `follow` was called."""
        return self._following is not None

    @property
    def is_stale(self) -> bool:
        """Whether the server has been silent for longer than is allowed."""
        if self._max_stale_seconds is None:
            return False
        return self._confirmed_at is None or self._clock() - self._confirmed_at > self._max_stale_seconds

    async def follow(self) -> None:
        """Begin, and wait for what was denied so far; not for long: a server that is down must not stop requests."""
        if self._following is None:
            self._following = asyncio.get_running_loop().create_task(self._follow())
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_LOAD_SECONDS):
                await self._loaded.wait()

    def refuses(self, claims: Mapping[str, Any]) -> bool:
        """Return whether a token with these claims is denied."""
        if not self._denied:
            return False
        for name in CLAIMS:
            value = claims.get(name)
            entry = self._denied.get(value) if isinstance(value, str) else None
            if entry is None or entry[0] <= self._clock():
                continue
            before = entry[1]
            if before is None or not _issued_at(claims) >= before:
                return True
        return False

    def gauges(self) -> dict[str, tuple[str, dict[str, float]]]:
        """Return what is so now, for the metrics."""
        behind = -1.0 if self._confirmed_at is None else self._clock() - self._confirmed_at
        return {
            "router_denied_tokens": (
                "Sessions and other claims whose access tokens are denied.",
                {"": len(self._denied)},
            ),
            "router_denied_tokens_age_seconds": ("Since the stream of denials last answered; -1 never.", {"": behind}),
        }

    async def aclose(self) -> None:
        """Stop, and close the connection."""
        self._is_closing = True
        while self._following is not None and not self._following.done():
            # More than once: the client swallows a cancellation that meets it while it looks for waiting bytes.
            self._following.cancel()
            await asyncio.wait([self._following], timeout=0.05)
        await self._client.aclose()

    async def _follow(self) -> None:
        from redis.exceptions import RedisError

        while not self._is_closing:
            try:
                await self._read()
            except (RedisError, OSError, TimeoutError) as error:
                if self._failing_since is None:
                    self._failing_since = self._clock()
                    _log.warning("denied_tokens_not_followed", reason=repr(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _read(self) -> None:
        block = int(BLOCK_SECONDS * 1000) if self._loaded.is_set() else None
        answer: Any = await self._client.xread({self._stream: self._last_id}, count=_BATCH, block=block)
        entries: list[tuple[str, Mapping[str, str]]] = answer[0][1] if answer else []
        for entry_id, fields in entries:
            self._take(fields)
            self._last_id = entry_id
        if entries and self.on_news is not None:
            self.on_news()
        self._confirmed_at = now = self._clock()
        if self._failing_since is not None:
            _log.info("denied_tokens_followed_again", seconds=round(now - self._failing_since, 2))
            self._failing_since = None
        if len(entries) < _BATCH:
            self._loaded.set()
        if now - self._forgotten_at > _FORGET_SECONDS:
            self._denied = {claim: entry for claim, entry in self._denied.items() if entry[0] > now}
            self._forgotten_at = now

    def _take(self, fields: Mapping[str, str]) -> None:
        try:
            claim, until = fields["id"], float(fields["until"])
            before = float(fields["before"]) if "before" in fields else None
        except (KeyError, ValueError):
            _log.warning("denied_tokens_entry_not_understood", fields=sorted(fields))
            return
        known = self._denied.get(claim)
        if known is not None:
            until = max(until, known[0])
            before = None if before is None or known[1] is None else max(before, known[1])
        self._denied[claim] = (until, before)


def _issued_at(claims: Mapping[str, Any]) -> float:
    """Return when the token was issued; one that does not say it counts as old."""
    issued_at = claims.get("iat")
    return issued_at if isinstance(issued_at, int | float) else float("-inf")
