"""What other domains tell this one. Each may come twice and in any order; workers make them from events and streams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from subgraphs.shared.values import MaturityRating, Tier, age_floor


@dataclass(frozen=True, slots=True)
class GenreName:
    """A genre of a title with its name in each locale."""

    slug: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CreditedPerson:
    """A person of a title; `role` is catalog's CreditRole."""

    person_id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class TitleFeatures:
    """A title as catalog published it (catalog.title_changed). The highest `version` of a title wins."""

    title_id: str
    version: int
    published: bool
    kind: str
    names: Mapping[str, str]
    genres: Sequence[GenreName] = ()
    people: Sequence[CreditedPerson] = ()
    languages: Sequence[str] = ()
    release_date: date | None = None
    maturity_rating: MaturityRating | None = None
    required_tier: Tier = Tier.FREE
    available_from: datetime | None = None
    available_until: datetime | None = None
    countries: Sequence[str] | None = None

    @property
    def age_floor(self) -> int:
        """The youngest age in years that may see the title; unrated counts as 18."""
        return age_floor(self.maturity_rating)


@dataclass(frozen=True, slots=True)
class Play:
    """A moment of watching (an entry of playback:heartbeats)."""

    profile_id: str
    title_id: str
    position_seconds: float
    duration_seconds: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Engagement:
    """What a profile said about a title (an entry of activity:engagement).

    `kind` is RATED with `value` −1, 0 or 1, WATCHLISTED, UNWATCHLISTED, or HISTORY_CLEARED without a title.
    """

    kind: str
    profile_id: str
    at: datetime
    title_id: str | None = None
    value: int | None = None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """The tier that an account has, until when (billing.entitlement_changed). The highest `version` wins."""

    user_id: str
    tier: Tier
    version: int
    until: datetime | None = field(default=None)


@dataclass(frozen=True, slots=True)
class CollectedTitles:
    """The titles of a collection, in order (catalog.collection_changed). The highest `version` wins; one that was
    deleted never comes back."""

    collection_id: str
    version: int
    title_ids: Sequence[str]
    is_deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Whether a profile objects to personal rows (users.personalization_changed). The newest `at` wins."""

    profile_id: str
    is_opted_out: bool
    at: datetime
