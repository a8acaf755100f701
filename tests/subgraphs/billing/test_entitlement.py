"""What a subscription entitles to, how many days are left, what a plan saves: pure rules."""

from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.billing.models import Interval, Plan, Subscription, SubscriptionStatus
from subgraphs.billing.service import (
    FREE,
    Entitlement,
    access_until,
    days_left,
    discount_percent,
    entitlement_of,
)
from subgraphs.shared.values import Tier

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
GRACE = 3 * DAY

moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract
lengths = st.timedeltas(timedelta(seconds=1), 400 * DAY)
graces = st.timedeltas(timedelta(0), 30 * DAY)


def subscription(status: SubscriptionStatus, *, start: datetime, length: timedelta) -> Subscription:
    return Subscription(
        user_id="user",
        plan_id=UUID(int=1),
        status=status,
        status_changed_at=start,
        current_period_start=start,
        current_period_end=start + length,
        price_minor=29_900,
        currency="INR",
        created_at=start,
        payment_token="",
    )


@given(st.sampled_from(SubscriptionStatus), moments, lengths, moments, graces)
def test_premium_lasts_exactly_until_the_end_of_access(
    status: SubscriptionStatus, start: datetime, length: timedelta, now: datetime, grace: timedelta
) -> None:
    held = subscription(status, start=start, length=length)

    entitlement = entitlement_of(held, now=now, grace=grace)

    end = access_until(held, grace=grace)
    assert (entitlement.tier is Tier.PREMIUM) == (now < end)
    assert entitlement.until == (end if now < end else None)


@given(st.sampled_from(SubscriptionStatus), moments, lengths, moments, graces)
def test_only_paid_for_and_overdue_subscriptions_ever_entitle_after_their_start(
    status: SubscriptionStatus, start: datetime, length: timedelta, now: datetime, grace: timedelta
) -> None:
    admits = status in {SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE}
    held = subscription(status, start=start, length=length)

    if now >= start and not admits:
        assert entitlement_of(held, now=now, grace=grace) == FREE
    if start <= now < start + length and admits:
        assert entitlement_of(held, now=now, grace=grace).tier is Tier.PREMIUM


@given(moments, lengths, moments, graces)
def test_cancelling_for_the_end_of_the_period_changes_nothing_before_it(
    start: datetime, length: timedelta, now: datetime, grace: timedelta
) -> None:
    held = subscription(SubscriptionStatus.ACTIVE, start=start, length=length)
    before = entitlement_of(held, now=now, grace=grace)

    held.cancel_at_period_end = True

    assert entitlement_of(held, now=now, grace=grace) == before


def test_an_overdue_payment_keeps_access_for_the_grace() -> None:
    held = subscription(SubscriptionStatus.PAST_DUE, start=NOW - 30 * DAY, length=30 * DAY)

    last_moment = entitlement_of(held, now=NOW + GRACE - timedelta(microseconds=1), grace=GRACE)

    assert last_moment == Entitlement(Tier.PREMIUM, NOW + GRACE)
    assert entitlement_of(held, now=NOW + GRACE, grace=GRACE) == FREE


@pytest.mark.requirement("CS-08")
@pytest.mark.parametrize(
    ("left", "days"),
    [
        (30 * DAY, 30),
        (29 * DAY + timedelta(seconds=1), 30),
        (29 * DAY, 29),
        (DAY + timedelta(microseconds=1), 2),
        (DAY, 1),
        (DAY - timedelta(microseconds=1), 0),
        (timedelta(microseconds=1), 0),
    ],
)
def test_days_left_counts_begun_days_and_is_0_on_the_last(left: timedelta, days: int) -> None:
    assert days_left(Entitlement(Tier.PREMIUM, NOW + left), now=NOW) == days


@pytest.mark.requirement("CS-08")
def test_a_free_account_has_no_days_left() -> None:
    assert days_left(FREE, now=NOW) is None


@given(st.timedeltas(DAY, 400 * DAY))
def test_days_left_is_the_ceiling_before_the_last_day(left: timedelta) -> None:
    assert days_left(Entitlement(Tier.PREMIUM, NOW + left), now=NOW) == ceil(left.total_seconds() / 86_400)


def plan(interval: Interval, price_minor: int) -> Plan:
    return Plan(
        code=interval.value,
        names={"en": interval.value},
        tier=Tier.PREMIUM,
        interval=interval,
        interval_days=30,
        price_minor=price_minor,
        currency="INR",
        max_quality="P1080",
        has_ads=False,
        has_downloads=True,
        max_concurrent_streams=2,
        max_profiles=5,
        rank=1,
    )


@given(st.sampled_from([Interval.QUARTER, Interval.YEAR]), st.integers(1, 10**6), st.integers(1, 10**7))
def test_a_discount_is_never_overstated(interval: Interval, price_minor: int, monthly_minor: int) -> None:
    percent = discount_percent(plan(interval, price_minor), monthly_price_minor=monthly_minor)

    exact = 100 * (1 - price_minor / (monthly_minor * interval.months))
    if percent is None:
        assert exact <= 0
    else:
        assert 0 <= exact - percent + 1e-9 < 0.1 + 2e-9


def test_the_monthly_plan_saves_nothing() -> None:
    assert discount_percent(plan(Interval.MONTH, 29_900), monthly_price_minor=29_900) is None
