"""What a resolver of the playback subgraph can reach."""

from dataclasses import dataclass
from datetime import datetime

from strawberry.types import Info as StrawberryInfo

from media.storage import ObjectStore
from subgraphs.playback.config import Settings
from subgraphs.playback.loaders import Loaders
from subgraphs.playback.repository.read_model import ReadModel
from subgraphs.playback.repository.stores import Stores
from subgraphs.shared.identity import Viewer
from subgraphs.shared.live import LiveFeed


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, at which moment, and the means to answer."""

    viewer: Viewer
    now: datetime
    settings: Settings
    stores: Stores
    read_model: ReadModel
    loaders: Loaders
    store: ObjectStore
    feed: LiveFeed


Info = StrawberryInfo[Context, None]
