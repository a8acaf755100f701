"""GraphQL types of the billing subgraph."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import strawberry

from subgraphs.billing import models
from subgraphs.billing.context import Info
from subgraphs.billing.models import Interval, SubscriptionStatus
from subgraphs.billing.service import access_until, days_left, plans_to_offer
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.scalars import Locale
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently, encode_id
from subgraphs.shared.values import DEFAULT_LOCALE, Quality, Tier

LocaleArgument = Annotated[
    Locale | None, strawberry.argument(description="Language to answer in; the viewer's unless given.")
]

describe_enum(
    Interval,
    "How often a plan is paid.",
    MONTH="Every month.",
    QUARTER="Every three months.",
    YEAR="Every year.",
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


@strawberry.federation.type(shareable=True, description="An amount of money.")
class Money:
    amount_minor: int = strawberry.field(description="Amount in minor units: paise, cents.")
    currency: str = strawberry.field(description="ISO 4217 code: INR.")


@strawberry.type(description="What a plan includes.")
class PlanFeatures:
    max_quality: Quality = strawberry.field(description="Best picture.")
    ads: bool = strawberry.field(description="Whether ads are shown.")
    downloads: bool = strawberry.field(description="Whether titles can be kept for offline viewing.")
    max_concurrent_streams: int = strawberry.field(description="Streams at the same time.")
    max_profiles: int = strawberry.field(description="Profiles of the account.")


@strawberry.federation.type(keys=["id"], description="Something on sale.")
class Plan:
    row: strawberry.Private[models.Plan]
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    code: str = strawberry.field(description="Stable short name: monthly.")
    tier: Tier = strawberry.field(description="What it lets the account play.")
    interval: Interval = strawberry.field(description="How often it is paid.")
    interval_days: int = strawberry.field(description="Length of one period in days, exactly.")
    price: Money = strawberry.field(description="Price of one period, tax included.")
    features: PlanFeatures = strawberry.field(description="What it includes.")

    @strawberry.field(description="Name for people.")
    def name(self, info: Info, locale: LocaleArgument = None) -> str:
        names = self.row.names
        wanted = info.context.viewer.locales(locale)
        return next((names[candidate] for candidate in wanted if candidate in names), names[DEFAULT_LOCALE])

    @strawberry.field(
        description="What it saves against paying monthly, in percent with one decimal; null when it saves nothing."
    )
    async def discount_percent(self, info: Info) -> float | None:
        return (await info.context.loaders.plan_book()).discount_percent(self.row)

    @classmethod
    def of(cls, row: models.Plan) -> Self:
        """Return the GraphQL form of a stored plan."""
        return cls(
            row=row,
            id=strawberry.ID(encode_id("Plan", row.id)),
            code=row.code,
            tier=row.tier,
            interval=row.interval,
            interval_days=row.interval_days,
            price=Money(amount_minor=row.price_minor, currency=row.currency),
            features=PlanFeatures(
                max_quality=Quality(row.max_quality),
                ads=row.has_ads,
                downloads=row.has_downloads,
                max_concurrent_streams=row.max_concurrent_streams,
                max_profiles=row.max_profiles,
            ),
        )

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the plans, archived ones too; null for an unknown id."""
        book = await info.context.loaders.plan_book()
        rows = [book.by_id(plan_id) if plan_id else None for plan_id in _uuids(references, "Plan")]
        return [cls.of(row) if row else None for row in rows]


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

    @strawberry.field(description="End, not included, of what it lets the account play; in the past when it has ended.")
    def access_until(self, info: Info) -> datetime:
        return access_until(self.row, grace=info.context.grace)

    @classmethod
    async def of(cls, row: models.Subscription, info: Info) -> Self | None:
        """Return the GraphQL form of a stored subscription."""
        plan = (await info.context.loaders.plan_book()).by_id(row.plan_id)
        if plan is None:
            return None
        return cls(
            row=row,
            id=strawberry.ID(encode_id("PlanSubscription", row.id)),
            plan=Plan.of(plan),
            status=row.status,
            current_period_start=row.current_period_start,
            current_period_end=row.current_period_end,
            cancel_at_period_end=row.cancel_at_period_end,
            price=Money(amount_minor=row.price_minor, currency=row.currency),
        )

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the subscriptions of the viewer's account; null for every other."""
        wanted = _uuids(references, "PlanSubscription")
        ids = list(dict.fromkeys(subscription_id for subscription_id in wanted if subscription_id is not None))
        rows = await info.context.loaders.subscription_by_id.load_many(ids)
        found = {row.id: await cls.of(row, info) for row in rows if row is not None}
        return [found.get(subscription_id) if subscription_id else None for subscription_id in wanted]


@strawberry.federation.type(keys=["id"], description="An account, with what it pays for; visible to itself only.")
class User:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")

    @strawberry.field(description="The subscription in force, else the last one; null without any.")
    async def subscription(self, info: Info) -> PlanSubscription | None:
        row = await info.context.loaders.subscription_by_user.load(self.id)
        return await PlanSubscription.of(row, info) if row else None

    @strawberry.field(
        description="Days, begun ones included, until access ends; 0 during the last 24 hours; null for a free account."
    )
    async def days_left(self, info: Info) -> int | None:
        return days_left(await info.context.entitlement(), now=info.context.now)

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the viewer's own account; null for every other."""
        viewer_id = info.context.viewer.user_id
        ids = [str(reference.get("id")) for reference in references]
        return [cls(id=strawberry.ID(user_id)) if user_id == viewer_id else None for user_id in ids]


@strawberry.type(description="A plan that would let the viewer play the title.")
class SubscriptionOffer:
    plan: Plan = strawberry.field(description="The plan.")
    price: Money = strawberry.field(description="Price of one period, for this viewer.")


@strawberry.federation.interface_object(keys=["id"], description="A title, with what it costs this viewer.")
class Title:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    known_tier: strawberry.Private[Tier | None]

    @strawberry.federation.field(external=True, description="What playing it needs.")
    def required_tier(self) -> Tier:
        if self.known_tier is None:
            raise BadUserInputError("The reference lacks `requiredTier`.")
        return self.known_tier

    @strawberry.federation.field(
        requires=["requiredTier"],
        description="Plans to buy for playing it: empty for titles that are free and for viewers who may play it.",
    )
    async def offers(self, info: Info) -> list[SubscriptionOffer] | None:
        if self.known_tier is None:
            return None
        entitlement = await info.context.entitlement()
        book = await info.context.loaders.plan_book()
        plans = plans_to_offer(book, required_tier=self.known_tier, entitlement=entitlement)
        offered = [Plan.of(row) for row in plans]
        return [SubscriptionOffer(plan=plan, price=plan.price) for plan in offered]

    @classmethod
    async def resolve_references(cls, references: list[Reference], _info: Info) -> Sequence[Self | None]:
        """Return every title that is asked for: whether it exists is known to its owner only."""
        decoded = decode_ids_leniently([str(reference.get("id")) for reference in references])
        return [
            cls(id=strawberry.ID(str(global_id)), known_tier=_tier(reference)) if global_id else None
            for global_id, reference in zip(decoded, references, strict=True)
        ]


def _uuids(references: list[Reference], type_name: str) -> list[UUID | None]:
    decoded = decode_ids_leniently([str(reference.get("id")) for reference in references], type_name)
    return [global_id.uuid if global_id else None for global_id in decoded]


def _tier(reference: Reference) -> Tier | None:
    """Return the tier that the router sends when offers are asked for; None for a word that is no tier."""
    given = reference.get("requiredTier")
    return Tier(given) if given in Tier.__members__ else None
