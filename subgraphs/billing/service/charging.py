"""Payments: begun before the provider is asked, settled once when it has answered.

A payment that was begun and not settled, because a process died in between, is asked for again with its own id as key:
the provider charges a key once. What follows from the answer happens in the transaction that records it.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from subgraphs.billing import repository
from subgraphs.billing.events import PaymentSettled, SubscriptionNews
from subgraphs.billing.gateways.payments import ChargeOutcome
from subgraphs.billing.models import (
    LIVING_STATUSES,
    Payment,
    PaymentPurpose,
    PaymentStatus,
    Plan,
    Subscription,
    SubscriptionStatus,
)
from subgraphs.billing.service.entitlement import access_until
from subgraphs.billing.service.invoicing import issue_invoice
from subgraphs.billing.service.proration import bill_lines, plan_name
from subgraphs.billing.service.subscriptions import announce_state, end, plan_of, tell
from subgraphs.billing.service.terms import Terms
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import WriteSession

_log = structlog.get_logger()


async def begin_payment(
    session: WriteSession,
    subscription: Subscription,
    *,
    purpose: PaymentPurpose,
    plan_id: UUID,
    price_minor: int,
    credit_minor: int,
    key: str,
    now: datetime,
) -> Payment | None:
    """Return a new payment for a period of the plan, to be collected after the commit.

    None, and nothing done, when the key was used before or another payment of the subscription is pending.
    """
    payment = Payment(
        key=key,
        user_id=subscription.user_id,
        subscription_id=subscription.id,
        purpose=purpose,
        plan_id=plan_id,
        price_minor=price_minor,
        credit_minor=credit_minor,
        amount_minor=price_minor - credit_minor,
        currency=subscription.currency,
        provider=subscription.provider,
        payment_token=subscription.payment_token,
        created_at=now,
    )
    return payment if await repository.add_payment(session, payment) else None


async def settle(
    session: WriteSession, payment: Payment, outcome: ChargeOutcome, *, now: datetime, terms: Terms
) -> Payment:
    """Record the provider's answer with everything that follows from it; return the payment as it is then.

    One that was settled meanwhile stays as it was.
    """
    # The subscription first, as everybody locks.
    subscription = await repository.lock_subscription(session, payment.subscription_id)
    locked = await repository.lock_payment(session, payment.id)
    if locked.status is not PaymentStatus.PENDING:
        return locked
    locked.settled_at = now
    locked.method = outcome.method
    locked.failure_code = outcome.failure_code
    locked.status = PaymentStatus.SUCCEEDED if outcome.failure_code is None else PaymentStatus.FAILED
    plan = await plan_of(session, locked.plan_id)
    is_living = subscription.status in LIVING_STATUSES
    if locked.status is PaymentStatus.SUCCEEDED:
        await _bill(session, locked, subscription, plan, terms=terms, now=now)
        if is_living:
            await _begin_period(session, locked, subscription, plan, terms=terms, now=now)
        else:
            # Its account was purged while the provider was asked; somebody has to pay back by hand.
            _log.error("charged_for_ended_subscription", payment_id=str(locked.id))
    elif is_living and locked.purpose is PaymentPurpose.RENEWAL:
        await _note_decline(session, subscription, plan, terms=terms, now=now)
    if is_living:
        await publish(session, [_settled(locked, plan, now=now)])
    return locked


async def note_silence(session: WriteSession, payment: Payment, *, now: datetime, terms: Terms) -> None:
    """Keep the access of an account whose renewal the provider does not answer for, as long as the grace lasts."""
    subscription = await repository.lock_subscription(session, payment.subscription_id)
    locked = await repository.lock_payment(session, payment.id)
    is_waiting = locked.status is PaymentStatus.PENDING and locked.purpose is PaymentPurpose.RENEWAL
    if is_waiting and subscription.status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.TRIALING):
        subscription.status = SubscriptionStatus.PAST_DUE
        subscription.status_changed_at = now
        await announce_state(session, subscription, now=now, grace=terms.grace)


async def _bill(
    session: WriteSession, payment: Payment, subscription: Subscription, plan: Plan, *, terms: Terms, now: datetime
) -> None:
    before = await plan_of(session, subscription.plan_id)
    lines = bill_lines(
        plan_name(plan), payment.price_minor, credit_for=plan_name(before), credit_minor=payment.credit_minor
    )
    await issue_invoice(session, payment, lines, billing_state=subscription.billing_state, seller=terms.seller, now=now)


async def _begin_period(
    session: WriteSession, payment: Payment, subscription: Subscription, plan: Plan, *, terms: Terms, now: datetime
) -> None:
    """Give the subscription the period that was paid, of the plan that was paid."""
    was_declined = subscription.failed_charges > 0
    is_other_plan = subscription.plan_id != plan.id
    if payment.purpose is PaymentPurpose.CHANGE:
        # The moment for which the credit was computed.
        start = payment.created_at
    else:
        # Time without access is not paid for.
        lost = now - access_until(subscription, grace=terms.grace)
        start = subscription.current_period_end + max(lost, timedelta(0))
    subscription.current_period_start = start
    subscription.current_period_end = start + timedelta(days=plan.interval_days)
    subscription.plan_id = plan.id
    subscription.price_minor = payment.price_minor
    subscription.scheduled_plan_id = None
    subscription.failed_charges = 0
    subscription.next_retry_at = None
    if subscription.status is not SubscriptionStatus.ACTIVE:
        subscription.status = SubscriptionStatus.ACTIVE
        subscription.status_changed_at = now
    await announce_state(session, subscription, now=now, grace=terms.grace)
    until = subscription.current_period_end
    if is_other_plan:
        await tell(session, subscription, SubscriptionNews.CHANGED, plan=plan, until=until, now=now)
    elif was_declined:
        await tell(session, subscription, SubscriptionNews.RECOVERED, plan=plan, until=until, now=now)


async def _note_decline(
    session: WriteSession, subscription: Subscription, plan: Plan, *, terms: Terms, now: datetime
) -> None:
    """Have the charge be tried again later, or end the subscription after the last time."""
    subscription.failed_charges += 1
    gap = terms.retry_after(subscription.failed_charges)
    if gap is None:
        await end(session, subscription, plan, now=now, grace=terms.grace)
        return
    subscription.next_retry_at = now + gap
    if subscription.status is not SubscriptionStatus.PAST_DUE:
        subscription.status = SubscriptionStatus.PAST_DUE
        subscription.status_changed_at = now
    await announce_state(session, subscription, now=now, grace=terms.grace)
    if subscription.failed_charges == 1:
        until = access_until(subscription, grace=terms.grace)
        await tell(session, subscription, SubscriptionNews.OVERDUE, plan=plan, until=until, now=now)


def _settled(payment: Payment, plan: Plan, *, now: datetime) -> PaymentSettled:
    return PaymentSettled(
        occurred_at=now,
        user_id=payment.user_id,
        payment_id=encode_id("Payment", payment.id),
        plan=plan_name(plan),
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        failure_code=payment.failure_code,
        plan_names=plan.names,
    )
