"""Taxes contained in prices, and numbers without gaps."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.billing.service.invoicing import Tax, TaxSplit, financial_year, split_tax
from tests.subgraphs.billing.desk import Desk


def test_the_tax_in_299_rupees_is_what_the_law_says() -> None:
    assert split_tax(29_900, gst_percent=18, within_state=True) == TaxSplit(
        25_339, (Tax("CGST", 9.0, 2_281), Tax("SGST", 9.0, 2_281)), -1
    )
    assert split_tax(29_900, gst_percent=18, within_state=False) == TaxSplit(25_339, (Tax("IGST", 18.0, 4_561),), 0)


def test_without_a_tax_the_subtotal_is_the_total() -> None:
    assert split_tax(29_900, gst_percent=0, within_state=True) == TaxSplit(29_900, (), 0)


@given(st.integers(1, 10**8), st.integers(0, 40), st.booleans())
def test_the_parts_make_the_total_and_rounding_leaves_a_minor_unit_at_most(
    total_minor: int, gst_percent: int, within_state: bool
) -> None:
    parts = split_tax(total_minor, gst_percent=gst_percent, within_state=within_state)

    assert parts.subtotal_minor + sum(tax.amount_minor for tax in parts.taxes) + parts.round_off_minor == total_minor
    assert abs(parts.round_off_minor) <= 1


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (datetime(2026, 3, 31, 18, 29, 59, tzinfo=UTC), "25-26"),
        (datetime(2026, 3, 31, 18, 30, tzinfo=UTC), "26-27"),
        (datetime(2099, 12, 1, tzinfo=UTC), "99-00"),
    ],
)
def test_the_financial_year_begins_in_april_in_india(moment: datetime, year: str) -> None:
    assert financial_year(moment) == year


async def test_numbers_have_no_gaps_although_charges_come_at_once_and_some_are_declined(desk: Desk) -> None:
    others = [Desk(desk.app, desk.settings, desk.database, desk.clock) for _ in range(5)]
    for number, other in enumerate([desk, *others]):
        await other.subscribe(token="sandbox:approve" if number % 3 else "sandbox:decline:NO_MONEY")

    payloads = await asyncio.gather(*(other.change("annual") for other in [desk, *others]))

    codes = [[error["code"] for error in payload["errors"]] for payload in payloads]
    assert codes == [["PAYMENT_DECLINED"], [], [], ["PAYMENT_DECLINED"], [], []]
    assert await desk.rows("SELECT number FROM invoices ORDER BY number") == [
        (f"RG/25-26/{number:07}",) for number in range(1, 5)
    ]
