"""Batched reads of one request: one round trip for each loader."""

from collections.abc import Sequence

from subgraphs.activity.models.figures import DateRange, TitleFigures
from subgraphs.activity.models.states import TitleMarks
from subgraphs.activity.repository import counts
from subgraphs.activity.repository.counts import RatingCounts
from subgraphs.activity.repository.read_model import ReadModel
from subgraphs.activity.service import figures, reading
from subgraphs.shared.graphql.schema import Loader
from subgraphs.shared.identity import Viewer


class Loaders:
    """The loaders of one request, for its active profile."""

    def __init__(self, read_model: ReadModel, viewer: Viewer) -> None:
        self._read_model = read_model
        self._profile_id = viewer.profile_id
        self.marks_by_title: Loader[str, TitleMarks | None] = Loader(load_fn=self._marks)
        self.ratings_by_title: Loader[str, RatingCounts] = Loader(load_fn=_ratings)
        self.views_by_title: Loader[str, int] = Loader(load_fn=_views)
        self.figures_by_title: Loader[tuple[str, DateRange], TitleFigures] = Loader(load_fn=self._figures)

    async def _marks(self, title_ids: Sequence[str]) -> list[TitleMarks | None]:
        """None for everyone without a profile."""
        if self._profile_id is None:
            return [None] * len(title_ids)
        found = await reading.marks(self._read_model, self._profile_id, title_ids=title_ids)
        return [found.get(title_id) for title_id in title_ids]

    async def _figures(self, keys: Sequence[tuple[str, DateRange]]) -> list[TitleFigures]:
        """Two statements for each range of days, however many titles."""
        found: dict[tuple[str, DateRange], TitleFigures] = {}
        for days in dict.fromkeys(days for _, days in keys):
            of_range = await figures.figures_of([title_id for title_id, each in keys if each == days], days)
            found |= {(title_id, days): each for title_id, each in of_range.items()}
        return [found[key] for key in keys]


async def _ratings(title_ids: Sequence[str]) -> list[RatingCounts]:
    found = await counts.ratings_of_titles(title_ids)
    return [found.get(title_id, RatingCounts()) for title_id in title_ids]


async def _views(title_ids: Sequence[str]) -> list[int]:
    found = await counts.views_of_titles(title_ids)
    return [found.get(title_id, 0) for title_id in title_ids]
