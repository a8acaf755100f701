"""What billing adds to accounts."""

from collections.abc import Sequence
from typing import Self

import strawberry

from subgraphs.billing.context import Info
from subgraphs.billing.service import days_left
from subgraphs.billing.types.payments import InvoiceConnection, PaymentConnection, read_invoices, read_payments
from subgraphs.billing.types.subscriptions import PlanSubscription
from subgraphs.shared.graphql.pagination import After, First
from subgraphs.shared.graphql.schema import Reference


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

    @strawberry.field(description="What was asked for and what became of it, newest first.")
    async def payments(self, info: Info, first: First = 20, after: After = None) -> PaymentConnection | None:
        return await read_payments(info.context, self.id, first=first, after=after)

    @strawberry.field(description="The bills of payments, newest first.")
    async def invoices(self, info: Info, first: First = 20, after: After = None) -> InvoiceConnection | None:
        return await read_invoices(info.context, self.id, first=first, after=after)

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:
        """Return the viewer's own account; null for every other."""
        viewer_id = info.context.viewer.user_id
        ids = [str(reference.get("id")) for reference in references]
        return [cls(id=strawberry.ID(user_id)) if user_id == viewer_id else None for user_id in ids]
