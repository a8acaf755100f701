"""What a resolver of the activity subgraph can reach."""

from dataclasses import dataclass
from datetime import datetime

from strawberry.types import Info as StrawberryInfo

from subgraphs.activity.loaders import Loaders
from subgraphs.activity.repository.read_model import ReadModel
from subgraphs.shared.identity import Viewer


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, at which moment, and the means to answer."""

    viewer: Viewer
    now: datetime
    read_model: ReadModel
    loaders: Loaders


Info = StrawberryInfo[Context, None]
