"""What activity publishes: entries of the Valkey stream `activity:engagement`."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any


class EngagementKind(Enum):
    """What a profile said."""

    RATED = "RATED"
    WATCHLISTED = "WATCHLISTED"
    UNWATCHLISTED = "UNWATCHLISTED"
    HISTORY_CLEARED = "HISTORY_CLEARED"


@dataclass(frozen=True, slots=True)
class Engagement:
    """One entry. `value` is the rating, None for other kinds; a cleared history names no title."""

    kind: EngagementKind
    profile_id: str
    title_id: str | None
    value: int | None
    at: datetime

    def document(self) -> dict[str, Any]:
        """Return the entry as it stands on the stream."""
        return {
            "kind": self.kind.value,
            "profile_id": self.profile_id,
            "title_id": self.title_id,
            "value": self.value,
            "at": self.at.isoformat(),
        }
