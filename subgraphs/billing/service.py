"""Rules of the billing subgraph: what a subscription entitles to, what a plan saves, starting a subscription."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from subgraphs.billing import repository
from subgraphs.billing.errors import AlreadySubscribedError, UnknownPlanError
from subgraphs.billing.events import EntitlementChanged
from subgraphs.billing.models import Interval, Plan, Subscription, SubscriptionStatus
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import ReadSession, WriteSession
from subgraphs.shared.privacy import DataSubject, Records
from subgraphs.shared.values import Tier

_ONE_DAY = timedelta(days=1)
_PAID_FOR = frozenset({SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE})


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
    if subscription.status in _PAID_FOR:
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


def discount_percent(plan: Plan, *, monthly_price_minor: int) -> float | None:
    """Return what the plan saves against paying monthly, in percent with one decimal, rounded down.

    None for a plan that saves nothing, the monthly one above all.
    """
    full_price_minor = monthly_price_minor * plan.interval.months
    saved_minor = full_price_minor - plan.price_minor
    if saved_minor <= 0:
        return None
    return saved_minor * 1000 // full_price_minor / 10


@dataclass(frozen=True, slots=True)
class PlanBook:
    """Every plan in the order of sale, archived ones too: subscriptions refer to them still."""

    plans: Sequence[Plan]

    @property
    def on_sale(self) -> list[Plan]:
        """The plans that can be bought."""
        return [plan for plan in self.plans if not plan.is_archived]

    def by_id(self, plan_id: UUID) -> Plan | None:
        """Return the plan."""
        return next((plan for plan in self.plans if plan.id == plan_id), None)

    def discount_percent(self, plan: Plan) -> float | None:
        """Return what the plan saves against the monthly plan on sale of its tier; None without one."""
        for monthly in self.on_sale:
            if monthly.interval is Interval.MONTH and (monthly.tier, monthly.currency) == (plan.tier, plan.currency):
                return discount_percent(plan, monthly_price_minor=monthly.price_minor)
        return None


def plans_to_offer(book: PlanBook, *, required_tier: Tier, entitlement: Entitlement) -> list[Plan]:
    """Return the plans that would let the viewer play; empty when nothing needs to be bought."""
    if required_tier is Tier.FREE or entitlement.tier is Tier.PREMIUM:
        return []
    return [plan for plan in book.on_sale if plan.tier is required_tier]


async def entitlement_of_user(
    session: ReadSession | WriteSession, user_id: str, *, now: datetime, grace: timedelta
) -> Entitlement:
    """Return what the account may play now."""
    found = await repository.current_subscriptions(session, [user_id])
    return entitlement_of(found.get(user_id), now=now, grace=grace)


async def start_subscription(
    session: WriteSession,
    user_id: str,
    *,
    plan_code: str,
    now: datetime,
    starts_at: datetime | None = None,
) -> Subscription:
    """Return the account's new, paid subscription and announce what it entitles to, in the same transaction.

    Args:
        session: The caller's transaction.
        user_id: Global id of the account.
        plan_code: Code of a plan on sale.
        now: The present moment.
        starts_at: Start of the first period, `now` unless given; the period lasts the plan's days, exactly.

    Raises:
        UnknownPlanError: No plan on sale has the code.
        AlreadySubscribedError: The account has a subscription that has not ended. Nothing was changed.
    """
    plan = await repository.plan_on_sale(session, plan_code)
    if plan is None:
        raise UnknownPlanError(plan_code)
    start = starts_at or now
    subscription = Subscription(
        user_id=user_id,
        plan_id=plan.id,
        status=SubscriptionStatus.ACTIVE,
        status_changed_at=now,
        current_period_start=start,
        current_period_end=start + timedelta(days=plan.interval_days),
        price_minor=plan.price_minor,
        currency=plan.currency,
        created_at=now,
    )
    if not await repository.add_subscription(session, subscription):
        raise AlreadySubscribedError
    # No grace to add: the subscription is paid for.
    entitlement = entitlement_of(subscription, now=now, grace=timedelta(0))
    await announce(session, user_id, entitlement, now=now)
    return subscription


async def announce(session: WriteSession, user_id: str, entitlement: Entitlement, *, now: datetime) -> None:
    """Publish what the account may play from now on; call it in the transaction that changed it."""
    version = await repository.next_entitlement_version(session, user_id)
    event = EntitlementChanged(
        occurred_at=now, user_id=user_id, tier=entitlement.tier, until=entitlement.until, version=version
    )
    await publish(session, [event])


@dataclass(frozen=True, slots=True)
class Renewal:
    """A subscription that goes on at `renews_at` for the price, in minor units of the currency."""

    subscription_id: UUID
    user_id: str
    plan_name: str
    price_minor: int
    currency: str
    renews_at: datetime


async def upcoming_renewals(session: ReadSession, *, since: datetime, until: datetime) -> list[Renewal]:
    """Return the renewals from `since` on and before `until`; those that were cancelled for the period's end not."""
    names = {plan.id: plan.names["en"] for plan in await repository.plans(session)}
    return [
        Renewal(
            subscription_id=row.id,
            user_id=row.user_id,
            plan_name=names[row.plan_id],
            price_minor=row.price_minor,
            currency=row.currency,
            renews_at=row.current_period_end,
        )
        for row in await repository.renewals_between(session, since, until)
    ]


async def export_account(session: ReadSession, subject: DataSubject) -> Records:
    """Return the account's subscriptions."""
    return {
        "subscriptions": [
            {
                "status": row.status.value,
                "period_start": row.current_period_start.isoformat(),
                "period_end": row.current_period_end.isoformat(),
                "price_minor": row.price_minor,
                "currency": row.currency,
                "created_at": row.created_at.isoformat(),
            }
            for row in await repository.subscriptions_of(session, subject.user_id)
        ]
    }


async def forget_accounts(session: WriteSession, subjects: Sequence[DataSubject], *, now: datetime) -> None:
    """Part the accounts from their subscriptions: what was sold stays for the books, to whom does not."""
    await repository.pseudonymise(session, [subject.user_id for subject in subjects], at=now)
