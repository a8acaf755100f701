"""The enums of this domain. Their GraphQL texts are in types/words.py."""

from datetime import timedelta
from enum import Enum


class PageSlug(Enum):
    """The pages that are made of trays."""

    HOME = "HOME"
    MOVIES = "MOVIES"
    SHOWS = "SHOWS"
    KIDS = "KIDS"


class TrayKind(Enum):
    """What a tray is about."""

    RECOMMENDED = "RECOMMENDED"
    BECAUSE_YOU_WATCHED = "BECAUSE_YOU_WATCHED"
    TRENDING = "TRENDING"
    TOP_10 = "TOP_10"
    NEW_RELEASES = "NEW_RELEASES"
    GENRE = "GENRE"
    LANGUAGE = "LANGUAGE"
    FREE_TO_WATCH = "FREE_TO_WATCH"
    EDITORIAL = "EDITORIAL"


class TrayLayout(Enum):
    """How a client should draw a tray."""

    SPOTLIGHT = "SPOTLIGHT"
    POSTER = "POSTER"
    LANDSCAPE = "LANDSCAPE"
    RANKED = "RANKED"


class RowSource(Enum):
    """The rule that fills a tray; GENRE, LANGUAGE and COLLECTION take an argument: a slug, a language, an id.

    COLLECTION fills it with the titles of a collection, COLLECTIONS with collections themselves.
    """

    RECOMMENDED = "RECOMMENDED"
    BECAUSE_YOU_WATCHED = "BECAUSE_YOU_WATCHED"
    TRENDING = "TRENDING"
    NEW_RELEASES = "NEW_RELEASES"
    FREE_TO_WATCH = "FREE_TO_WATCH"
    GENRE = "GENRE"
    LANGUAGE = "LANGUAGE"
    COLLECTION = "COLLECTION"
    COLLECTIONS = "COLLECTIONS"

    @property
    def is_personal(self) -> bool:
        """True when the row is made from what one profile did."""
        return self is RowSource.RECOMMENDED or self is RowSource.BECAUSE_YOU_WATCHED


class Segment(Enum):
    """What is known of a viewer's habits, as far as trays are aimed by it."""

    GUEST = "GUEST"
    NEWCOMER = "NEWCOMER"
    REGULAR = "REGULAR"


class ReasonKind(Enum):
    """Why a title is shown."""

    BECAUSE_YOU_WATCHED = "BECAUSE_YOU_WATCHED"
    SAME_GENRE = "SAME_GENRE"
    SAME_CAST = "SAME_CAST"
    SAME_DIRECTOR = "SAME_DIRECTOR"
    LANGUAGE_MATCH = "LANGUAGE_MATCH"
    TRENDING = "TRENDING"
    NEW_FOR_YOU = "NEW_FOR_YOU"
    EDITORIAL = "EDITORIAL"


class TrendPeriod(Enum):
    """The time over which plays count."""

    H24 = "H24"
    D7 = "D7"
    D30 = "D30"

    @property
    def length(self) -> timedelta:
        """How far back plays count."""
        return {"H24": timedelta(hours=24), "D7": timedelta(days=7), "D30": timedelta(days=30)}[self.value]
