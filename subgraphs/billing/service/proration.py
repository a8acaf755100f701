"""What a change of plan costs: pure arithmetic in whole minor units.

Credit for the period that was paid already is its price times the whole seconds that are left of it, over the whole
seconds that it has, rounded down to a minor unit: never more than what is unused. A better plan costs its full price
less that credit and begins a period of its own at once. Whatever is no upgrade costs nothing now and begins when the
period that is paid ends; so does an upgrade that costs no more than the credit, since nothing is paid back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from subgraphs.billing.models import Plan, Subscription
from subgraphs.billing.service.plans import is_upgrade
from subgraphs.shared.values import DEFAULT_LOCALE

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a bill, tax included; a credit is negative."""

    description: str
    amount_minor: int
    is_proration: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """What a change of plan means, in minor units of the subscription's currency."""

    price_minor: int
    credit_minor: int
    due_now_minor: int
    effective_at: datetime
    lines: tuple[Line, ...]
    is_immediate: bool


def unused_credit_minor(price_minor: int, *, start: datetime, end: datetime, now: datetime) -> int:
    """Return what is unused of a paid period; its whole price before it begins, 0 after it ended."""
    total_seconds = (end - start) // _SECOND
    left_seconds = min(max((end - now) // _SECOND, 0), total_seconds)
    return price_minor * left_seconds // total_seconds if total_seconds else 0


def quote_change(
    subscription: Subscription, current: Plan, wanted: Plan, *, now: datetime, longer_period_at_once: bool
) -> Quote:
    """Return what changing from the current plan to the wanted one would cost now, and when it takes effect."""
    # Who keeps a plan keeps its price, whatever it costs by now.
    price_minor = subscription.price_minor if wanted.id == current.id else wanted.price_minor
    credit_minor = unused_credit_minor(
        subscription.price_minor,
        start=subscription.current_period_start,
        end=subscription.current_period_end,
        now=now,
    )
    better = is_upgrade(current, wanted, longer_period_counts=longer_period_at_once)
    if not better or credit_minor >= price_minor:
        line = Line(plan_name(wanted), price_minor)
        effective_at = subscription.current_period_end
        return Quote(price_minor, 0, 0, effective_at, (line,), is_immediate=False)
    lines = bill_lines(plan_name(wanted), price_minor, credit_for=plan_name(current), credit_minor=credit_minor)
    return Quote(price_minor, credit_minor, price_minor - credit_minor, now, lines, is_immediate=True)


def bill_lines(plan: str, price_minor: int, *, credit_for: str, credit_minor: int) -> tuple[Line, ...]:
    """Return the price of a period and, if there is any, the credit for the one before it."""
    price = Line(plan, price_minor)
    credit = Line(f"Unused time of {credit_for}", -credit_minor, is_proration=True)
    return (price, credit) if credit_minor else (price,)


def plan_name(plan: Plan) -> str:
    """Return the plan's name on bills."""
    return plan.names[DEFAULT_LOCALE]
