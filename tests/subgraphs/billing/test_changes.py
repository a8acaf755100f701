"""Changing the plan: previewed, charged once, scheduled, refused; also when many try at once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from subgraphs.billing.gateways.sandbox import UNAVAILABLE, SandboxProvider, declining
from subgraphs.billing.service.changes import ChangeRequest
from subgraphs.shared.identity import ANONYMOUS
from subgraphs.shared.ids import decode_id, encode_id
from tests.subgraphs.billing.conftest import NOW, MovableClock
from tests.subgraphs.billing.desk import CHANGE, PLAN_IDS, PREVIEW, SUBSCRIPTION, Desk, DyingProvider

UPGRADED = {
    "status": "ACTIVE",
    "autoRenew": True,
    "cancelAtPeriodEnd": False,
    "currentPeriodStart": "2026-03-11T09:30:00+00:00",
    "currentPeriodEnd": "2027-03-11T09:30:00+00:00",
    "accessUntil": "2027-03-11T09:30:00+00:00",
    "graceUntil": None,
    "nextRetryAt": None,
    "provider": "FAKE",
    "price": {"amountMinor": 299_900},
    "plan": {"code": "annual"},
    "scheduledChange": None,
}


def code_of(response: dict[str, Any]) -> tuple[str, str]:
    (error,) = response["errors"]
    return error["extensions"]["code"], error["extensions"]["cause"]


@pytest.mark.requirement("FR-UM-004.2")
async def test_a_preview_names_what_an_upgrade_costs_now_and_changes_nothing(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe()
    clock.advance(days=10)
    before = await desk.state()

    response = await desk.preview("annual")

    assert response == {
        "data": {
            "subscriptionChangePreview": {
                "dueNow": {"amountMinor": 279_967, "currency": "INR"},
                "credit": {"amountMinor": 19_933},
                "nextInvoice": {"amountMinor": 299_900},
                "effectiveAt": "2026-03-11T09:30:00+00:00",
                "lines": [
                    {"description": "Premium annual", "amount": {"amountMinor": 299_900}, "proration": False},
                    {
                        "description": "Unused time of Premium monthly",
                        "amount": {"amountMinor": -19_933},
                        "proration": True,
                    },
                ],
            }
        }
    }
    assert await desk.state() == before


@pytest.mark.requirement("FR-UM-004.2")
async def test_an_upgrade_is_charged_as_previewed_and_begins_a_period_at_once(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe()
    clock.advance(days=10)
    quoted = (await desk.preview("annual"))["data"]["subscriptionChangePreview"]["dueNow"]["amountMinor"]

    payload = await desk.change("annual")

    assert payload == {"subscription": UPGRADED, "errors": []}
    assert await desk.rows("SELECT amount_minor, currency, failure_code FROM sandbox_charges") == [
        (quoted, "INR", None)
    ]
    assert await desk.rows("SELECT status, purpose, amount_minor, price_minor, credit_minor FROM payments") == [
        ("SUCCEEDED", "CHANGE", quoted, 299_900, 19_933)
    ]
    entitled = (await desk.events("entitlement_changed"))[-1]
    assert (entitled["tier"], entitled["until"]) == ("PREMIUM", "2027-03-11T09:30:00Z")
    assert await desk.news() == ["STARTED", "CHANGED"]
    (settled,) = await desk.events("payment_settled")
    assert (settled["plan"], settled["amount_minor"], settled["failure_code"]) == ("Premium annual", quoted, None)


@pytest.mark.requirement("FR-UM-004.2")
async def test_a_downgrade_waits_for_the_end_of_the_period_and_costs_nothing_until_then(desk: Desk) -> None:
    await desk.subscribe("annual")

    preview = (await desk.preview("monthly"))["data"]["subscriptionChangePreview"]
    payload = await desk.change("monthly")

    assert (preview["dueNow"]["amountMinor"], preview["credit"]["amountMinor"]) == (0, 0)
    assert preview["nextInvoice"]["amountMinor"] == 29_900
    assert preview["effectiveAt"] == "2027-03-01T09:30:00+00:00"
    assert payload["errors"] == []
    assert payload["subscription"]["plan"] == {"code": "annual"}
    assert payload["subscription"]["scheduledChange"] == {
        "plan": {"code": "monthly"},
        "at": "2027-03-01T09:30:00+00:00",
    }
    assert await desk.rows("SELECT count(*) FROM payments") == [(0,)]
    assert (await desk.events("subscription_changed"))[-1]["next_plan"] == "Premium monthly"


@pytest.mark.requirement("FR-UM-004.2")
async def test_a_scheduled_downgrade_is_charged_and_begins_with_the_next_period(
    desk: Desk, clock: MovableClock
) -> None:
    await desk.subscribe("annual")
    await desk.change("monthly")

    clock.advance(days=365)
    collected = await desk.cashier().collect_due()

    shown = await desk.subscription()
    assert collected == 1
    assert shown["plan"] == {"code": "monthly"}
    assert shown["scheduledChange"] is None
    assert shown["price"] == {"amountMinor": 29_900}
    assert shown["currentPeriodEnd"] == "2027-03-31T09:30:00+00:00"
    assert await desk.rows("SELECT amount_minor FROM sandbox_charges") == [(29_900,)]
    assert await desk.news() == ["STARTED", "CHANGE_SCHEDULED", "CHANGED"]


async def test_the_current_plan_withdraws_a_scheduled_change(desk: Desk) -> None:
    await desk.subscribe("annual")
    await desk.change("monthly", "one")

    payload = await desk.change("annual", "two")

    assert payload["errors"] == []
    assert payload["subscription"]["scheduledChange"] is None
    assert await desk.news() == ["STARTED", "CHANGE_SCHEDULED", "CHANGE_WITHDRAWN"]
    assert await desk.rows("SELECT count(*) FROM payments") == [(0,)]


async def test_scheduling_the_same_again_tells_nothing_more(desk: Desk) -> None:
    await desk.subscribe("annual")

    for key in ("one", "two", "one"):
        assert (await desk.change("monthly", key))["errors"] == []

    assert await desk.news() == ["STARTED", "CHANGE_SCHEDULED"]


@pytest.mark.requirement("FR-UM-004.2")
async def test_a_key_that_comes_again_charges_nothing_more_and_answers_alike(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe()
    clock.advance(days=10)
    first = await desk.change("annual", "same")
    before = await desk.state()
    clock.advance(days=1)

    again = await desk.change("annual", "same")

    assert again == first == {"subscription": UPGRADED, "errors": []}
    assert await desk.state() == before


async def test_a_key_that_comes_with_another_plan_is_refused_and_changes_nothing(desk: Desk) -> None:
    await desk.subscribe()
    await desk.change("annual", "same")
    before = await desk.state()

    payload = await desk.change("monthly", "same")

    assert payload["errors"] == [{"code": "IDEMPOTENCY_KEY_REUSED", "path": None}]
    assert await desk.state() == before


async def test_the_same_key_of_two_accounts_is_two_keys(desk: Desk) -> None:
    other = Desk(desk.app, desk.settings, desk.database, desk.clock)
    for each in (desk, other):
        await each.subscribe()

        assert (await each.change("annual", "same"))["errors"] == []

    assert await desk.rows("SELECT count(*) FROM sandbox_charges") == [(2,)]


@pytest.mark.requirement("FR-UM-004.2")
@pytest.mark.parametrize("keys", ["one key", "a key each"])
async def test_twenty_changes_at_once_charge_once(desk: Desk, keys: str) -> None:
    await desk.subscribe()

    payloads = await asyncio.gather(
        *(desk.change("annual", "same" if keys == "one key" else f"key-{number}") for number in range(20))
    )

    codes = {error["code"] for payload in payloads for error in payload["errors"]}
    done = [payload for payload in payloads if not payload["errors"]]
    assert len(done) == (20 if keys == "one key" else 1)
    assert codes <= {"PAYMENT_IN_PROGRESS", "ALREADY_ON_PLAN"}
    assert all(payload["subscription"]["plan"] == {"code": "annual"} for payload in done)
    for table in ("sandbox_charges", "payments", "invoices"):
        assert await desk.rows(f"SELECT count(*) FROM {table}") == [(1,)]
    assert await desk.news() == ["STARTED", "CHANGED"]


@pytest.mark.requirement("FR-UM-004.2")
async def test_a_declined_upgrade_leaves_the_plan_as_it_was_and_another_key_tries_again(
    desk: Desk, clock: MovableClock
) -> None:
    await desk.subscribe(token=declining("INSUFFICIENT_FUNDS"))
    before = await desk.subscription()

    refused = await desk.change("annual", "one")
    again = await desk.change("annual", "one")
    await desk.pay_with("sandbox:approve")
    clock.advance(days=10)
    done = await desk.change("annual", "two")

    assert refused == again == {"subscription": before, "errors": [{"code": "PAYMENT_DECLINED", "path": None}]}
    assert done == {"subscription": UPGRADED, "errors": []}
    assert await desk.rows("SELECT status, failure_code FROM payments ORDER BY created_at") == [
        ("FAILED", "INSUFFICIENT_FUNDS"),
        ("SUCCEEDED", None),
    ]
    assert await desk.rows("SELECT count(*) FROM invoices") == [(1,)]


async def test_a_provider_without_an_answer_changes_nothing_until_it_gives_one(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe(token=UNAVAILABLE)
    before = await desk.subscription()

    refused = await desk.change("annual", "one")
    previewed = await desk.preview("quarterly")
    waiting = [
        await desk.change("annual", "two"),
        await desk.mutate("subscriptionCancel"),
        await desk.mutate("subscriptionCancel(atPeriodEnd: false)"),
    ]
    clock.advance(minutes=2)
    await desk.execute("UPDATE payments SET payment_token = 'sandbox:approve'")
    collected = await desk.cashier().collect_due()

    assert refused == {"subscription": before, "errors": [{"code": "PROVIDER_UNAVAILABLE", "path": None}]}
    assert waiting == [{"subscription": before, "errors": [{"code": "PAYMENT_IN_PROGRESS", "path": None}]}] * 3
    assert code_of(previewed) == ("CONFLICT", "PAYMENT_IN_PROGRESS")
    assert collected == 1
    shown = await desk.subscription()
    assert shown["plan"] == {"code": "annual"}
    # The period begins at the moment for which the credit was computed.
    assert shown["currentPeriodStart"] == NOW.isoformat()
    assert await desk.rows("SELECT count(*) FROM sandbox_charges") == [(1,)]


async def test_a_process_that_dies_between_charge_and_record_is_finished_without_a_second_charge(
    desk: Desk, clock: MovableClock
) -> None:
    await desk.subscribe()
    provider = DyingProvider(SandboxProvider(desk.database))
    cashier = desk.cashier(provider)

    with pytest.raises(ConnectionResetError):
        await cashier.change_plan(ChangeRequest(desk.user_id, decode_id(PLAN_IDS["annual"]).uuid, "one"))
    charged = await desk.rows("SELECT key FROM sandbox_charges")
    too_early = await cashier.collect_due()
    clock.advance(seconds=61)
    finished = await cashier.collect_due()
    idle = await cashier.collect_due()

    assert (too_early, finished, idle) == (0, 1, 0)
    assert [charge.key for charge in provider.asked] == [charged[0][0]] * 2
    assert await desk.rows("SELECT key FROM sandbox_charges") == charged
    assert (await desk.subscription())["plan"] == {"code": "annual"}
    assert await desk.rows("SELECT count(*) FROM invoices") == [(1,)]


REFUSED = {
    "UPDATE subscriptions SET status = 'CANCELED'": "NOT_SUBSCRIBED",
    "UPDATE subscriptions SET status = 'PAUSED'": "NOT_SUBSCRIBED",
    "UPDATE subscriptions SET status = 'PAST_DUE'": "PAYMENT_OVERDUE",
    "UPDATE subscriptions SET cancel_at_period_end = true": "SUBSCRIPTION_ENDING",
    "UPDATE subscriptions SET current_period_end = '2026-03-01 09:30Z'": "PAYMENT_IN_PROGRESS",
    "UPDATE subscriptions SET cancel_at_period_end = true, current_period_end = '2026-03-01 09:30Z'": "NOT_SUBSCRIBED",
    "UPDATE plans SET currency = 'USD' WHERE code = 'annual'": "PLAN_CURRENCY",
}


@pytest.mark.requirement("FR-UM-004.2")
@pytest.mark.parametrize("statement", REFUSED)
async def test_what_cannot_be_changed_is_refused_alike_by_preview_and_change(
    desk: Desk, clock: MovableClock, statement: str
) -> None:
    clock.advance(days=-10)
    await desk.subscribe()
    clock.advance(days=10)
    await desk.execute(statement)
    before = await desk.state()

    previewed = await desk.preview("annual")
    payload = await desk.change("annual")

    assert previewed["data"] == {"subscriptionChangePreview": None}
    assert code_of(previewed) == ("CONFLICT", REFUSED[statement])
    assert payload["errors"] == [{"code": REFUSED[statement], "path": None}]
    assert await desk.state() == before


async def test_the_plan_that_one_has_is_refused(desk: Desk) -> None:
    await desk.subscribe()
    before = await desk.state()

    assert code_of(await desk.preview("monthly")) == ("CONFLICT", "ALREADY_ON_PLAN")
    assert (await desk.change("monthly"))["errors"] == [{"code": "ALREADY_ON_PLAN", "path": None}]
    assert await desk.state() == before


@pytest.mark.parametrize(
    ("plan_id", "code"),
    [
        (encode_id("Plan", UUID(int=1)), "UNKNOWN_PLAN"),
        (encode_id("Movie", UUID(int=1)), "INVALID_ID"),
        ("x", "INVALID_ID"),
    ],
)
async def test_a_plan_that_is_none_is_refused(desk: Desk, plan_id: str, code: str) -> None:
    await desk.subscribe()
    before = await desk.state()

    assert code_of(await desk.preview(plan_id)) == ("BAD_USER_INPUT", code)
    assert (await desk.change(plan_id))["errors"] == [{"code": code, "path": ["planId"]}]
    assert await desk.state() == before


async def test_a_plan_that_is_sold_no_more_is_refused_but_to_who_has_it(desk: Desk) -> None:
    await desk.subscribe("annual")
    await desk.change("monthly", "one")
    await desk.execute("UPDATE plans SET is_archived = true WHERE code IN ('annual', 'quarterly')")

    refused = await desk.change("quarterly", "two")
    withdrawn = await desk.change("annual", "three")

    assert refused["errors"] == [{"code": "UNKNOWN_PLAN", "path": ["planId"]}]
    assert withdrawn["errors"] == []
    assert withdrawn["subscription"]["scheduledChange"] is None


async def test_nobody_changes_or_previews_without_signing_in(desk: Desk) -> None:
    variables = {"plan": PLAN_IDS["annual"], "key": "k"}

    for query in (PREVIEW, CHANGE % SUBSCRIPTION):
        response = await desk.app.execute_as(ANONYMOUS, query, variables=variables)

        assert code_of(response) == ("UNAUTHENTICATED", "UNAUTHENTICATED")
    assert await desk.rows("SELECT count(*) FROM subscriptions") == [(0,)]


async def test_who_has_no_subscription_is_told_so(desk: Desk) -> None:
    assert code_of(await desk.preview("annual")) == ("CONFLICT", "NOT_SUBSCRIBED")
    assert await desk.change("annual") == {
        "subscription": None,
        "errors": [{"code": "NOT_SUBSCRIBED", "path": None}],
    }


async def test_a_longer_period_waits_where_the_operator_says_so(desk: Desk) -> None:
    await desk.subscribe()
    cashier = desk.cashier(longer_period_at_once=False)

    await cashier.change_plan(ChangeRequest(desk.user_id, decode_id(PLAN_IDS["annual"]).uuid, "one"))

    scheduled = (await desk.subscription())["scheduledChange"]
    assert scheduled == {"plan": {"code": "annual"}, "at": (NOW + timedelta(days=30)).isoformat()}
    assert await desk.rows("SELECT count(*) FROM payments") == [(0,)]
