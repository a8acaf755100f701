"""What other domains tell this one. Each may come twice and in any order; workers make them from events and streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from subgraphs.shared.values import MaturityRating


@dataclass(frozen=True, slots=True)
class ProjectedPlayable:
    """Something to play. `maturity_rating` None is unrated; a missing duration is one nobody knows yet."""

    playable_id: str
    duration_seconds: int | None
    maturity_rating: MaturityRating | None


@dataclass(frozen=True, slots=True)
class ProjectedTitle:
    """A title (catalog.title_changed). The highest `version` wins; playables come in playing order."""

    title_id: str
    version: int
    published: bool
    maturity_rating: MaturityRating | None
    playables: Sequence[ProjectedPlayable]


@dataclass(frozen=True, slots=True)
class Watching:
    """How far a profile came in one viewing (an entry of playback:heartbeats).

    `watch_seconds` grows during the session, so that an entry that comes twice counts once. `country` is
    where it was watched, None where nobody said.
    """

    profile_id: str
    title_id: str
    playable_id: str
    session_id: str
    position_seconds: int
    duration_seconds: int
    watch_seconds: int
    device_type: str
    at: datetime
    country: str | None = None
