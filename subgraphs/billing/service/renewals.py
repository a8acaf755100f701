"""What is due when periods end: renewals to charge, retries, subscriptions to end, and renewals to tell of."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.billing import repository
from subgraphs.billing.models import Payment, PaymentPurpose, Plan, Subscription
from subgraphs.billing.service.charging import begin_payment
from subgraphs.billing.service.proration import plan_name
from subgraphs.billing.service.subscriptions import end, plan_of
from subgraphs.billing.service.terms import Terms
from subgraphs.shared.postgres import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class Due:
    """What one batch began: payments to collect after the commit, and how many subscriptions ended."""

    payments: list[Payment]
    ended: int


async def begin_due(session: WriteSession, *, limit: int, now: datetime, terms: Terms) -> Due:
    """Begin what is due of at most so many subscriptions; those that another worker holds are left to it."""
    payments: list[Payment] = []
    ended = 0
    charge_until = now + terms.renewal_lead
    for subscription in await repository.lock_due(session, now=now, charge_until=charge_until, limit=limit):
        if subscription.cancel_at_period_end:
            plan = await plan_of(session, subscription.plan_id)
            await end(session, subscription, plan, now=now, grace=terms.grace)
            ended += 1
            continue
        payment = await _begin_renewal(session, subscription, now=now)
        if payment is not None:
            payments.append(payment)
    return Due(payments, ended)


async def _begin_renewal(session: WriteSession, subscription: Subscription, *, now: datetime) -> Payment | None:
    """Return the payment of the next period; None when another worker began it."""
    plan_id, price_minor = await _next_period(session, subscription)
    period_end = subscription.current_period_end.isoformat()
    return await begin_payment(
        session,
        subscription,
        purpose=PaymentPurpose.RENEWAL,
        plan_id=plan_id,
        price_minor=price_minor,
        credit_minor=0,
        key=f"renewal:{subscription.id}:{period_end}:{subscription.failed_charges}",
        now=now,
    )


async def _next_period(session: ReadSession | WriteSession, subscription: Subscription) -> tuple[UUID, int]:
    """Return the plan and the price of the next period."""
    if subscription.scheduled_plan_id is None:
        return subscription.plan_id, subscription.price_minor
    plan = await plan_of(session, subscription.scheduled_plan_id)
    return plan.id, plan.price_minor


@dataclass(frozen=True, slots=True)
class Renewal:
    """A subscription that goes on at `renews_at` for the price, in minor units of the currency."""

    subscription_id: UUID
    user_id: str
    plan_name: str
    plan_names: dict[str, str]
    """By locale."""
    price_minor: int
    currency: str
    renews_at: datetime


async def upcoming_renewals(session: ReadSession, *, since: datetime, until: datetime) -> list[Renewal]:
    """Return the renewals from `since` on and before `until`; those that were cancelled for the period's end not.

    Plan and price are those of the next period, which may be of another plan.
    """
    plans = {plan.id: plan for plan in await repository.plans(session)}
    return [_renewal(row, plans) for row in await repository.renewals_between(session, since, until)]


def _renewal(row: Subscription, plans: dict[UUID, Plan]) -> Renewal:
    scheduled = plans[row.scheduled_plan_id] if row.scheduled_plan_id else None
    plan = scheduled or plans[row.plan_id]
    return Renewal(
        subscription_id=row.id,
        user_id=row.user_id,
        plan_name=plan_name(plan),
        plan_names=plan.names,
        price_minor=scheduled.price_minor if scheduled else row.price_minor,
        currency=row.currency,
        renews_at=row.current_period_end,
    )
