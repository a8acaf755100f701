"""What the operator decided about renewing, changing and invoicing, as rules want to have it."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Self

from subgraphs.billing.config import Settings


@dataclass(frozen=True, slots=True)
class Seller:
    """Who issues invoices, and the tax contained in prices."""

    invoice_prefix: str
    state: str
    gstin: str | None
    accounting_code: str
    gst_percent: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The operator's decisions.

    Attributes:
        grace: How long access outlasts a period whose renewal could not be charged.
        renewal_lead: How long before the end of a period the next one is charged.
        retry_gaps: How long after a declined charge the next one follows; after the last one nothing follows.
        longer_period_at_once: Whether a change to longer periods alone is charged at once.
        seller: Who issues invoices.
    """

    grace: timedelta
    renewal_lead: timedelta
    retry_gaps: tuple[timedelta, ...]
    longer_period_at_once: bool
    seller: Seller

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the terms of the settings."""
        gaps = tuple(timedelta(days=later - earlier) for earlier, later in pairwise((0, *settings.dunning_days)))
        return cls(
            grace=timedelta(days=settings.payment_grace_days),
            renewal_lead=timedelta(minutes=settings.renewal_lead_minutes),
            retry_gaps=gaps,
            longer_period_at_once=settings.longer_period_at_once,
            seller=Seller(
                invoice_prefix=settings.invoice_prefix,
                state=settings.supplier_state,
                gstin=settings.supplier_gstin,
                accounting_code=settings.service_accounting_code,
                gst_percent=settings.gst_percent,
            ),
        )

    def retry_after(self, declined: int) -> timedelta | None:
        """Return how long after the so-many-th declined charge the next one follows; None when none does."""
        return self.retry_gaps[declined - 1] if declined <= len(self.retry_gaps) else None
