"""Cancelling, resuming and auto-renewal: access until the end of what is paid, and not a second longer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from subgraphs.billing.gateways.sandbox import declining
from subgraphs.shared.identity import ANONYMOUS
from tests.subgraphs.billing.conftest import NOW, MovableClock
from tests.subgraphs.billing.desk import PLAN_IDS, Desk

PERIOD_END = NOW + timedelta(days=30)
CANCEL = "subscriptionCancel"
NOT_SUBSCRIBED = [{"code": "NOT_SUBSCRIBED", "path": None}]


@pytest.mark.requirement("FR-UM-004.5")
async def test_cancelled_for_the_end_it_stays_active_until_then_and_then_ends(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe()

    payload = await desk.mutate('subscriptionCancel(reason: "Too few films")')
    clock.now = PERIOD_END - timedelta(seconds=1)
    early = await desk.cashier().collect_due()
    last_second = await desk.account("daysLeft subscription { status }")
    clock.advance(seconds=1)
    over = await desk.account("daysLeft subscription { status }")
    ended = await desk.cashier().collect_due()

    assert payload["errors"] == []
    assert payload["subscription"]["status"] == "ACTIVE"
    assert payload["subscription"]["cancelAtPeriodEnd"] is True
    assert payload["subscription"]["autoRenew"] is False
    assert payload["subscription"]["accessUntil"] == PERIOD_END.isoformat()
    assert (early, ended) == (0, 1)
    assert last_second == {"daysLeft": 0, "subscription": {"status": "ACTIVE"}}
    # Access is over by the clock; that the worker has not come by yet makes no difference.
    assert over == {"daysLeft": None, "subscription": {"status": "ACTIVE"}}
    shown = await desk.subscription()
    assert (shown["status"], shown["accessUntil"], shown["autoRenew"]) == ("CANCELED", PERIOD_END.isoformat(), False)
    assert [event["tier"] for event in await desk.events("entitlement_changed")] == ["PREMIUM", "FREE"]
    assert await desk.news() == ["STARTED", "ENDING", "ENDED"]
    assert await desk.rows("SELECT count(*) FROM sandbox_charges") == [(0,)]


async def test_a_worker_that_comes_late_ends_it_as_of_when_access_ended(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe()
    await desk.mutate(CANCEL)

    clock.advance(days=40)
    await desk.cashier().collect_due()

    assert (await desk.subscription())["accessUntil"] == PERIOD_END.isoformat()


@pytest.mark.requirement("FR-UM-004.5")
async def test_cancelled_now_it_ends_now(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe()
    clock.advance(days=10)

    payload = await desk.mutate("subscriptionCancel(atPeriodEnd: false)")

    assert payload["errors"] == []
    assert payload["subscription"]["status"] == "CANCELED"
    assert payload["subscription"]["accessUntil"] == clock.now.isoformat()
    assert await desk.account("daysLeft") == {"daysLeft": None}
    assert [event["tier"] for event in await desk.events("entitlement_changed")] == ["PREMIUM", "FREE"]


@pytest.mark.requirement("FR-UM-004.4")
async def test_auto_renewal_off_lets_it_end_and_on_lets_it_renew(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe()

    off = await desk.mutate("subscriptionAutoRenewSet(enabled: false)")
    clock.advance(days=29)
    on = await desk.mutate("subscriptionAutoRenewSet(enabled: true)")
    clock.advance(days=1)
    renewed = await desk.cashier().collect_due()

    assert (off["errors"], on["errors"], renewed) == ([], [], 1)
    assert [each["subscription"]["autoRenew"] for each in (off, on)] == [False, True]
    assert [each["subscription"]["cancelAtPeriodEnd"] for each in (off, on)] == [True, False]
    assert (await desk.subscription())["currentPeriodEnd"] == (PERIOD_END + timedelta(days=30)).isoformat()
    assert await desk.news() == ["STARTED", "ENDING", "RESUMED"]


@pytest.mark.requirement("FR-UM-004.4")
@pytest.mark.parametrize("setting", ["true", "false"])
async def test_setting_what_is_set_changes_nothing(desk: Desk, setting: str) -> None:
    await desk.subscribe()
    first = await desk.mutate(f"subscriptionAutoRenewSet(enabled: {setting})")
    before = await desk.state()

    again = await desk.mutate(f"subscriptionAutoRenewSet(enabled: {setting})")

    assert again == first
    assert await desk.state() == before


@pytest.mark.requirement("FR-UM-004.5")
async def test_a_cancellation_is_taken_back_until_the_period_ends_and_not_after(
    desk: Desk, clock: MovableClock
) -> None:
    await desk.subscribe()
    await desk.mutate('subscriptionCancel(reason: "Holidays")')
    resumed = await desk.mutate("subscriptionResume")
    reasons = await desk.rows("SELECT cancellation_reason FROM subscriptions")
    await desk.mutate(CANCEL)
    clock.now = PERIOD_END
    before = await desk.state()

    refused = await desk.mutate("subscriptionResume")

    assert resumed["subscription"]["cancelAtPeriodEnd"] is False
    assert reasons == [(None,)]
    assert refused["errors"] == NOT_SUBSCRIBED
    assert await desk.state() == before


async def test_cancelling_drops_a_scheduled_change(desk: Desk) -> None:
    await desk.subscribe("annual")
    await desk.change("monthly")

    payload = await desk.mutate(CANCEL)

    assert payload["subscription"]["scheduledChange"] is None


@pytest.mark.requirement("FR-UM-004.5")
async def test_cancelled_while_overdue_it_ends_at_once_and_is_charged_no_more(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe(token=declining("EXPIRED"))
    clock.now = PERIOD_END
    await desk.cashier().collect_due()

    payload = await desk.mutate("subscriptionAutoRenewSet(enabled: false)")
    await desk.pay_with("sandbox:approve")
    clock.advance(days=30)

    assert await desk.cashier().collect_due() == 0
    assert payload["subscription"]["status"] == "CANCELED"
    assert await desk.rows("SELECT failure_code FROM sandbox_charges") == [("EXPIRED",)]


async def test_cancelled_while_paused_it_ends_at_once(desk: Desk) -> None:
    await desk.subscribe()
    await desk.execute("UPDATE subscriptions SET status = 'PAUSED'")

    payload = await desk.mutate(CANCEL)

    assert payload["subscription"]["status"] == "CANCELED"


async def test_cancelled_when_the_charge_ahead_of_time_failed_it_runs_to_its_end(
    desk: Desk, clock: MovableClock
) -> None:
    await desk.subscribe(token=declining("EXPIRED"))
    clock.now = PERIOD_END - timedelta(minutes=5)
    await desk.cashier().collect_due()
    overdue = await desk.subscription()

    cancelled = await desk.mutate(CANCEL)
    resumed = await desk.mutate("subscriptionResume")
    await desk.pay_with("sandbox:approve")
    charged = await desk.cashier().collect_due()

    assert overdue["status"] == "PAST_DUE"
    assert (cancelled["subscription"]["status"], cancelled["subscription"]["accessUntil"]) == (
        "ACTIVE",
        PERIOD_END.isoformat(),
    )
    assert (resumed["errors"], charged) == ([], 1)
    assert (await desk.subscription())["currentPeriodEnd"] == (PERIOD_END + timedelta(days=30)).isoformat()


REFUSALS = {
    CANCEL: NOT_SUBSCRIBED,
    "subscriptionResume": NOT_SUBSCRIBED,
    "subscriptionAutoRenewSet(enabled: true)": NOT_SUBSCRIBED,
    "subscriptionAutoRenewSet(enabled: false)": NOT_SUBSCRIBED,
    f'subscriptionCancel(reason: "{"x" * 501}")': [{"code": "REASON_TOO_LONG", "path": ["reason"]}],
}


@pytest.mark.parametrize("call", REFUSALS, ids=lambda call: call[:40])
async def test_without_a_subscription_or_with_too_long_a_reason_nothing_happens(desk: Desk, call: str) -> None:
    await desk.subscribe()
    if REFUSALS[call] == NOT_SUBSCRIBED:
        await desk.execute("UPDATE subscriptions SET status = 'CANCELED'")
    before = await desk.state()

    payload = await desk.mutate(call)

    assert payload["errors"] == REFUSALS[call]
    assert await desk.state() == before


EVERY_CHANGE = [
    CANCEL,
    "subscriptionResume",
    "subscriptionAutoRenewSet(enabled: false)",
    "subscriptionAutoRenewSet(enabled: true)",
    f'subscriptionChange(planId: "{PLAN_IDS["annual"]}", idempotencyKey: "k")',
]


@pytest.mark.parametrize("call", EVERY_CHANGE, ids=lambda call: call[:40])
async def test_a_kids_profile_and_an_app_of_others_change_nothing_that_costs_money(desk: Desk, call: str) -> None:
    await desk.subscribe()
    before = await desk.state()

    for viewer in (replace(desk.viewer, is_kids=True), replace(desk.viewer, client_id="app")):
        response = await desk.app.execute_as(viewer, f"mutation {{ {call} {{ errors {{ code }} }} }}")

        assert [error["extensions"]["code"] for error in response["errors"]] == ["FORBIDDEN"]
    assert await desk.state() == before


@pytest.mark.requirement("FR-UM-004.4", "FR-UM-004.5")
@pytest.mark.parametrize("call", [CANCEL, "subscriptionResume", "subscriptionAutoRenewSet(enabled: false)"])
async def test_a_subscription_is_changed_by_its_own_account_only(desk: Desk, call: str) -> None:
    await desk.subscribe()
    stranger = Desk(desk.app, desk.settings, desk.database, desk.clock)
    before = await desk.state()

    anonymous = await desk.app.execute_as(ANONYMOUS, f"mutation {{ {call} {{ errors {{ code }} }} }}")
    payload = await stranger.mutate(call)

    assert [error["extensions"]["code"] for error in anonymous["errors"]] == ["UNAUTHENTICATED"]
    assert payload == {"subscription": None, "errors": NOT_SUBSCRIBED}
    assert await desk.state() == before
