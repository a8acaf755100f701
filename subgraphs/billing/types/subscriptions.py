"""Subscriptions, and what changing them means."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from subgraphs.billing import models
from subgraphs.billing.context import Info
from subgraphs.billing.models import Provider, SubscriptionStatus
from subgraphs.billing.service import access_until
from subgraphs.billing.service.proration import Line, Quote
from subgraphs.billing.types.money import Money, uuids_of
from subgraphs.billing.types.plans import Plan
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import encode_id

strawberry.enum(Provider, name="PaymentProvider")
describe_enum(
    Provider,
    "Who collects the money.",
    STRIPE="Stripe.",
    RAZORPAY="Razorpay.",
    YOOKASSA="YooKassa.",
    PAYPAL="PayPal.",
    FAKE="The sandbox: no money moves.",
)
describe_enum(
    SubscriptionStatus,
    "State of a subscription.",
    INCOMPLETE="The first payment is pending; no access yet.",
    TRIALING="Free trial, with access.",
    ACTIVE="Paid, with access; also when it is cancelled for the end of the period.",
    PAST_DUE="A renewal could not be charged; access during the grace.",
    PAUSED="Paused; no access.",
    UNPAID="Every attempt to charge failed; no access.",
    CANCELED="Ended; no access.",
)


@strawberry.type(description="A line of a bill, tax included.")
class InvoiceLine:
    description: str = strawberry.field(description="What it is for, in English.")
    amount: Money = strawberry.field(description="The amount; a credit is negative.")
    proration: bool = strawberry.field(description="Whether it sets off part of a period that was paid before.")

    @classmethod
    def of(cls, line: Line, currency: str) -> Self:
        """Return the GraphQL form of a line."""
        return cls(
            description=line.description, amount=Money.of(line.amount_minor, currency), proration=line.is_proration
        )


@strawberry.type(description="Another plan that follows the current one.")
class ScheduledChange:
    plan: Plan = strawberry.field(description="The plan to come.")
    at: datetime = strawberry.field(description="When it begins and is charged: the end of the current period.")


@strawberry.federation.type(
    keys=["id"], description="An account's subscription to a plan; visible to that account only."
)
class PlanSubscription:
    row: strawberry.Private[models.Subscription]
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    plan: Plan = strawberry.field(description="The plan.")
    status: SubscriptionStatus = strawberry.field(description="State of the subscription.")
    current_period_start: datetime = strawberry.field(description="Start of the period that was paid last.")
    current_period_end: datetime = strawberry.field(description="End of that period, not included.")
    cancel_at_period_end: bool = strawberry.field(description="Whether it ends with the period instead of renewing.")
    price: Money = strawberry.field(description="What is charged for a period, whatever the plan costs by now.")
    provider: Provider = strawberry.field(description="Who collects the money.")
    auto_renew: bool = strawberry.field(
        description="Whether the next period is charged when this one ends: the opposite of `cancelAtPeriodEnd`."
    )
    scheduled_change: ScheduledChange | None = strawberry.field(
        description="The plan that follows at the end of the period; null when it stays."
    )
    next_retry_at: datetime | None = strawberry.field(
        description="When a renewal that was declined is charged again; null when nothing was declined."
    )

    @strawberry.field(description="End, not included, of what it lets the account play; in the past when it has ended.")
    def access_until(self, info: Info) -> datetime:
        return access_until(self.row, grace=info.context.grace)

    @strawberry.field(description="End of the grace while a renewal is overdue; null otherwise.")
    def grace_until(self, info: Info) -> datetime | None:
        if self.row.status is not SubscriptionStatus.PAST_DUE:
            return None
        return access_until(self.row, grace=info.context.grace)

    @classmethod
    async def of(cls, row: models.Subscription, info: Info) -> Self | None:
        """Return the GraphQL form of a stored subscription."""
        book = await info.context.loaders.plan_book()
        plan = book.by_id(row.plan_id)
        if plan is None:
            return None
        scheduled = book.by_id(row.scheduled_plan_id) if row.scheduled_plan_id else None
        return cls(
            row=row,
            id=strawberry.ID(encode_id("PlanSubscription", row.id)),
            plan=Plan.of(plan),
            status=row.status,
            current_period_start=row.current_period_start,
            current_period_end=row.current_period_end,
            cancel_at_period_end=row.cancel_at_period_end,
            price=Money.of(row.price_minor, row.currency),
            provider=row.provider,
            auto_renew=row.status is not SubscriptionStatus.CANCELED and not row.cancel_at_period_end,
            scheduled_change=ScheduledChange(plan=Plan.of(scheduled), at=row.current_period_end) if scheduled else None,
            next_retry_at=row.next_retry_at,
        )

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the subscriptions of the viewer's account; null for every other."""
        wanted = uuids_of(references, "PlanSubscription")
        ids = list(dict.fromkeys(subscription_id for subscription_id in wanted if subscription_id is not None))
        rows = await info.context.loaders.subscription_by_id.load_many(ids)
        found = {row.id: await cls.of(row, info) for row in rows if row is not None}
        return [found.get(subscription_id) if subscription_id else None for subscription_id in wanted]


@strawberry.type(description="What a change of plan would cost at this moment, and when it would take effect.")
class ChangePreview:
    due_now: Money = strawberry.field(description="What is charged at once; 0 when the change waits for the period.")
    credit: Money = strawberry.field(
        description="What is set off for the unused seconds of the period that was paid, rounded down."
    )
    next_invoice: Money = strawberry.field(description="What each period of the new plan costs from then on.")
    effective_at: datetime = strawberry.field(description="Now for a better plan, else the end of the period.")
    lines: list[InvoiceLine] = strawberry.field(description="The lines of the bill that the change leads to.")

    @classmethod
    def of(cls, quote: Quote, currency: str) -> Self:
        """Return the GraphQL form of a quote."""
        return cls(
            due_now=Money.of(quote.due_now_minor, currency),
            credit=Money.of(quote.credit_minor, currency),
            next_invoice=Money.of(quote.price_minor, currency),
            effective_at=quote.effective_at,
            lines=[InvoiceLine.of(line, currency) for line in quote.lines],
        )


@strawberry.type(description="Why a change of the subscription was refused. Nothing changed, nothing was charged.")
class BillingError(UserError):
    pass


@strawberry.type(description="Outcome of a change of the subscription.")
class SubscriptionPayload:
    subscription: PlanSubscription | None = strawberry.field(
        description="The subscription as it is now, also when the change was refused; null without any."
    )
    errors: list[BillingError] = strawberry.field(description="Why it was refused; empty when it was done.")
