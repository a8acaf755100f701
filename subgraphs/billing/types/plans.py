"""Plans."""

from collections.abc import Sequence
from typing import Annotated, Self

import strawberry

from subgraphs.billing import models
from subgraphs.billing.context import Info
from subgraphs.billing.models import Interval
from subgraphs.billing.types.money import Money, uuids_of
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.scalars import Locale
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import encode_id
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
        rows = [book.by_id(plan_id) if plan_id else None for plan_id in uuids_of(references, "Plan")]
        return [cls.of(row) if row else None for row in rows]
