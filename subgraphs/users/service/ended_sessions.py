"""Sessions that are ended before their time, told to the account's open subscriptions.

Who is not looking finds out by the list of sessions, or when a token is refused.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from subgraphs.shared.live import LiveFeed
from subgraphs.users.repository.sessions import ENDED, StoredSession, ended_session


class EndedSessions:
    """What `SessionStore` tells of the sessions that it ends."""

    def __init__(self, feed: LiveFeed) -> None:
        self._feed = feed

    async def follow(self, user_id: UUID) -> AsyncGenerator[tuple[str, StoredSession], None]:
        """Yield the account's sessions as they are ended, with their ids, until the generator is closed.

        Raises:
            ServiceUnavailableError: Valkey is gone; the client subscribes again.
        """
        async with aclosing(self._feed.follow(ENDED, user_id)) as news:
            async for text in news:
                ended = ended_session(text)
                if ended is not None:
                    yield ended
