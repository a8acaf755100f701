"""From the worker that wrote a notice to its reader's open subscriptions.

Who is not looking finds the notice on the list. The news holds the notice's id alone.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from uuid import UUID

from redis.asyncio.client import Pipeline

from subgraphs.shared.live import LiveFeed, channel_of
from subgraphs.shared.redis import Cache
from subgraphs.users.service.notifications.sending import Written

_KIND = "notices"


class LiveNotices:
    """Tells open subscriptions of new notices.

    Args:
        cache: Where the news goes.
        feed: Where it comes from; a process that has no subscriptions needs none.
    """

    def __init__(self, cache: Cache, feed: LiveFeed | None = None) -> None:
        self._cache = cache
        self._feed = feed or LiveFeed(cache)

    async def announce(self, written: Sequence[Written]) -> None:
        """Tell whoever is looking; call it after the commit.

        Raises:
            ServiceUnavailableError: Valkey does not answer; the notices are on their lists all the same.
        """
        if not written:
            return

        def fill(pipe: Pipeline) -> None:
            for each in written:
                pipe.publish(channel_of(self._cache, _KIND, each.user_id), str(each.notification_id))

        await self._cache.pipeline(fill)

    async def follow(self, user_id: UUID) -> AsyncGenerator[UUID, None]:
        """Yield the ids of the account's new notices until the generator is closed.

        Raises:
            ServiceUnavailableError: Valkey is gone; the client subscribes again.
        """
        async with aclosing(self._feed.follow(_KIND, user_id)) as news:
            async for text in news:
                with suppress(ValueError):
                    yield UUID(text)
