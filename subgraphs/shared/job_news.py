"""From the worker that does a job to whoever watches it: an import, an encoding.

The news says only that there is something new; who hears it reads the job. Who misses it looks again soon anyway.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any, TypeVar
from uuid import UUID

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.live import LiveFeed
from subgraphs.shared.postgres import Database, ReadSession
from subgraphs.shared.redis import Cache

LOOK_AGAIN_SECONDS = 3.0

_KIND = "jobs"

Job = TypeVar("Job")


def _has_ended(job: Any) -> bool:
    return job.finished_at is not None


async def announce(cache: Cache, owner: str, watched_id: UUID) -> None:
    """Tell whoever watches the job, or what the job is about, after the commit.

    Args:
        cache: Of any prefix; one that is away is no error.
        owner: The subgraph that has the job, which is the prefix of its own cache.
        watched_id: What is watched.
    """
    with suppress(ServiceUnavailableError):
        await cache.run(lambda client: client.publish(f"{owner}:{_KIND}:{watched_id}", ""))


async def watch(
    feed: LiveFeed,
    database: Database,
    watched_id: UUID,
    *,
    read: Callable[[ReadSession, UUID], Awaitable[Job | None]],
    is_finished: Callable[[Job], bool] = _has_ended,
) -> AsyncGenerator[Job, None]:
    """Yield the job as it is now, and again whenever it has changed, until it is finished or gone.

    Args:
        feed: Brings the news, of the cache of the subgraph; while that is away the job is only looked at now and then.
        database: Where the job is.
        watched_id: As it is announced.
        read: Returns the job as it is, by what is watched.
        is_finished: Whether nothing more will change; else what has a `finished_at` is finished.
    """
    seen: Job | None = None
    async with aclosing(feed.follow(_KIND, watched_id)) as news:
        hearing = asyncio.ensure_future(anext(news))
        try:
            while (job := await _read(database, watched_id, read)) is not None:
                if job != seen:
                    seen = job
                    yield job
                if is_finished(job):
                    return
                await asyncio.wait({hearing}, timeout=LOOK_AGAIN_SECONDS)
                if hearing.done():
                    hearing = asyncio.ensure_future(_next(news, hearing))
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)


async def _read(
    database: Database, watched_id: UUID, read: Callable[[ReadSession, UUID], Awaitable[Job | None]]
) -> Job | None:
    async with database.reading() as session:
        return await read(session, watched_id)


async def _next(news: AsyncGenerator[str, None], last: "asyncio.Future[str]") -> str:
    """Return the next news; once there are none any more, none ever comes."""
    if last.exception() is not None:
        await asyncio.Event().wait()
    return await anext(news)
