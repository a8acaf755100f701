"""What a resolver can reach during one request."""

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
