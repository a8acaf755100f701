"""Reads of one request: how the viewer stands to ads, and the ads in flight, each at most once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from subgraphs.ads import repository
from subgraphs.ads.models import Candidate
from subgraphs.shared.clock import Clock
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database
from subgraphs.shared.values import Tier

ADULT_AGE = 18
"""Nobody younger may be profiled for ads, whatever the account agreed to (DPDP Act)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a viewer stands to ads."""

    shows_ads: bool
    targeting_key: str
    """What may single the viewer out when ads are chosen: empty, as for everybody, unless the account agreed."""


class Loaders:
    """What every slot and every video of a request shares."""

    def __init__(self, database: Database, viewer: Viewer, *, clock: Clock) -> None:
        self._database = database
        self._viewer = viewer
        self._clock = clock
        self._standing: asyncio.Task[tuple[Standing, Sequence[Candidate]]] | None = None
        self._candidates: asyncio.Task[Sequence[Candidate]] | None = None

    async def shows_ads(self) -> bool:
        """Whether the viewer sees ads: never in a kids profile, never with PREMIUM.

        Neither kids profiles nor anonymous viewers cost a statement.
        """
        return (await self._own_standing()).shows_ads

    async def targeting_key(self) -> str:
        """Return what may single the viewer out: the account's id with the consent TARGETED_ADS, else nothing.

        Without it, and for a profile that is not an adult's, ads follow the place on the page and the country alone:
        everybody sees the same, and no two answers can be told to be of one viewer.
        """
        return (await self._own_standing()).targeting_key

    async def candidates(self) -> Sequence[Candidate]:
        """Return the creatives that may be shown to the viewer; none to one who sees no ads."""
        if self._viewer.is_kids:
            return []
        if self._viewer.user_id is not None:
            return (await self._read_once(self._viewer.user_id))[1]
        if self._candidates is None:
            found = repository.candidates(self._database, country=self._viewer.country, now=self._clock())
            self._candidates = asyncio.create_task(found)
        return await self._candidates

    async def _own_standing(self) -> Standing:
        viewer = self._viewer
        if viewer.is_kids or viewer.user_id is None:
            return Standing(shows_ads=not viewer.is_kids, targeting_key="")
        return (await self._read_once(viewer.user_id))[0]

    async def _read_once(self, user_id: str) -> tuple[Standing, Sequence[Candidate]]:
        if self._standing is None:
            self._standing = asyncio.create_task(self._read(user_id))
        return await self._standing

    async def _read(self, user_id: str) -> tuple[Standing, Sequence[Candidate]]:
        viewer = self._viewer
        offer = await repository.offer_to(self._database, user_id, country=viewer.country, now=self._clock())
        may_target = offer.has_agreed and viewer.age_limit >= ADULT_AGE
        return Standing(offer.tier is Tier.FREE, user_id if may_target else ""), offer.candidates
