"""Reads of one request: the viewer's tier and the ads in flight, each at most once."""

import asyncio
from collections.abc import Sequence

from subgraphs.ads import repository
from subgraphs.ads.models import Candidate
from subgraphs.shared.clock import Clock
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database
from subgraphs.shared.values import Tier


class Loaders:
    """What every slot and every video of a request shares."""

    def __init__(self, database: Database, viewer: Viewer, *, clock: Clock) -> None:
        self._database = database
        self._viewer = viewer
        self._clock = clock
        self._shows_ads: asyncio.Task[bool] | None = None
        self._candidates: asyncio.Task[Sequence[Candidate]] | None = None

    async def shows_ads(self) -> bool:
        """Whether the viewer sees ads: never in a kids profile, never with PREMIUM.

        Neither kids profiles nor anonymous viewers cost a statement.
        """
        if self._shows_ads is None:
            self._shows_ads = asyncio.create_task(self._read_shows_ads())
        return await self._shows_ads

    async def candidates(self) -> Sequence[Candidate]:
        """Return the creatives that may be shown to the viewer; none to one who sees no ads."""
        if self._candidates is None:
            self._candidates = asyncio.create_task(self._read_candidates())
        return await self._candidates

    async def _read_shows_ads(self) -> bool:
        if self._viewer.is_kids:
            return False
        if self._viewer.user_id is None:
            return True
        tier = await repository.tier_of(self._database, self._viewer.user_id, now=self._clock())
        return tier is Tier.FREE

    async def _read_candidates(self) -> Sequence[Candidate]:
        if not await self.shows_ads():
            return []
        return await repository.candidates(self._database, country=self._viewer.country, now=self._clock())
