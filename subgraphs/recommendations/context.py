"""What a resolver can reach during one request."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from subgraphs.recommendations.loaders import Loaders
from subgraphs.recommendations.service.boards import RowReader
from subgraphs.recommendations.service.charts import Charts
from subgraphs.recommendations.service.curating import CuratorDesk
from subgraphs.recommendations.service.tracking import TrackingTokens
from subgraphs.shared.identity import Viewer


@dataclass(frozen=True, slots=True)
class Context:
    """Built by app.py for each request; tests may build it by hand."""

    viewer: Viewer
    now: datetime
    rows: RowReader
    charts: Charts
    tokens: TrackingTokens
    loaders: Loaders
    curators: CuratorDesk

    def words_of_viewer(self) -> Hashable:
        """Return all that fields of kept answers read here: what the viewer's locales are made of. Tokens are the same
        for everybody."""
        return self.viewer.profile_locale, self.viewer.accept_locale
