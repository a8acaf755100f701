"""Batched reads of one request: one round trip for each loader."""

from collections.abc import Sequence

from subgraphs.activity.models.figures import DateRange, TitleFigures
from subgraphs.activity.models.states import TitleMarks
from subgraphs.activity.repository import counts
from subgraphs.activity.repository.counts import RatingCounts
from subgraphs.activity.repository.read_model import ReadModel
from subgraphs.activity.service import figures, reading
from subgraphs.shared.graphql.schema import loader_method
from subgraphs.shared.identity import Viewer


class Loaders:
    """The loaders of one request, for its active profile."""

    def __init__(self, read_model: ReadModel, viewer: Viewer) -> None:
        self._read_model = read_model
        self._profile_id = viewer.profile_id

    @loader_method
    async def marks_by_title(self, title_ids: Sequence[str]) -> list[TitleMarks | None]:
        """None for everyone without a profile."""
        if self._profile_id is None:
            return [None] * len(title_ids)
        found = await reading.marks(self._read_model, self._profile_id, title_ids=title_ids)
        return [found.get(title_id) for title_id in title_ids]

    @loader_method
    async def figures_by_title(self, keys: Sequence[tuple[str, DateRange]]) -> list[TitleFigures]:
        """Two statements for each range of days, however many titles."""
        found: dict[tuple[str, DateRange], TitleFigures] = {}
        for days in dict.fromkeys(days for _, days in keys):
            of_range = await figures.figures_of([title_id for title_id, each in keys if each == days], days)
            found |= {(title_id, days): each for title_id, each in of_range.items()}
        return [found[key] for key in keys]

    @loader_method
    async def ratings_by_title(self, title_ids: Sequence[str]) -> list[RatingCounts]:
        """Zeroes where nobody has rated."""
        found = await counts.ratings_of_titles(title_ids)
        return [found.get(title_id, RatingCounts()) for title_id in title_ids]

    @loader_method
    async def views_by_title(self, title_ids: Sequence[str]) -> list[int]:
        """How often each was watched."""
        found = await counts.views_of_titles(title_ids)
        return [found.get(title_id, 0) for title_id in title_ids]
