"""What billing adds to titles."""

from collections.abc import Sequence
from typing import Self

import strawberry

from subgraphs.billing.context import Info
from subgraphs.billing.service import plans_to_offer
from subgraphs.billing.types.money import Money
from subgraphs.billing.types.plans import Plan
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently
from subgraphs.shared.values import Tier


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


def _tier(reference: Reference) -> Tier | None:
    """Return the tier that the router sends when offers are asked for; None for a word that is no tier."""
    given = reference.get("requiredTier")
    return Tier(given) if given in Tier.__members__ else None
