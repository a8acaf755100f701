"""Telling whoever watches a job of the catalog, an import or a bulk operation, that it has come further."""

from uuid import UUID

from subgraphs.shared import job_news
from subgraphs.shared.redis import Cache

_OWNER = "catalog"


async def announce(cache: Cache, job_id: UUID) -> None:
    """Tell of the job, after the commit. A cache of any prefix will do; one that is away is no error."""
    await job_news.announce(cache, _OWNER, job_id)
