"""News for open subscriptions, from whichever process has them: one Valkey channel per kind of news and whom or what it
is about, an account or a job.

Nothing is kept there: who is not looking misses it. All subscriptions of a process share one connection, which listens
to what somebody follows here.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from uuid import UUID

from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.redis import Cache

_POLL_SECONDS = 5.0
_MOST_WAITING = 100
"""News that waits for a slow client; beyond that it misses the oldest."""

_GONE = "Live news is not available."

_Followers = dict[str, set["asyncio.Queue[str | None]"]]


def channel_of(cache: Cache, kind: str, about: UUID) -> str:
    """Return the channel of a kind of news about one thing: publish there what `LiveFeed.follow` is to yield."""
    return cache.key(kind, str(about))


class LiveFeed:
    """Tells open subscriptions what is new; one per process, for every kind of news."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._followers: _Followers = {}
        self._listening: PubSub | None = None
        self._reader: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def follow(self, kind: str, about: UUID) -> AsyncGenerator[str, None]:
        """Yield the news of the kind about it until the generator is closed.

        Raises:
            ServiceUnavailableError: Valkey is gone; the client subscribes again.
        """
        channel = channel_of(self._cache, kind, about)
        waiting: asyncio.Queue[str | None] = asyncio.Queue(_MOST_WAITING)
        await self._join(channel, waiting)
        try:
            while (text := await waiting.get()) is not None:
                yield text
            raise ServiceUnavailableError(_GONE)
        finally:
            await self._leave(channel, waiting)

    async def close(self) -> None:
        """Stop listening; whoever still follows is told that it is over."""
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        await self._give_up()

    async def _join(self, channel: str, waiting: "asyncio.Queue[str | None]") -> None:
        async with self._turn:
            try:
                if self._listening is None:
                    self._listening = self._cache.client.pubsub(ignore_subscribe_messages=True)
                await self._listening.subscribe(channel)
            except (RedisError, OSError) as error:
                raise ServiceUnavailableError(_GONE) from error
            self._followers.setdefault(channel, set()).add(waiting)
            if self._reader is None or self._reader.done():
                self._reader = asyncio.create_task(self._read(self._listening))

    async def _leave(self, channel: str, waiting: "asyncio.Queue[str | None]") -> None:
        async with self._turn:
            followers = self._followers.get(channel, set())
            followers.discard(waiting)
            if not followers and self._followers.pop(channel, None) is not None and self._listening is not None:
                with suppress(RedisError, OSError):
                    await self._listening.unsubscribe(channel)

    async def _read(self, listening: PubSub) -> None:
        """Pass on what comes for as long as somebody follows anything; without the connection everybody is told."""
        try:
            while self._followers:
                message = await listening.get_message(timeout=_POLL_SECONDS)
                if message is not None:
                    for waiting in self._followers.get(message["channel"], ()):
                        _put(waiting, message["data"])
        except (RedisError, OSError):
            async with self._turn:
                await self._give_up()

    async def _give_up(self) -> None:
        """Forget the connection, and tell whoever follows."""
        listening, self._listening = self._listening, None
        for followers in self._followers.values():
            for waiting in followers:
                _put(waiting, None)
        self._followers.clear()
        if listening is not None:
            with suppress(RedisError, OSError):
                await listening.aclose()  # type: ignore[no-untyped-call]  # redis has no type for it


def _put(waiting: "asyncio.Queue[str | None]", item: str | None) -> None:
    """Add the item, in place of the oldest one when the reader is slow."""
    if waiting.full():
        waiting.get_nowait()
    waiting.put_nowait(item)
