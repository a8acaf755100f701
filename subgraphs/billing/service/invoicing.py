"""Bills: the tax contained in a price, and numbers without gaps.

Prices contain GST. The subtotal is the price less the tax, rounded half up; each tax is computed from the subtotal and
rounded half up; what the roundings leave over is the round-off. Inside the seller's state the tax is parted in half
between CGST and SGST, to every other state it is IGST (rules: GST Circular 242/36/2024).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone

from subgraphs.billing import repository
from subgraphs.billing.models import Invoice, Payment
from subgraphs.billing.service.proration import Line
from subgraphs.billing.service.terms import Seller
from subgraphs.shared.postgres import WriteSession

_INDIA = timezone(timedelta(hours=5, minutes=30))
_APRIL = 4
_TAXED_CURRENCY = "INR"


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax of a bill."""

    name: str
    rate_percent: float
    amount_minor: int


@dataclass(frozen=True, slots=True)
class TaxSplit:
    """A tax-inclusive total in its parts: subtotal, taxes and round-off add up to it."""

    subtotal_minor: int
    taxes: tuple[Tax, ...]
    round_off_minor: int


def split_tax(total_minor: int, *, gst_percent: int, within_state: bool) -> TaxSplit:
    """Return the parts of a tax-inclusive total."""
    if not gst_percent:
        return TaxSplit(total_minor, (), 0)
    subtotal_minor = _rounded(total_minor * 100, 100 + gst_percent)
    if within_state:
        half_minor = _rounded(subtotal_minor * gst_percent, 200)
        taxes = tuple(Tax(name, gst_percent / 2, half_minor) for name in ("CGST", "SGST"))
    else:
        taxes = (Tax("IGST", float(gst_percent), _rounded(subtotal_minor * gst_percent, 100)),)
    round_off_minor = total_minor - subtotal_minor - sum(tax.amount_minor for tax in taxes)
    return TaxSplit(subtotal_minor, taxes, round_off_minor)


def _rounded(numerator: int, denominator: int) -> int:
    """Return the quotient of two positive integers, rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def financial_year(moment: datetime) -> str:
    """Return India's financial year, April to March, of the moment: `26-27`."""
    local = moment.astimezone(_INDIA)
    first = local.year if local.month >= _APRIL else local.year - 1
    return f"{first % 100:02}-{(first + 1) % 100:02}"


async def issue_invoice(
    session: WriteSession,
    payment: Payment,
    lines: Sequence[Line],
    *,
    billing_state: str | None,
    seller: Seller,
    now: datetime,
) -> None:
    """Issue the bill of a payment in the transaction that records it, so that no number is ever left out.

    Without a state of the customer on record, the place of supply is the seller's own.
    """
    place = billing_state or seller.state
    gst_percent = seller.gst_percent if payment.currency == _TAXED_CURRENCY else 0
    parts = split_tax(payment.amount_minor, gst_percent=gst_percent, within_state=place == seller.state)
    year = financial_year(now)
    position = await repository.next_invoice_number(session, year)
    session.add(
        Invoice(
            # At most 16 characters, by the rules on tax invoices.
            number=f"{seller.invoice_prefix}/{year}/{position:07}",
            payment_id=payment.id,
            user_id=payment.user_id,
            issued_at=now,
            currency=payment.currency,
            subtotal_minor=parts.subtotal_minor,
            round_off_minor=parts.round_off_minor,
            total_minor=payment.amount_minor,
            taxes=[asdict(tax) for tax in parts.taxes],
            lines=[asdict(line) for line in lines],
            sac=seller.accounting_code,
            supplier_gstin=seller.gstin,
            place_of_supply=place,
        )
    )
