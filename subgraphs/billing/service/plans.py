"""Plans: what each saves, which are on sale, which to offer, and which are better than which. Pure rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from subgraphs.billing.models import Interval, Plan
from subgraphs.billing.service.entitlement import Entitlement
from subgraphs.shared.values import Quality, Tier


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


def is_upgrade(current: Plan, wanted: Plan, *, longer_period_counts: bool) -> bool:
    """Return whether the plan includes more, or as much for a longer period, if that counts."""
    if _included(wanted) != _included(current):
        return _included(wanted) > _included(current)
    return longer_period_counts and wanted.interval_days > current.interval_days


def _included(plan: Plan) -> tuple[int, ...]:
    """Return what the plan includes, the weightiest first."""
    return (
        int(plan.tier is Tier.PREMIUM),
        plan.max_concurrent_streams,
        Quality(plan.max_quality).height,
        plan.max_profiles,
        int(plan.has_downloads),
        int(not plan.has_ads),
    )
