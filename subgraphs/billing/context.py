"""What a resolver of the billing subgraph can reach."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from strawberry.types import Info as StrawberryInfo

from subgraphs.billing.loaders import Loaders
from subgraphs.billing.service import Cashier, Entitlement, entitlement_of
from subgraphs.billing.service.terms import Terms
from subgraphs.shared.clock import Clock
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database


@dataclass(frozen=True, slots=True)
class Context:
    """One request: who asks, when, and the means to answer."""

    viewer: Viewer
    clock: Clock
    database: Database
    loaders: Loaders
    terms: Terms
    cashier: Cashier

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.clock()

    @property
    def grace(self) -> timedelta:
        """How long access outlasts a period whose renewal could not be charged."""
        return self.terms.grace

    async def entitlement(self) -> Entitlement:
        """Return what the viewer may play; anonymous viewers cost no statement."""
        user_id = self.viewer.user_id
        subscription = await self.loaders.subscription_by_user.load(user_id) if user_id else None
        return entitlement_of(subscription, now=self.now, grace=self.grace)


Info = StrawberryInfo[Context, None]
