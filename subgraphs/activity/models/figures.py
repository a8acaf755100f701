"""Figures of a title over a range of days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days in UTC, both ends among them."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class TitleFigures:
    """How a title was watched. A viewing counts on the day on which it ended; `completed` came to 90 %.

    `by_country` and `by_device` count viewings; a country that nobody said is ZZ. `reached` counts the viewings of a
    known length that came to 0, 10, … 100 % of it, at the furthest.
    """

    views: int = 0
    unique_viewers: int = 0
    watch_seconds: int = 0
    completed: int = 0
    by_country: Mapping[str, int] = field(default_factory=dict)
    by_device: Mapping[str, int] = field(default_factory=dict)
    reached: Sequence[int] = ()
