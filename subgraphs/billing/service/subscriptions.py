"""Starting, cancelling, resuming and ending subscriptions, and telling of it in the same transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from subgraphs.billing import repository
from subgraphs.billing.errors import (
    AlreadySubscribedError,
    NotSubscribedError,
    PaymentInProgressError,
    ReasonTooLongError,
    UnknownPlanError,
)
from subgraphs.billing.events import EntitlementChanged, SubscriptionChanged, SubscriptionNews
from subgraphs.billing.gateways.sandbox import APPROVE
from subgraphs.billing.models import RENEWING_STATUSES, Plan, Subscription, SubscriptionStatus
from subgraphs.billing.service.entitlement import FREE, Entitlement, access_until, entitlement_of
from subgraphs.billing.service.proration import plan_name
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import ReadSession, WriteSession

LONGEST_REASON = 500


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
    payment_token: str = APPROVE,
    billing_state: str | None = None,
) -> Subscription:
    """Return the account's new, paid subscription and announce what it entitles to, in the same transaction.

    Args:
        session: The caller's transaction.
        user_id: Global id of the account.
        plan_code: Code of a plan on sale.
        now: The present moment.
        starts_at: Start of the first period, `now` unless given; the period lasts the plan's days, exactly.
        payment_token: The provider's name for how renewals are paid; the sandbox's willing one unless given.
        billing_state: State of India in which the customer lives, for invoices; the seller's own unless given.

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
        payment_token=payment_token,
        billing_state=billing_state,
    )
    if not await repository.add_subscription(session, subscription):
        raise AlreadySubscribedError
    # No grace to add: the subscription is paid for.
    entitlement = entitlement_of(subscription, now=now, grace=timedelta(0))
    await announce(session, user_id, entitlement, now=now)
    until = subscription.current_period_end
    await tell(session, subscription, SubscriptionNews.STARTED, plan=plan, until=until, now=now)
    return subscription


async def cancel(
    session: WriteSession, user_id: str, *, at_period_end: bool, reason: str | None, now: datetime, grace: timedelta
) -> None:
    """Have the account's subscription end with its period, or now. Cancelled so already, nothing changes.

    A subscription that is paused, or whose period is over because the renewal is overdue, ends now either way. A
    change of plan that was scheduled is dropped.

    Raises:
        NotSubscribedError: There is nothing to cancel.
        PaymentInProgressError: A charge is under way.
        ReasonTooLongError: More than 500 characters.
    """
    if reason is not None and len(reason) > LONGEST_REASON:
        raise ReasonTooLongError(LONGEST_REASON)
    subscription = await living_subscription(session, user_id)
    plan = await plan_of(session, subscription.plan_id)
    if subscription.status in RENEWING_STATUSES and subscription.cancel_at_period_end and at_period_end:
        return
    await refuse_while_charging(session, subscription)
    subscription.cancellation_reason = reason
    subscription.scheduled_plan_id = None
    is_running = subscription.status is not SubscriptionStatus.PAUSED and now < subscription.current_period_end
    if at_period_end and is_running:
        await _end_later(session, subscription, plan, now=now, grace=grace)
    else:
        await end(session, subscription, plan, now=now, grace=grace)


async def _end_later(
    session: WriteSession, subscription: Subscription, plan: Plan, *, now: datetime, grace: timedelta
) -> None:
    subscription.cancel_at_period_end = True
    if subscription.status is SubscriptionStatus.PAST_DUE:
        # Charged ahead of time, in vain: what runs still is paid for, and nothing else will be asked.
        subscription.status = SubscriptionStatus.ACTIVE
        subscription.status_changed_at = now
        subscription.next_retry_at = None
        await announce_state(session, subscription, now=now, grace=grace)
    until = subscription.current_period_end
    await tell(session, subscription, SubscriptionNews.ENDING, plan=plan, until=until, now=now)


async def resume(session: WriteSession, user_id: str, *, now: datetime) -> None:
    """Have the subscription renew after all. One that was not cancelled stays as it is.

    Raises:
        NotSubscribedError: There is none, or its last period is over.
        PaymentInProgressError: A charge is under way.
    """
    subscription = await living_subscription(session, user_id)
    if not subscription.cancel_at_period_end:
        return
    if subscription.current_period_end <= now:
        raise NotSubscribedError
    await refuse_while_charging(session, subscription)
    subscription.cancel_at_period_end = False
    subscription.cancellation_reason = None
    until = subscription.current_period_end
    plan = await plan_of(session, subscription.plan_id)
    await tell(session, subscription, SubscriptionNews.RESUMED, plan=plan, until=until, now=now)


async def end(
    session: WriteSession, subscription: Subscription, plan: Plan, *, now: datetime, grace: timedelta
) -> None:
    """End the subscription, as of when its access ended if that is past, and announce it."""
    subscription.status_changed_at = min(now, access_until(subscription, grace=grace))
    subscription.status = SubscriptionStatus.CANCELED
    subscription.next_retry_at = None
    subscription.scheduled_plan_id = None
    await announce(session, subscription.user_id, FREE, now=now)
    await tell(session, subscription, SubscriptionNews.ENDED, plan=plan, now=now)


async def living_subscription(session: WriteSession, user_id: str) -> Subscription:
    """Return the account's living subscription, locked.

    Raises:
        NotSubscribedError: There is none.
    """
    subscription = await repository.lock_living_subscription(session, user_id)
    if subscription is None:
        raise NotSubscribedError
    return subscription


async def refuse_while_charging(session: ReadSession | WriteSession, subscription: Subscription) -> None:
    """Return unless a charge is under way.

    Raises:
        PaymentInProgressError: One is.
    """
    if await repository.has_pending_payment(session, subscription.id):
        raise PaymentInProgressError


async def plan_of(session: ReadSession | WriteSession, plan_id: UUID) -> Plan:
    """Return a plan that something refers to, on sale or not."""
    return await session.get_one(Plan, plan_id)


async def announce_state(session: WriteSession, subscription: Subscription, *, now: datetime, grace: timedelta) -> None:
    """Publish what the subscription, as it is now, admits to."""
    await announce(session, subscription.user_id, entitlement_of(subscription, now=now, grace=grace), now=now)


async def announce(session: WriteSession, user_id: str, entitlement: Entitlement, *, now: datetime) -> None:
    """Publish what the account may play from now on; call it in the transaction that changed it."""
    version = await repository.next_entitlement_version(session, user_id)
    event = EntitlementChanged(
        occurred_at=now, user_id=user_id, tier=entitlement.tier, until=entitlement.until, version=version
    )
    await publish(session, [event])


async def subscribers(session: ReadSession, user_ids: Sequence[str]) -> set[str]:
    """Return those of the accounts that have a subscription, or ever had one."""
    return set(await repository.current_subscriptions(session, user_ids))


async def tell(
    session: WriteSession,
    subscription: Subscription,
    news: SubscriptionNews,
    *,
    plan: Plan,
    now: datetime,
    next_plan: Plan | None = None,
    until: datetime | None = None,
) -> None:
    """Publish what happened to the subscription; call it in the transaction that did it."""
    event = SubscriptionChanged(
        occurred_at=now,
        user_id=subscription.user_id,
        subscription_id=encode_id("PlanSubscription", subscription.id),
        news=news,
        plan=plan_name(plan),
        next_plan=plan_name(next_plan) if next_plan else None,
        until=until,
        plan_names=plan.names,
        next_plan_names=next_plan.names if next_plan else {},
    )
    await publish(session, [event])
