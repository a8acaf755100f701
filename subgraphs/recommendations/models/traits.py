"""What a title has in common with others: the input of every score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Traits:
    """A title's genres, people and languages, and what a row keeps of it."""

    title_id: str
    names: Mapping[str, str]
    genres: Sequence[str]
    genre_names: Mapping[str, Mapping[str, str]]
    credits: Sequence[Mapping[str, str]]
    languages: Sequence[str]
    release_date: date | None
    trend_rank: int | None
    available_from: datetime | None
    available_until: datetime | None
    countries: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Signal:
    """What a profile did with one title. `weight` is 0 for a title that was only rated or listed."""

    traits: Traits
    weight: int
    last_at: datetime
    rating: int
    is_watchlisted: bool
