"""Events that the recommendations subgraph publishes."""

from datetime import datetime
from typing import ClassVar

from subgraphs.shared.events import Event


class TrendingComputed(Event):
    """A new chart of the most watched titles is in force. `ranks` are title ids, the first one leads."""

    topic: ClassVar[str] = "recommendations.trending_computed"

    computed_at: datetime
    period: str
    ranks: list[str]


class TraysChanged(Event):
    """Curators changed the trays of a page: whatever keeps pages has to read them anew."""

    topic: ClassVar[str] = "recommendations.trays_changed"

    page: str
