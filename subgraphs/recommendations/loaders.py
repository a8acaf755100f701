"""Batches of one request: each loader runs one statement for all the keys that are asked for together."""

from collections.abc import Sequence

from subgraphs.recommendations.models.rows import RowEntry
from subgraphs.recommendations.models.tables import Trend
from subgraphs.recommendations.models.words import TrendPeriod
from subgraphs.recommendations.service.charts import Charts
from subgraphs.shared.graphql.schema import loader_method
from subgraphs.shared.identity import Viewer


class Loaders:
    """The loaders of one request, for one viewer."""

    def __init__(self, charts: Charts, viewer: Viewer) -> None:
        self._charts = charts
        self._viewer = viewer

    @loader_method
    async def is_visible_by_title(self, title_ids: list[str]) -> list[bool]:
        """Whether the viewer may see each title."""
        visible = await self._charts.visible_titles(title_ids, viewer=self._viewer)
        return [title_id in visible for title_id in title_ids]

    @loader_method
    async def similar_by_title(self, title_ids: list[str]) -> list[Sequence[RowEntry]]:
        """What is like each title, of what the viewer may see."""
        found = await self._charts.similar_titles(title_ids, viewer=self._viewer)
        return [found.get(title_id, ()) for title_id in title_ids]

    @loader_method
    async def trend_by_title(self, keys: list[tuple[str, TrendPeriod]]) -> list[Trend | None]:
        """How each title stands in a chart."""
        found = await self._charts.trends(keys, viewer=self._viewer)
        return [found.get(key) for key in keys]
