"""TitleAnalytics: figures of a title, for analysts."""

from collections.abc import Mapping, Sequence
from datetime import date

import strawberry

from subgraphs.activity.models.figures import TitleFigures

ADMIN = ["admin"]
"""The tag of what only staff sees."""


@strawberry.federation.input(tags=ADMIN, description="Days in UTC, both ends among them; at most 366.")
class DateRangeInput:
    from_: date = strawberry.field(name="from", description="The first day.")
    to: date = strawberry.field(description="The last day.")


@strawberry.federation.type(tags=ADMIN, description="How many there are of one kind.")
class CountBucket:
    key: str = strawberry.field(description="The kind: a country, ZZ where it is not known; a kind of device.")
    count: int = strawberry.field(description="How many.")


@strawberry.federation.type(tags=ADMIN, description="How a title was watched over some days.")
class TitleAnalytics:
    views: int = strawberry.field(
        description="Viewings of more than 30 seconds, each on the day on which it ended. What was cleared from a "
        "history is not among them."
    )
    unique_viewers: int = strawberry.field(description="Profiles that watched it.")
    average_watch_seconds: float = strawberry.field(description="Time watched per viewing, in seconds; 0 without any.")
    completion_rate: float = strawberry.field(description="Share of viewings that came to 90 %: 0 to 1.")
    drop_off: list[float] = strawberry.field(
        description="Which share of the viewings came to 0, 10, 20, … 100 % of what plays, at the furthest: eleven "
        "numbers that never rise, the first 1. Empty without viewings of what has a known length."
    )
    by_country: list[CountBucket] = strawberry.field(description="Viewings by country, most first.")
    by_device: list[CountBucket] = strawberry.field(description="Viewings by kind of device, most first.")

    @classmethod
    def of(cls, figures: TitleFigures) -> "TitleAnalytics":
        """Return the GraphQL form of the figures."""
        return cls(
            views=figures.views,
            unique_viewers=figures.unique_viewers,
            average_watch_seconds=figures.watch_seconds / figures.views if figures.views else 0.0,
            completion_rate=figures.completed / figures.views if figures.views else 0.0,
            drop_off=_shares(figures.reached),
            by_country=_buckets(figures.by_country),
            by_device=_buckets(figures.by_device),
        )


def _shares(reached: Sequence[int]) -> list[float]:
    return [count / reached[0] for count in reached] if reached and reached[0] else []


def _buckets(counts: Mapping[str, int]) -> list[CountBucket]:
    most_first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [CountBucket(key=key, count=count) for key, count in most_first]
