"""Batches of one request: each loader runs one statement for all the keys that are asked for together."""

from collections.abc import Sequence
from dataclasses import dataclass

from subgraphs.recommendations.models.rows import RowEntry
from subgraphs.recommendations.models.tables import Trend
from subgraphs.recommendations.models.words import TrendPeriod
from subgraphs.recommendations.service.charts import Charts
from subgraphs.shared.graphql.schema import Loader
from subgraphs.shared.identity import Viewer


@dataclass(frozen=True, slots=True)
class Loaders:
    """The loaders of one request, for one viewer."""

    is_visible_by_title: Loader[str, bool]
    similar_by_title: Loader[str, Sequence[RowEntry]]
    trend_by_title: Loader[tuple[str, TrendPeriod], Trend | None]


def make_loaders(charts: Charts, viewer: Viewer) -> Loaders:
    """Return fresh loaders."""

    async def is_visible(title_ids: list[str]) -> list[bool]:
        visible = await charts.visible_titles(title_ids, viewer=viewer)
        return [title_id in visible for title_id in title_ids]

    async def similar(title_ids: list[str]) -> list[Sequence[RowEntry]]:
        found = await charts.similar_titles(title_ids, viewer=viewer)
        return [found.get(title_id, ()) for title_id in title_ids]

    async def trend(keys: list[tuple[str, TrendPeriod]]) -> list[Trend | None]:
        found = await charts.trends(keys, viewer=viewer)
        return [found.get(key) for key in keys]

    return Loaders(
        is_visible_by_title=Loader(is_visible),
        similar_by_title=Loader(similar),
        trend_by_title=Loader(trend),
    )
