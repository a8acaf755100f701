"""Changing the plan: what it would cost, and beginning it. A better plan is charged; another one waits its turn."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.billing import repository
from subgraphs.billing.errors import (
    AlreadyOnPlanError,
    IdempotencyKeyReusedError,
    NotSubscribedError,
    PaymentInProgressError,
    PaymentOverdueError,
    PlanCurrencyError,
    SubscriptionEndingError,
    UnknownPlanError,
)
from subgraphs.billing.events import SubscriptionNews
from subgraphs.billing.models import (
    RENEWING_STATUSES,
    Payment,
    PaymentPurpose,
    Plan,
    PlanChange,
    Subscription,
    SubscriptionStatus,
)
from subgraphs.billing.service.charging import begin_payment
from subgraphs.billing.service.plans import PlanBook
from subgraphs.billing.service.proration import Quote, quote_change
from subgraphs.billing.service.subscriptions import refuse_while_charging, tell
from subgraphs.billing.service.terms import Terms
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import ReadSession, WriteSession


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """Somebody's wish for another plan. `key` is the client's, for one change."""

    user_id: str
    plan_id: UUID
    key: str

    @property
    def digest(self) -> str:
        """What is kept of the key: it is the account's own, and tells nothing of it."""
        return hashlib.sha256(f"{self.user_id}:{self.key}".encode("utf-8", "surrogatepass")).hexdigest()


async def preview_change(
    session: ReadSession, user_id: str, plan_id: UUID, *, now: datetime, terms: Terms
) -> tuple[Subscription, Quote]:
    """Return the subscription and what the change would cost at this moment; nothing changes.

    Raises:
        SubscriptionRefusedError: The change would be refused, for the same reason.
        UnknownPlanError: No plan on sale has the id.
    """
    subscription = (await repository.current_subscriptions(session, [user_id])).get(user_id)
    if subscription is None:
        raise NotSubscribedError
    book = PlanBook(await repository.plans(session))
    current, wanted = _plans(book, subscription, plan_id)
    _refuse_unchangeable(subscription, current, wanted, now=now)
    await refuse_while_charging(session, subscription)
    if wanted.id == current.id and subscription.scheduled_plan_id is None:
        raise AlreadyOnPlanError
    return subscription, _quote(subscription, current, wanted, now=now, terms=terms)


async def begin_change(session: WriteSession, request: ChangeRequest, *, now: datetime, terms: Terms) -> Payment | None:
    """Begin the change and return the payment to collect; None when nothing is to be paid and all is done.

    A key that came before begins nothing: its payment is returned, whatever became of it. The current plan, wanted
    again, withdraws a change that was scheduled.

    Raises:
        SubscriptionRefusedError: As it is now, the subscription cannot be changed so.
        UnknownPlanError: No plan on sale has the id.
    """
    subscription = await repository.lock_living_subscription(session, request.user_id)
    # After the lock: who comes second with a key finds what the first one wrote.
    known = await session.get(PlanChange, request.digest)
    if known is not None:
        if known.plan_id != request.plan_id:
            raise IdempotencyKeyReusedError
        return await session.get_one(Payment, known.payment_id) if known.payment_id else None
    if subscription is None:
        raise NotSubscribedError
    current, wanted = _plans(PlanBook(await repository.plans(session)), subscription, request.plan_id)
    _refuse_unchangeable(subscription, current, wanted, now=now)
    await refuse_while_charging(session, subscription)
    change = PlanChange(key_digest=request.digest, subscription_id=subscription.id, plan_id=wanted.id, created_at=now)
    quote = _quote(subscription, current, wanted, now=now, terms=terms)
    payment = None
    if wanted.id != current.id and quote.is_immediate:
        payment = await _begin_upgrade(session, subscription, wanted, quote, key=f"change:{request.digest}", now=now)
        change.payment_id = payment.id
    else:
        await _schedule(session, subscription, current, wanted, now=now)
    session.add(change)
    return payment


async def _begin_upgrade(
    session: WriteSession, subscription: Subscription, wanted: Plan, quote: Quote, *, key: str, now: datetime
) -> Payment:
    payment = await begin_payment(
        session,
        subscription,
        purpose=PaymentPurpose.CHANGE,
        plan_id=wanted.id,
        price_minor=quote.price_minor,
        credit_minor=quote.credit_minor,
        key=key,
        now=now,
    )
    if payment is None:
        raise PaymentInProgressError
    return payment


async def _schedule(
    session: WriteSession, subscription: Subscription, current: Plan, wanted: Plan, *, now: datetime
) -> None:
    """Have the wanted plan follow the current one; the current one, wanted, withdraws what was scheduled."""
    if wanted.id == (subscription.scheduled_plan_id or current.id):
        if subscription.scheduled_plan_id is None:
            raise AlreadyOnPlanError
        return
    until = subscription.current_period_end
    if wanted.id == current.id:
        subscription.scheduled_plan_id = None
        await tell(session, subscription, SubscriptionNews.CHANGE_WITHDRAWN, plan=current, until=until, now=now)
        return
    subscription.scheduled_plan_id = wanted.id
    await tell(
        session,
        subscription,
        SubscriptionNews.CHANGE_SCHEDULED,
        plan=current,
        next_plan=wanted,
        until=until,
        now=now,
    )


def _quote(subscription: Subscription, current: Plan, wanted: Plan, *, now: datetime, terms: Terms) -> Quote:
    return quote_change(subscription, current, wanted, now=now, longer_period_at_once=terms.longer_period_at_once)


def _plans(book: PlanBook, subscription: Subscription, plan_id: UUID) -> tuple[Plan, Plan]:
    """Return the current plan and the wanted one: one on sale, or the current one, sold still or not."""
    current = book.by_id(subscription.plan_id)
    wanted = book.by_id(plan_id)
    if current is None or wanted is None or (wanted.is_archived and wanted.id != current.id):
        raise UnknownPlanError(encode_id("Plan", plan_id))
    return current, wanted


def _refuse_unchangeable(subscription: Subscription, current: Plan, wanted: Plan, *, now: datetime) -> None:
    if subscription.status is SubscriptionStatus.PAST_DUE:
        raise PaymentOverdueError
    if subscription.status not in RENEWING_STATUSES:
        raise NotSubscribedError
    if subscription.cancel_at_period_end:
        raise SubscriptionEndingError if now < subscription.current_period_end else NotSubscribedError
    if subscription.current_period_end <= now:
        raise PaymentInProgressError
    if wanted.currency != current.currency:
        raise PlanCurrencyError
