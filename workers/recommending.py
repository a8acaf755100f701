"""Charts every six hours; personal rows as soon as a profile did something."""

from collections.abc import Sequence
from datetime import timedelta

from subgraphs.recommendations.service import Engagement, Play
from workers.services import Services

CHECK_EVERY = timedelta(minutes=5)
"""How often the age of the charts is looked at; also the first thing after a start."""

LARGEST_AGE = timedelta(hours=6)
"""No chart gets older than this (FR-PR-004)."""


async def compute_trending_if_stale(services: Services) -> bool:
    """Compute the charts if they would be too old at the next check, or were never computed; return whether we did."""
    computed_at = await services.recommendations.trending_computed_at()
    if computed_at is not None and services.clock() - computed_at + CHECK_EVERY < LARGEST_AGE:
        return False
    await services.recommendations.compute_trending()
    return True


async def consume_plays(services: Services, plays: Sequence[Play]) -> None:
    """Count plays, and rank the rows of the profiles anew for which that changes something."""
    stale = await services.recommendations.record_plays(plays)
    await services.recommendations.refresh_rows(sorted(stale))


async def consume_engagement(services: Services, said: Sequence[Engagement]) -> None:
    """Keep what profiles said, and rank their rows anew."""
    stale = await services.recommendations.record_engagement(said)
    await services.recommendations.refresh_rows(sorted(stale))
