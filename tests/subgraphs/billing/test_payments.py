"""The history of payments and invoices: paged, newest first, one's own."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from subgraphs.billing.gateways.sandbox import APPROVE, declining
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.telemetry import count_statements
from tests.subgraphs.billing.conftest import NOW, MovableClock
from tests.subgraphs.billing.desk import ENTITY, Desk

PAYMENTS = """payments(first: %s) { edges { cursor node { status amount { amountMinor currency } method provider
  failureCode createdAt } } pageInfo { hasNextPage hasPreviousPage endCursor } }"""
INVOICE = """number issuedAt subtotal { amountMinor } taxes { name ratePercent amount { amountMinor } }
  roundOff { amountMinor } total { amountMinor currency } sac supplierGstin placeOfSupply
  lines { description amount { amountMinor } proration }"""
INVOICES = f"invoices(first: %s) {{ edges {{ cursor node {{ id {INVOICE} }} }} pageInfo {{ hasNextPage }} }}"
STAFF = Viewer(
    user_id=encode_id("User", UUID(int=7)), scopes=frozenset({"billing:read", "billing:write", "billing:refund"})
)


@pytest.fixture(name="payer")
async def _payer(desk: Desk, clock: MovableClock) -> Desk:
    """A subscriber with a year of monthly payments behind them, the second of which was declined at first."""
    await desk.subscribe(state="MH")
    cashier = desk.cashier(renewal_lead_minutes=0)
    for month in range(1, 6):
        await desk.pay_with(declining("LIMIT") if month == 2 else APPROVE)
        clock.now = NOW + timedelta(days=30 * month)
        await cashier.collect_due()
        if month == 2:
            await desk.pay_with(APPROVE)
            clock.advance(days=1)
            await cashier.collect_due()
    return desk


@pytest.mark.requirement("FR-UM-004.3")
async def test_payments_come_newest_first_with_what_became_of_each(payer: Desk) -> None:
    with count_statements() as statements:
        connection = (await payer.account(PAYMENTS % 20))["payments"]

    shown = [
        (edge["node"]["createdAt"][:10], edge["node"]["status"], edge["node"]["failureCode"])
        for edge in connection["edges"]
    ]
    assert shown == [
        ("2026-07-29", "SUCCEEDED", None),
        ("2026-06-29", "SUCCEEDED", None),
        ("2026-05-30", "SUCCEEDED", None),
        ("2026-05-01", "SUCCEEDED", None),
        ("2026-04-30", "FAILED", "LIMIT"),
        ("2026-03-31", "SUCCEEDED", None),
    ]
    assert connection["edges"][0]["node"] == {
        "status": "SUCCEEDED",
        "amount": {"amountMinor": 29_900, "currency": "INR"},
        "method": "CARD",
        "provider": "FAKE",
        "failureCode": None,
        "createdAt": "2026-07-29T09:30:00+00:00",
    }
    assert connection["pageInfo"]["hasNextPage"] is False
    assert statements == {f"postgres:{payer.settings.billing_database}": 1}


@pytest.mark.requirement("FR-UM-004.3")
@pytest.mark.parametrize("name", ["payments", "invoices"])
async def test_pages_join_without_gap_and_repetition_although_more_is_paid_meanwhile(
    payer: Desk, clock: MovableClock, name: str
) -> None:
    async def page(after: str | None) -> Any:
        given = f', after: "{after}"' if after else ""
        return (
            await payer.account(
                f"{name}(first: 2{given}) {{ edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage "
                "startCursor endCursor } }"
            )
        )[name]

    everything = (await payer.account(f"{name}(first: 20) {{ edges {{ cursor node {{ id }} }} }}"))[name]["edges"]
    pages = [await page(None)]
    clock.now = NOW + timedelta(days=180)
    await payer.cashier().collect_due()
    while pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(await page(pages[-1]["pageInfo"]["endCursor"]))

    assert [edge for each in pages for edge in each["edges"]] == everything
    assert [each["pageInfo"]["hasPreviousPage"] for each in pages] == [False] + [True] * (len(pages) - 1)
    assert len(everything) == {"payments": 6, "invoices": 5}[name]


@pytest.mark.requirement("FR-UM-004.3")
async def test_an_invoice_has_the_taxes_of_the_customers_state_and_the_lines_of_what_was_sold(
    payer: Desk, clock: MovableClock
) -> None:
    clock.now = NOW + timedelta(days=165)
    upgraded = await payer.change("annual")

    newest, before = (edge["node"] for edge in (await payer.account(INVOICES % 2))["invoices"]["edges"])

    assert upgraded["errors"] == []
    assert newest["lines"] == [
        {"description": "Premium annual", "amount": {"amountMinor": 299_900}, "proration": False},
        {"description": "Unused time of Premium monthly", "amount": {"amountMinor": -14_950}, "proration": True},
    ]
    assert newest["total"] == {"amountMinor": 284_950, "currency": "INR"}
    assert {key: before[key] for key in before if key != "id"} == {
        "number": "RG/26-27/0000004",
        "issuedAt": "2026-07-29T09:30:00+00:00",
        "subtotal": {"amountMinor": 25_339},
        "taxes": [{"name": "IGST", "ratePercent": 18.0, "amount": {"amountMinor": 4_561}}],
        "roundOff": {"amountMinor": 0},
        "total": {"amountMinor": 29_900, "currency": "INR"},
        "sac": "998433",
        "supplierGstin": None,
        "placeOfSupply": "MH",
        "lines": [{"description": "Premium monthly", "amount": {"amountMinor": 29_900}, "proration": False}],
    }


async def test_without_a_state_on_record_the_sellers_own_decides_the_taxes(desk: Desk) -> None:
    await desk.subscribe()
    await desk.change("annual")

    (invoice,) = (edge["node"] for edge in (await desk.account(INVOICES % 1))["invoices"]["edges"])

    assert invoice["placeOfSupply"] == "KA"
    assert [tax["name"] for tax in invoice["taxes"]] == ["CGST", "SGST"]


@pytest.mark.requirement("FR-UM-004.3")
@pytest.mark.parametrize("viewer", [ANONYMOUS, Viewer(user_id=encode_id("User", UUID(int=1))), STAFF])
async def test_nobody_else_sees_payments_and_invoices(payer: Desk, viewer: Viewer) -> None:
    (invoice,) = (edge["node"]["id"] for edge in (await payer.account(INVOICES % 1))["invoices"]["edges"])
    reference = {"who": [{"__typename": "Invoice", "id": invoice}]}
    query = "query ($who: [_Any!]!) { _entities(representations: $who) { ... on Invoice { number } } }"

    own = await payer.app.execute_as(payer.viewer, query, variables=reference)
    anothers = await payer.app.execute_as(viewer, query, variables=reference)

    assert own["data"]["_entities"][0]["number"].startswith("RG/")
    assert anothers == {"data": {"_entities": [None]}}
    assert await payer.account(f"{PAYMENTS % 5} {INVOICES % 5}", viewer) is None


async def test_invoices_resolve_in_order_in_one_statement(payer: Desk) -> None:
    edges = (await payer.account(INVOICES % 2))["invoices"]["edges"]
    ids = [edges[1]["node"]["id"], "nonsense", encode_id("Invoice", UUID(int=0)), edges[0]["node"]["id"]]
    query = "query ($who: [_Any!]!) { _entities(representations: $who) { ... on Invoice { id } } }"
    who = [{"__typename": "Invoice", "id": each} for each in ids]

    with count_statements() as statements:
        response = await payer.app.execute_as(payer.viewer, query, variables={"who": who})

    assert [entity and entity["id"] for entity in response["data"]["_entities"]] == [ids[0], None, None, ids[3]]
    assert statements == {f"postgres:{payer.settings.billing_database}": 1}


@pytest.mark.parametrize("name", ["payments", "invoices"])
@pytest.mark.parametrize(
    ("arguments", "cause"),
    [("first: 101", "PAGE_SIZE"), ("first: -1", "PAGE_SIZE"), ('after: "eyJ4Ijox"', "INVALID_CURSOR")],
)
async def test_pages_that_cannot_be_are_refused(desk: Desk, name: str, arguments: str, cause: str) -> None:
    await desk.subscribe()
    who = [{"__typename": "User", "id": desk.user_id}]
    query = ENTITY % f"{name}({arguments}) {{ edges {{ cursor }} }}"

    response = await desk.app.execute_as(desk.viewer, query, variables={"who": who})

    assert [error["extensions"]["cause"] for error in response["errors"]] == [cause]
    assert response["data"]["_entities"] == [{name: None}]


async def test_a_cursor_of_the_other_list_is_refused(payer: Desk) -> None:
    cursor = (await payer.account(INVOICES % 1))["invoices"]["edges"][0]["cursor"]
    who = [{"__typename": "User", "id": payer.user_id}]
    query = ENTITY % f'payments(after: "{cursor}") {{ edges {{ cursor }} }}'

    response = await payer.app.execute_as(payer.viewer, query, variables={"who": who})

    assert [error["extensions"]["cause"] for error in response["errors"]] == ["INVALID_CURSOR"]
