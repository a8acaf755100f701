"""What a change of plan costs: exact, in whole minor units, never more credit than is unused."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.billing.models import Interval, Plan, Subscription, SubscriptionStatus
from subgraphs.billing.service.plans import is_upgrade
from subgraphs.billing.service.proration import Line, quote_change, unused_credit_minor
from subgraphs.shared.values import Tier

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def plan(code: str, days: int, price_minor: int, *, streams: int = 2) -> Plan:
    return Plan(
        id=UUID(int=sum(code.encode())),
        code=code,
        names={"en": code},
        tier=Tier.PREMIUM,
        interval=Interval.MONTH,
        interval_days=days,
        price_minor=price_minor,
        currency="INR",
        max_quality="P1080",
        has_ads=False,
        has_downloads=True,
        max_concurrent_streams=streams,
        max_profiles=5,
        rank=1,
    )


MONTHLY, ANNUAL, FAMILY = (
    plan("monthly", 30, 29_900),
    plan("annual", 365, 299_900),
    plan("family", 30, 49_900, streams=4),
)


def paid(held: Plan) -> Subscription:
    return Subscription(
        user_id="user",
        plan_id=held.id,
        status=SubscriptionStatus.ACTIVE,
        status_changed_at=START,
        current_period_start=START,
        current_period_end=START + held.interval_days * DAY,
        price_minor=held.price_minor,
        currency="INR",
        created_at=START,
        payment_token="",
    )


@pytest.mark.requirement("FR-UM-004.2")
@pytest.mark.parametrize(
    ("used", "credit_minor"),
    [
        (timedelta(0), 29_900),
        (SECOND, 29_899),  # 29 899.98…
        (10 * DAY, 19_933),  # 19 933.33…
        (15 * DAY, 14_950),
        (30 * DAY - SECOND, 0),  # 0.01…
        (30 * DAY, 0),
        (31 * DAY, 0),
        (-5 * DAY, 29_900),
    ],
)
def test_credit_is_what_is_unused_by_the_second_rounded_down(used: timedelta, credit_minor: int) -> None:
    assert unused_credit_minor(29_900, start=START, end=START + 30 * DAY, now=START + used) == credit_minor


@given(
    st.integers(1, 10**7),
    st.integers(1, 366 * 86_400),
    st.integers(0, 366 * 86_400),
    st.timedeltas(timedelta(0), timedelta(microseconds=999_999)),
)
def test_credit_is_within_a_minor_unit_of_the_exact_share_and_never_above_it(
    price_minor: int, total_seconds: int, used_seconds: int, part: timedelta
) -> None:
    end = START + total_seconds * SECOND
    now = min(START + used_seconds * SECOND + part, end)

    credit_minor = unused_credit_minor(price_minor, start=START, end=end, now=now)

    exact = Fraction(price_minor * ((end - now) // SECOND), total_seconds)
    assert 0 <= exact - credit_minor < 1


@given(st.integers(0, 30 * 86_400 - 1))
def test_what_is_due_and_what_is_credited_make_the_price_and_so_do_the_lines(used_seconds: int) -> None:
    quote = quote_change(paid(MONTHLY), MONTHLY, ANNUAL, now=START + used_seconds * SECOND, longer_period_at_once=True)

    assert quote.due_now_minor + quote.credit_minor == quote.price_minor == 299_900
    assert sum(line.amount_minor for line in quote.lines) == quote.due_now_minor > 0


@pytest.mark.requirement("FR-UM-004.2")
def test_more_streams_are_an_upgrade_whatever_the_period_and_fewer_are_not() -> None:
    assert is_upgrade(MONTHLY, FAMILY, longer_period_counts=False)
    assert not is_upgrade(FAMILY, ANNUAL, longer_period_counts=True)


@pytest.mark.parametrize("counts", [True, False])
def test_a_longer_period_alone_counts_as_an_upgrade_if_the_operator_says_so(counts: bool) -> None:
    quote = quote_change(paid(MONTHLY), MONTHLY, ANNUAL, now=START, longer_period_at_once=counts)

    assert is_upgrade(MONTHLY, ANNUAL, longer_period_counts=counts) is quote.is_immediate is counts
    assert not is_upgrade(ANNUAL, MONTHLY, longer_period_counts=counts)


def test_the_plan_that_is_kept_keeps_its_price() -> None:
    held = paid(MONTHLY)
    held.price_minor = 19_900

    quote = quote_change(held, MONTHLY, MONTHLY, now=START, longer_period_at_once=True)

    assert (quote.is_immediate, quote.price_minor, quote.due_now_minor) == (False, 19_900, 0)


def test_an_upgrade_that_costs_no_more_than_the_credit_waits_since_nothing_is_paid_back() -> None:
    quote = quote_change(paid(ANNUAL), ANNUAL, FAMILY, now=START + 10 * DAY, longer_period_at_once=True)

    assert (quote.is_immediate, quote.due_now_minor, quote.credit_minor) == (False, 0, 0)
    assert quote.effective_at == START + 365 * DAY
    assert quote.lines == (Line("family", 49_900),)
