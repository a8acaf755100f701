"""What mutations of this subgraph answer."""

import strawberry

from subgraphs.activity.types.titles import Title
from subgraphs.shared.graphql.payloads import UserError


@strawberry.type(description="Outcome of a change of the watchlist.")
class WatchlistPayload:
    title: Title | None = strawberry.field(default=None, description="The title; null when nothing was done.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What to mend: TITLE_NOT_FOUND, INVALID_ID."
    )


@strawberry.type(description="Outcome of a rating.")
class RatePayload:
    title: Title | None = strawberry.field(default=None, description="The title; null when nothing was done.")
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="What to mend: RATING_OUT_OF_RANGE, TITLE_NOT_FOUND, INVALID_ID."
    )
