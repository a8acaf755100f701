"""What may be forgotten."""

from datetime import timedelta

from redis.asyncio.client import Pipeline

from subgraphs.activity.config import ENGAGEMENT_STREAM
from subgraphs.catalog.config import UNINDEXED_STREAM
from subgraphs.playback.config import HEARTBEAT_STREAM
from subgraphs.shared.outbox import forget_relayed
from workers.services import Services

KEEP_RELAYED = timedelta(days=7)
"""How long events stay in the outbox after they were relayed: long enough to look into a fault."""

KEEP_ENTRIES = timedelta(days=1)
"""How long entries stay on a stream: every reader has had them long before, unless it failed all day."""


async def reseal_values(services: Services) -> int:
    """Move what is sealed under an older key to the current one and return how much; then the old key can go."""
    return sum(each.moved for each in (await services.users.reseal()).values())


async def trim_streams(services: Services) -> int:
    """Drop entries of the streams that are a day old and return how many; Valkey keeps them in memory until then."""
    oldest = int((services.clock() - KEEP_ENTRIES).timestamp() * 1000)

    def fill(pipe: Pipeline) -> None:
        for stream in (HEARTBEAT_STREAM, ENGAGEMENT_STREAM, UNINDEXED_STREAM):
            pipe.xtrim(stream, minid=str(oldest), approximate=False)

    return sum(await services.streams.pipeline(fill))


async def forget_old_events(services: Services) -> int:
    """Delete events that were relayed a week ago and return how many."""
    before = services.clock() - KEEP_RELAYED
    forgotten = 0
    for database in services.outboxes.values():
        async with database.writing() as session:
            forgotten += await forget_relayed(session, before=before)
    return forgotten
