"""Root query fields of the billing subgraph."""

from typing import Annotated

import strawberry

from subgraphs.billing.context import Info
from subgraphs.billing.service.changes import preview_change
from subgraphs.billing.types import ChangePreview, Plan
from subgraphs.shared.ids import decode_id

PlanId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the plan to change to.")]


@strawberry.type
class Query:
    @strawberry.field(description="The plans on sale, the shortest period first.")
    async def plans(self, info: Info) -> list[Plan] | None:
        book = await info.context.loaders.plan_book()
        return [Plan.of(row) for row in book.on_sale]

    @strawberry.federation.field(
        authenticated=True,
        description="What changing the own subscription to the plan would cost at this moment. Refused with the cause "
        "that `subscriptionChange` would be refused with. Nothing changes.",
    )
    async def subscription_change_preview(self, plan_id: PlanId, info: Info) -> ChangePreview | None:
        context = info.context
        wanted = decode_id(plan_id, "Plan").uuid
        async with context.database.reading() as session:
            subscription, quote = await preview_change(
                session, context.viewer.require_user(), wanted, now=context.now, terms=context.terms
            )
        return ChangePreview.of(quote, subscription.currency)
