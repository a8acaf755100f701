"""From the worker that wrote a notice to its reader's open subscriptions: one Valkey channel per account.

Nothing is kept there: who is not looking finds the notice on the list. A message holds the notice's id alone. All
subscriptions of a process share one connection, which listens to the accounts that somebody follows here.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from uuid import UUID

from redis.asyncio.client import Pipeline, PubSub
from redis.exceptions import RedisError

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.redis import Cache
from subgraphs.users.service.notifications.sending import Written

_POLL_SECONDS = 5.0
_MOST_WAITING = 100
"""Notices that wait for a slow client; beyond that it misses the oldest, and finds them on the list."""

_Followers = dict[str, set["asyncio.Queue[UUID | None]"]]


class LiveNotices:
    """Tells open subscriptions of new notices; one per process."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._followers: _Followers = {}
        self._listening: PubSub | None = None
        self._reader: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def announce(self, written: Sequence[Written]) -> None:
        """Tell whoever is looking; call it after the commit.

        Raises:
            ServiceUnavailableError: Valkey does not answer; the notices are on their lists all the same.
        """
        if not written:
            return

        def fill(pipe: Pipeline) -> None:
            for each in written:
                pipe.publish(self._channel(each.user_id), str(each.notification_id))

        await self._cache.pipeline(fill)

    async def follow(self, user_id: UUID) -> AsyncGenerator[UUID, None]:
        """Yield the ids of the account's new notices until the generator is closed.

        Raises:
            ServiceUnavailableError: Valkey is gone; the client subscribes again.
        """
        channel = self._channel(user_id)
        waiting: asyncio.Queue[UUID | None] = asyncio.Queue(_MOST_WAITING)
        await self._join(channel, waiting)
        try:
            while (notification_id := await waiting.get()) is not None:
                yield notification_id
            raise ServiceUnavailableError("Live notices are not available.")
        finally:
            await self._leave(channel, waiting)

    async def close(self) -> None:
        """Stop listening; whoever still follows is told that it is over."""
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        await self._give_up()

    async def _join(self, channel: str, waiting: "asyncio.Queue[UUID | None]") -> None:
        async with self._turn:
            try:
                if self._listening is None:
                    self._listening = self._cache.client.pubsub(ignore_subscribe_messages=True)
                await self._listening.subscribe(channel)
            except (RedisError, OSError) as error:
                raise ServiceUnavailableError("Live notices are not available.") from error
            self._followers.setdefault(channel, set()).add(waiting)
            if self._reader is None or self._reader.done():
                self._reader = asyncio.create_task(self._read(self._listening))

    async def _leave(self, channel: str, waiting: "asyncio.Queue[UUID | None]") -> None:
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
                    self._pass_on(message["channel"], message["data"])
        except (RedisError, OSError):
            async with self._turn:
                await self._give_up()

    def _pass_on(self, channel: str, data: str) -> None:
        with suppress(ValueError):
            notification_id = UUID(data)
            for waiting in self._followers.get(channel, ()):
                _put(waiting, notification_id)

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

    def _channel(self, user_id: UUID) -> str:
        return self._cache.key("notices", str(user_id))


def _put(waiting: "asyncio.Queue[UUID | None]", item: UUID | None) -> None:
    """Add the item, in place of the oldest one when the reader is slow."""
    if waiting.full():
        waiting.get_nowait()
    waiting.put_nowait(item)
