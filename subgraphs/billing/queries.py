"""Root query fields of the billing subgraph."""

import strawberry

from subgraphs.billing.context import Info
from subgraphs.billing.types import Plan


@strawberry.type
class Query:
    @strawberry.field(description="The plans on sale, the shortest period first.")
    async def plans(self, info: Info) -> list[Plan] | None:
        book = await info.context.loaders.plan_book()
        return [Plan.of(row) for row in book.on_sale]
