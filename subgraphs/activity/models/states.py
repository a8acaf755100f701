"""How far a profile has come in a title, as the rules see it and the read model holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PlayState:
    """How far a profile has come in a playable."""

    playable_id: str
    position_seconds: int
    duration_seconds: int
    watched: bool
    last_watched_at: datetime


PlayStates = Mapping[str, PlayState]
"""States of the playables of one title, by playable."""


@dataclass(frozen=True, slots=True)
class ContinueItem:
    """A row of continue watching. `age_floor` in years is the playable's, so that limits hold when they change."""

    title_id: str
    playable_id: str
    position_seconds: int
    duration_seconds: int
    last_watched_at: datetime
    is_next_episode: bool
    age_floor: int

    @property
    def percent(self) -> float:
        """The position as a percentage of the duration, cut to one decimal; 0 for an unknown length."""
        if self.duration_seconds <= 0:
            return 0.0
        return (self.position_seconds * 1000 // self.duration_seconds) / 10


@dataclass(frozen=True, slots=True, eq=False)
class TitleMarks:
    """What a profile did with a title. `rating` None is nobody's: there is no profile.

    Never changed, and equal only to itself: what is made of it is found by it.
    """

    states: PlayStates
    rating: int | None
    in_watchlist: bool


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One viewing."""

    session_id: str
    title_id: str
    playable_id: str
    position_seconds: int
    duration_seconds: int
    watch_seconds: int
    device_type: str
    watched_at: datetime
    country: str | None = None

    @property
    def completion_percent(self) -> float:
        """How far the viewing came as a percentage, cut to one decimal; 0 for an unknown length."""
        if self.duration_seconds <= 0:
            return 0.0
        return (self.position_seconds * 1000 // self.duration_seconds) / 10
