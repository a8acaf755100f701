"""What a subscription admits to: pure rules, and the only place that decides it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from subgraphs.billing.models import RENEWING_STATUSES, Subscription, SubscriptionStatus
from subgraphs.shared.values import Tier

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What an account may play. `until` is not included; None with FREE."""

    tier: Tier
    until: datetime | None


FREE = Entitlement(Tier.FREE, None)


def access_until(subscription: Subscription, *, grace: timedelta) -> datetime:
    """Return the end, not included, of what the subscription admits to.

    Trial and paid: the end of the period, cancelled for its end or not. Payment overdue: the grace after it. Every
    other state admits to nothing since it was entered.
    """
    if subscription.status in RENEWING_STATUSES:
        return subscription.current_period_end
    if subscription.status is SubscriptionStatus.PAST_DUE:
        return subscription.current_period_end + grace
    return subscription.status_changed_at


def entitlement_of(subscription: Subscription | None, *, now: datetime, grace: timedelta) -> Entitlement:
    """Return what the account with this subscription may play now. The only place that decides it."""
    if subscription is None:
        return FREE
    until = access_until(subscription, grace=grace)
    return Entitlement(Tier.PREMIUM, until) if now < until else FREE


def days_left(entitlement: Entitlement, *, now: datetime) -> int | None:
    """Return the started days that are left, 0 during the last 24 hours; None for a free account.

    Requirement CS-08 asks for both: the ceiling, and 0 on the last day. So the count goes from 2 to 0.
    """
    if entitlement.until is None:
        return None
    left = entitlement.until - now
    return 0 if left < _ONE_DAY else ceil(left / _ONE_DAY)
