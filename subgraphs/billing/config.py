"""Settings of the billing subgraph."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field, field_validator

from subgraphs.shared.config import SharedSettings

Day = Annotated[int, Field(ge=1, le=60)]


class Settings(SharedSettings):
    """Names are the environment variables."""

    billing_database: str = Field(
        default="billing", description="Name of the PostgreSQL database of the billing subgraph."
    )
    payment_grace_days: int = Field(
        default=3, ge=0, le=30, description="Days that access lasts after a renewal could not be charged."
    )
    renewal_lead_minutes: int = Field(
        default=5,
        ge=0,
        le=1440,
        description="How long before the end of a period the next one is charged, so that nobody's film stops between.",
    )
    dunning_days: list[Day] = Field(
        default=[1, 3, 5, 7],
        description="JSON list, rising: how many days after the first declined charge the others follow; after the "
        "last one the subscription ends.",
    )
    longer_period_at_once: bool = Field(
        default=True,
        description="Whether a change to the same plan with longer periods counts as an upgrade, charged at once; "
        "otherwise it waits for the end of the period, as changes to shorter ones do.",
    )
    invoice_prefix: str = Field(
        default="RG", pattern=r"[A-Z0-9]{1,2}", description="What the numbers of invoices begin with."
    )
    supplier_state: str = Field(
        default="KA", pattern=r"[A-Z]{2}", description="State of India in which the seller is registered, ISO 3166-2."
    )
    supplier_gstin: str | None = Field(default=None, description="The seller's GST number, printed on invoices.")
    service_accounting_code: str = Field(default="998433", description="SAC of what is sold, printed on invoices.")
    gst_percent: int = Field(default=18, ge=0, le=40, description="Goods and services tax contained in prices.")

    sandbox_decline_code: str | None = Field(
        default=None,
        description="Code with which the sandbox provider declines every new charge, to see what happens then: "
        "`INSUFFICIENT_FUNDS`. Unset: it declines what the token says.",
    )

    @field_validator("dunning_days")
    @classmethod
    def _must_rise(cls, days: list[int]) -> list[int]:
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ValueError("The days must rise.")
        return days
