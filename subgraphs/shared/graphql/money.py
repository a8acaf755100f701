"""Amounts of money, which several subgraphs declare alike."""

from typing import Self

import strawberry


@strawberry.federation.type(shareable=True, description="An amount of money.")
class Money:
    amount_minor: int = strawberry.field(description="Amount in minor units: paise, cents.")
    currency: str = strawberry.field(description="ISO 4217 code: INR.")

    @classmethod
    def of(cls, amount_minor: int, currency: str) -> Self:
        """Return the amount."""
        return cls(amount_minor=amount_minor, currency=currency)
