"""Events that the billing subgraph publishes."""

from datetime import datetime
from typing import ClassVar

from subgraphs.shared.events import Event
from subgraphs.shared.values import Tier


class EntitlementChanged(Event):
    """An account may play other things than before.

    `user_id` is a global id. `until` is the moment, not included, at which PREMIUM falls back to FREE without a further
    event; None with FREE. `version` grows by one with each event of the account: keep the highest.
    """

    topic: ClassVar[str] = "billing.entitlement_changed"

    user_id: str
    tier: Tier
    until: datetime | None
    version: int
