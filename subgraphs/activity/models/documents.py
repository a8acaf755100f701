"""MongoDB documents of the activity subgraph: everything a profile did and said, durably."""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel


class WatchState(Document):
    """How far a profile has come in a playable; `id` is `<profile>|<playable>`."""

    id: str  # type: ignore[assignment]  # Beanie lets a document choose the type of its id
    profile_id: str
    title_id: str
    playable_id: str
    position_seconds: int
    duration_seconds: int
    watched: bool
    last_watched_at: datetime

    class Settings:
        name = "watch_states"
        indexes: ClassVar = [
            IndexModel([("profile_id", ASCENDING), ("title_id", ASCENDING)], name="profile_title"),
            IndexModel([("title_id", ASCENDING)], name="title"),
        ]


class HistoryEntry(Document):
    """One viewing; `id` is the playback session's uuid. Where it was is not known of the oldest."""

    id: str  # type: ignore[assignment]  # Beanie lets a document choose the type of its id
    profile_id: str
    title_id: str
    playable_id: str
    position_seconds: int
    duration_seconds: int
    watch_seconds: int
    device_type: str
    watched_at: datetime
    country: str | None = None

    class Settings:
        name = "history"
        indexes: ClassVar = [
            IndexModel([("profile_id", ASCENDING), ("watched_at", DESCENDING), ("_id", DESCENDING)], name="newest"),
            IndexModel([("title_id", ASCENDING), ("watched_at", ASCENDING)], name="title"),
        ]


class PastViews(Document):
    """How many viewings of a title were deleted from the history, of nobody any more; `id` is the title's.

    `counted` are the ids of those among them that are being deleted.
    """

    id: str  # type: ignore[assignment]  # Beanie lets a document choose the type of its id
    views: int
    counted: list[str] = Field(default_factory=list)

    class Settings:
        name = "past_views"


class WatchlistEntry(Document):
    """A title on a profile's list; `id` is `<profile>|<title>`."""

    id: str  # type: ignore[assignment]  # Beanie lets a document choose the type of its id
    profile_id: str
    title_id: str
    added_at: datetime

    class Settings:
        name = "watchlist"
        indexes: ClassVar = [IndexModel([("profile_id", ASCENDING)], name="profile")]


class Rating(Document):
    """What a profile thinks of a title: −1 or 1; no document is 0. `id` is `<profile>|<title>`."""

    id: str  # type: ignore[assignment]  # Beanie lets a document choose the type of its id
    profile_id: str
    title_id: str
    value: int
    rated_at: datetime

    class Settings:
        name = "ratings"
        indexes: ClassVar = [
            IndexModel([("profile_id", ASCENDING)], name="profile"),
            IndexModel([("title_id", ASCENDING), ("value", ASCENDING)], name="title_value"),
        ]


class Dismissal(Document):
    """A title hidden from continue watching until it is played again; `id` is `<profile>|<title>`."""

    id: str  # type: ignore[assignment]  # Beanie lets a document choose the type of its id
    profile_id: str
    title_id: str
    dismissed_at: datetime

    class Settings:
        name = "dismissals"
        indexes: ClassVar = [IndexModel([("profile_id", ASCENDING)], name="profile")]


class HistoryClearing(Document):
    """When a profile last cleared its history; `id` is the profile. Viewings before it must not come back."""

    id: str  # type: ignore[assignment]  # Beanie lets a document choose the type of its id
    cleared_at: datetime

    class Settings:
        name = "history_clearings"


class PlayableFacts(BaseModel):
    """A playable inside a title document. `age_floor` in years."""

    playable_id: str
    duration_seconds: int | None
    age_floor: int


class TitleDocument(Document):
    """The projection of a title; `id` is its global id. Playables come in playing order."""

    id: str  # type: ignore[assignment]  # Beanie lets a document choose the type of its id
    version: int
    published: bool
    age_floor: int
    playables: list[PlayableFacts]

    class Settings:
        name = "titles"


DOCUMENTS = (WatchState, HistoryEntry, PastViews, WatchlistEntry, Rating, Dismissal, HistoryClearing, TitleDocument)
