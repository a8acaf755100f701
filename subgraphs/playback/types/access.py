"""AccessDecision: the state of a play button."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.playback.service import access
from subgraphs.playback.service.access import AccessReason
from subgraphs.playback.types import words as _words  # noqa: F401  # describes the enums
from subgraphs.shared.graphql.kept import keeps_answers
from subgraphs.shared.values import Quality


@keeps_answers()
@strawberry.type(description="Whether the viewer may play something now, and how.")
class AccessDecision:
    can_play: bool = strawberry.field(description="Whether it plays now.")
    reason: AccessReason = strawberry.field(description="Why it plays, or why it does not.")
    max_quality: Quality | None = strawberry.field(description="Best quality that is served; null if it does not play.")
    with_ads: bool = strawberry.field(description="Whether ads are shown.")
    expires_at: datetime | None = strawberry.field(
        description="Next moment at which the decision may change by itself; null when none is known."
    )

    @classmethod
    def of(cls, decision: access.AccessDecision) -> Self:
        """Return the GraphQL form of a decision."""
        return cls(
            can_play=decision.can_play,
            reason=decision.reason,
            max_quality=decision.max_quality,
            with_ads=decision.with_ads,
            expires_at=decision.expires_at,
        )
