"""From the worker that wrote a notice to its reader's open subscription: one Valkey channel per account.

Nothing is kept there: who is not looking finds the notice on the list. A message holds the notice's id alone.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from uuid import UUID

from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.redis import Cache
from subgraphs.users.service.notifications.sending import Written

_POLL_SECONDS = 5.0


class LiveNotices:
    """Tells open subscriptions of new notices."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

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

    async def follow(self, user_id: UUID) -> AsyncIterator[UUID]:
        """Yield the ids of the account's new notices until the caller stops.

        Raises:
            ServiceUnavailableError: Valkey is gone; the client subscribes again.
        """
        async with self._cache.client.pubsub(ignore_subscribe_messages=True) as subscription:
            try:
                await subscription.subscribe(self._channel(user_id))
                while True:
                    message = await subscription.get_message(timeout=_POLL_SECONDS)
                    if message is not None:
                        with suppress(ValueError):
                            yield UUID(message["data"])
                    else:
                        await asyncio.sleep(0)
            except (RedisError, OSError) as error:
                raise ServiceUnavailableError("Live notices are not available.") from error

    def _channel(self, user_id: UUID) -> str:
        return self._cache.key("notices", str(user_id))
