"""The port to payment providers, and what every adapter promises."""

from dataclasses import dataclass
from typing import Protocol

from subgraphs.billing.models import MethodKind, Provider


@dataclass(frozen=True, slots=True)
class Charge:
    """Money to collect. `token` is the provider's name for how the customer pays; the amount is in minor units."""

    key: str
    token: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ChargeOutcome:
    """The provider's answer. `failure_code` is None when the money was collected."""

    method: MethodKind | None
    failure_code: str | None = None


class PaymentProvider(Protocol):
    """Collects money.

    A key is charged once at most: asked again with it, also after an answer was lost, an adapter gives the outcome of
    the first time. It waits for the provider at most as long as its timeout says.
    """

    kind: Provider

    async def charge(self, charge: Charge) -> ChargeOutcome:
        """Collect the money, or return how it went when the key was charged before.

        Raises:
            ProviderUnavailableError: No answer; whether it was charged is told by asking again with the same key.
        """
        ...
