"""Events that the billing subgraph publishes. Ids of accounts are global ids."""

from datetime import datetime
from enum import Enum
from typing import ClassVar

from pydantic import Field

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


class SubscriptionNews(Enum):
    """What happened to a subscription."""

    STARTED = "STARTED"
    CHANGED = "CHANGED"
    """The plan is another one from now on."""
    CHANGE_SCHEDULED = "CHANGE_SCHEDULED"
    """The plan will be `next_plan` from `until` on."""
    CHANGE_WITHDRAWN = "CHANGE_WITHDRAWN"
    ENDING = "ENDING"
    """It will not be renewed at `until`."""
    RESUMED = "RESUMED"
    """It will be renewed at `until` after all."""
    OVERDUE = "OVERDUE"
    """A renewal was not paid; access lasts until `until`."""
    RECOVERED = "RECOVERED"
    """What was overdue is paid."""
    ENDED = "ENDED"


class SubscriptionChanged(Event):
    """Something happened to a subscription. `until` is None where there is no such moment.

    Plans are named in English; `plan_names` and `next_plan_names` have the names by locale.

    Each event tells of another change: repeated, it has the same `event_id`.
    """

    topic: ClassVar[str] = "billing.subscription_changed"

    user_id: str
    subscription_id: str
    news: SubscriptionNews
    plan: str
    next_plan: str | None = None
    until: datetime | None = None
    plan_names: dict[str, str] = Field(default_factory=dict)
    next_plan_names: dict[str, str] = Field(default_factory=dict)


class PaymentSettled(Event):
    """The provider's last word on a payment. `failure_code` is None when it succeeded; one event for each payment.

    The plan is named in English; `plan_names` has its name by locale.
    """

    topic: ClassVar[str] = "billing.payment_settled"

    user_id: str
    payment_id: str
    plan: str
    amount_minor: int
    currency: str
    failure_code: str | None
    plan_names: dict[str, str] = Field(default_factory=dict)
