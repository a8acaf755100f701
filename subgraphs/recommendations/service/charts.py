"""What is read straight from PostgreSQL for a viewer: charts, similar titles, whether titles are visible at all."""

from collections.abc import Sequence

from subgraphs.recommendations.models.rows import RowEntry
from subgraphs.recommendations.models.tables import Trend
from subgraphs.recommendations.models.words import TrendPeriod
from subgraphs.recommendations.repository import boards, neighbours, trends
from subgraphs.recommendations.repository.visibility import Audience
from subgraphs.recommendations.service.ranking import rank_similar
from subgraphs.shared.clock import Clock
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database

SIMILAR_AT_MOST = 100


class Charts:
    """Reads for one viewer at a time; each method is one statement."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def visible_titles(self, title_ids: Sequence[str], *, viewer: Viewer) -> set[str]:
        """Return those of the ids that exist and that the viewer may see."""
        async with self._database.reading() as session:
            return await neighbours.visible_title_ids(session, title_ids, audience=self._audience(viewer))

    async def similar_titles(self, title_ids: Sequence[str], *, viewer: Viewer) -> dict[str, Sequence[RowEntry]]:
        """Return the titles like each one, most alike first; a hidden title has none."""
        async with self._database.reading() as session:
            found = await neighbours.neighbours_of(session, title_ids, audience=self._audience(viewer))
        return {title_id: rank_similar(seed, pool, limit=SIMILAR_AT_MOST) for title_id, (seed, pool) in found.items()}

    async def trends(
        self, keys: Sequence[tuple[str, TrendPeriod]], *, viewer: Viewer
    ) -> dict[tuple[str, TrendPeriod], Trend]:
        """Return the places of titles in charts; a title without plays, or hidden, has none."""
        async with self._database.reading() as session:
            return await trends.trends_by_title(
                session,
                list({title_id for title_id, _ in keys}),
                periods=list({period for _, period in keys}),
                audience=self._audience(viewer),
            )

    async def chart(self, period: TrendPeriod, *, viewer: Viewer, first: int) -> list[RowEntry]:
        """Return the most watched titles of the period that the viewer may see, the leader first."""
        async with self._database.reading() as session:
            return await boards.chart(session, period, audience=self._audience(viewer), limit=first)

    def _audience(self, viewer: Viewer) -> Audience:
        return Audience(viewer.age_limit, self._clock(), viewer.country)
