"""Renewal at the end of a period: charged once, retried by schedule, ended in the end; driven by the clock."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from subgraphs.billing.gateways.payments import Charge, ChargeOutcome
from subgraphs.billing.gateways.sandbox import APPROVE, UNAVAILABLE, SandboxProvider, declining
from subgraphs.billing.models import MethodKind
from subgraphs.billing.service import upcoming_renewals
from subgraphs.billing.service.cashier import BATCH_SIZE
from tests.subgraphs.billing.conftest import NOW, MovableClock
from tests.subgraphs.billing.desk import Desk, DyingProvider

PERIOD_END = NOW + timedelta(days=30)
LEAD = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


async def premium_until(desk: Desk) -> datetime | None:
    """Return until when the other subgraphs were told last that the account may play."""
    until = (await desk.events("entitlement_changed"))[-1]["until"]
    return datetime.fromisoformat(until) if until else None


@pytest.mark.requirement("CL-12")
async def test_a_period_that_ends_is_followed_by_a_paid_one_without_a_gap(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe()

    clock.now = PERIOD_END - LEAD - SECOND
    early = await desk.cashier().collect_due()
    clock.advance(seconds=1)
    due = await desk.cashier().collect_due()
    again = await desk.cashier().collect_due()

    shown = await desk.subscription()
    assert (early, due, again) == (0, 1, 0)
    assert shown["status"] == "ACTIVE"
    assert shown["currentPeriodStart"] == PERIOD_END.isoformat()
    assert shown["currentPeriodEnd"] == (PERIOD_END + 30 * DAY).isoformat()
    assert await premium_until(desk) == PERIOD_END + 30 * DAY
    assert await desk.rows("SELECT amount_minor FROM sandbox_charges") == [(29_900,)]
    assert await desk.rows("SELECT number, total_minor FROM invoices") == [("RG/25-26/0000001", 29_900)]
    assert await desk.news() == ["STARTED"]
    (settled,) = await desk.events("payment_settled")
    assert (settled["amount_minor"], settled["failure_code"]) == (29_900, None)


async def test_what_a_subscription_costs_stays_although_the_plan_costs_more_by_now(
    desk: Desk, clock: MovableClock
) -> None:
    await desk.subscribe()
    await desk.execute("UPDATE plans SET price_minor = 39900 WHERE code = 'monthly'")

    clock.now = PERIOD_END
    await desk.cashier().collect_due()

    assert await desk.rows("SELECT amount_minor FROM sandbox_charges") == [(29_900,)]


@pytest.mark.requirement("CL-12")
async def test_declined_it_is_overdue_with_grace_tried_on_days_1_3_5_and_7_and_ends(
    desk: Desk, clock: MovableClock
) -> None:
    await desk.subscribe(token=declining("INSUFFICIENT_FUNDS"))
    cashier = desk.cashier(renewal_lead_minutes=0)
    attempts = []

    for hour in range(0, 10 * 24, 6):
        clock.now = PERIOD_END + timedelta(hours=hour)
        if await cashier.collect_due():
            shown = await desk.subscription()
            attempts.append((hour / 24, shown["status"], shown["nextRetryAt"], shown["graceUntil"]))

    grace = (PERIOD_END + 3 * DAY).isoformat()
    assert attempts == [
        (0, "PAST_DUE", (PERIOD_END + DAY).isoformat(), grace),
        (1, "PAST_DUE", (PERIOD_END + 3 * DAY).isoformat(), grace),
        (3, "PAST_DUE", (PERIOD_END + 5 * DAY).isoformat(), grace),
        (5, "PAST_DUE", (PERIOD_END + 7 * DAY).isoformat(), grace),
        (7, "CANCELED", None, None),
    ]
    entitled = [(event["tier"], event["until"]) for event in await desk.events("entitlement_changed")]
    assert entitled[1] == ("PREMIUM", "2026-04-03T09:30:00Z")
    assert entitled[-1] == ("FREE", None)
    assert (await desk.subscription())["accessUntil"] == grace
    assert await desk.rows("SELECT count(*), count(DISTINCT key) FROM sandbox_charges") == [(5, 5)]
    assert await desk.rows("SELECT count(*) FROM invoices") == [(0,)]
    assert [event["failure_code"] for event in await desk.events("payment_settled")] == ["INSUFFICIENT_FUNDS"] * 5
    assert await desk.news() == ["STARTED", "OVERDUE", "ENDED"]


@pytest.mark.requirement("CL-12")
@pytest.mark.parametrize(("day", "lost"), [(1, timedelta(0)), (3, timedelta(0)), (5, 2 * DAY), (7, 4 * DAY)])
async def test_a_retry_that_is_paid_recovers_and_days_without_access_are_not_paid_for(
    desk: Desk, clock: MovableClock, day: int, lost: timedelta
) -> None:
    await desk.subscribe(token=declining("LIMIT"))
    cashier = desk.cashier(renewal_lead_minutes=0)
    for each in (0, 1, 3, 5, 7):
        clock.now = PERIOD_END + each * DAY
        if each == day:
            await desk.pay_with(APPROVE)
        if each <= day:
            await cashier.collect_due()

    shown = await desk.subscription()
    assert (shown["status"], shown["nextRetryAt"], shown["graceUntil"]) == ("ACTIVE", None, None)
    assert shown["currentPeriodStart"] == (PERIOD_END + lost).isoformat()
    assert shown["currentPeriodEnd"] == (PERIOD_END + lost + 30 * DAY).isoformat()
    assert await premium_until(desk) == PERIOD_END + lost + 30 * DAY
    assert await desk.rows("SELECT count(*) FROM sandbox_charges WHERE failure_code IS NULL") == [(1,)]
    assert await desk.news() == ["STARTED", "OVERDUE", "RECOVERED"]


async def test_a_worker_that_stood_still_charges_one_period_from_now_on(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe()

    clock.now = PERIOD_END + 75 * DAY
    collected = [await desk.cashier().collect_due() for _turn in range(2)]

    assert collected == [1, 0]
    assert (await desk.subscription())["currentPeriodStart"] == clock.now.isoformat()
    assert await desk.rows("SELECT count(*) FROM sandbox_charges") == [(1,)]


@pytest.mark.requirement("CL-12")
async def test_workers_at_once_charge_every_subscription_once(desk: Desk, clock: MovableClock) -> None:
    others = [Desk(desk.app, desk.settings, desk.database, clock) for _ in range(29)]
    for each in (desk, *others):
        await each.subscribe()
    clock.now = PERIOD_END

    collected = await asyncio.gather(*(desk.cashier().collect_due() for _worker in range(4)))

    assert sum(collected) == 30
    assert await desk.rows("SELECT count(*) FROM sandbox_charges") == [(30,)]
    assert await desk.rows("SELECT status, count(*) FROM payments GROUP BY 1") == [("SUCCEEDED", 30)]
    ends = await desk.rows("SELECT DISTINCT current_period_end FROM subscriptions")
    assert ends == [(PERIOD_END + 30 * DAY,)]


async def test_a_worker_that_dies_between_charge_and_record_is_finished_without_a_second_charge(
    desk: Desk, clock: MovableClock
) -> None:
    await desk.subscribe()
    clock.now = PERIOD_END
    provider = DyingProvider(SandboxProvider(desk.database))

    died = await desk.cashier(provider).collect_due()
    unrecorded = await desk.subscription()
    clock.advance(seconds=61)
    finished = [await desk.cashier(provider).collect_due() for _turn in range(2)]

    assert (died, finished) == (1, [1, 0])
    assert unrecorded["currentPeriodEnd"] == PERIOD_END.isoformat()
    assert len({charge.key for charge in provider.asked}) == 1
    assert await desk.rows("SELECT count(*) FROM sandbox_charges") == [(1,)]
    assert (await desk.subscription())["currentPeriodEnd"] > (PERIOD_END + 30 * DAY).isoformat()
    assert len(await desk.events("payment_settled")) == 1


@pytest.mark.requirement("CL-12")
async def test_a_provider_without_an_answer_takes_nobodys_access_within_the_grace(
    desk: Desk, clock: MovableClock
) -> None:
    await desk.subscribe(token=UNAVAILABLE)
    clock.now = PERIOD_END - LEAD

    turns = [await desk.cashier().collect_due()]
    silent = await desk.subscription()
    told_until = await premium_until(desk)
    clock.now = PERIOD_END + DAY
    turns.append(await desk.cashier().collect_due())
    await desk.execute("UPDATE payments SET payment_token = 'sandbox:approve'")
    turns.append(await desk.cashier().collect_due())

    assert turns == [1, 1, 1]
    assert (silent["status"], silent["nextRetryAt"]) == ("PAST_DUE", None)
    assert told_until == PERIOD_END + 3 * DAY
    shown = await desk.subscription()
    assert (shown["status"], shown["currentPeriodStart"]) == ("ACTIVE", PERIOD_END.isoformat())
    assert await desk.rows("SELECT count(*) FROM sandbox_charges") == [(1,)]
    # Nothing was declined, so nobody is worried.
    assert await desk.news() == ["STARTED"]


async def test_money_that_comes_for_a_purged_account_is_on_the_books_and_revives_nothing(
    desk: Desk, clock: MovableClock
) -> None:
    await desk.subscribe()
    clock.now = PERIOD_END
    provider = DyingProvider(SandboxProvider(desk.database))
    await desk.cashier(provider).collect_due()
    await desk.execute("UPDATE subscriptions SET status = 'CANCELED'")
    told = len(await desk.events("entitlement_changed"))

    clock.advance(minutes=2)
    await desk.cashier(provider).collect_due()

    assert await desk.rows("SELECT status FROM payments") == [("SUCCEEDED",)]
    assert await desk.rows("SELECT total_minor FROM invoices") == [(29_900,)]
    assert (await desk.subscription())["status"] == "CANCELED"
    assert len(await desk.events("entitlement_changed")) == told


@pytest.mark.parametrize("days", [[3, 1], [1, 1], [0, 1], [61]])
def test_days_of_retries_rise_within_two_months(desk: Desk, days: list[int]) -> None:
    with pytest.raises(ValidationError):
        type(desk.settings)(**{**desk.settings.model_dump(), "dunning_days": days})


async def test_the_sandbox_declines_new_charges_on_demand_and_remembers_old_ones(desk: Desk) -> None:
    charge = Charge(key="one", token=APPROVE, amount_minor=29_900, currency="INR")
    paid = await SandboxProvider(desk.database).charge(charge)
    declining_all = SandboxProvider(desk.database, decline_code="NO_MONEY")

    again, other = await declining_all.charge(charge), await declining_all.charge(replace(charge, key="two"))
    unknown = await SandboxProvider(desk.database).charge(replace(charge, key="three", token="tok_1"))

    assert paid == again == ChargeOutcome(MethodKind.CARD)
    assert [outcome.failure_code for outcome in (other, unknown)] == ["NO_MONEY", "UNKNOWN_TOKEN"]


async def test_without_retries_the_first_decline_ends_the_subscription(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe(token=declining("CLOSED"))
    clock.now = PERIOD_END

    await desk.cashier(dunning_days=[]).collect_due()

    assert (await desk.subscription())["status"] == "CANCELED"


@pytest.mark.requirement("CL-12")
async def test_a_trial_that_ends_is_charged_and_goes_on_paid(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe()
    await desk.execute("UPDATE subscriptions SET status = 'TRIALING'")
    clock.now = PERIOD_END

    await desk.cashier().collect_due()

    assert (await desk.subscription())["status"] == "ACTIVE"
    assert await desk.rows("SELECT amount_minor FROM sandbox_charges") == [(29_900,)]


@pytest.mark.requirement("CL-14")
async def test_what_is_told_before_a_renewal_is_the_plan_and_the_price_to_come(desk: Desk) -> None:
    await desk.subscribe("annual")
    await desk.change("monthly")
    renews_at = NOW + 365 * DAY

    async with desk.database.reading() as session:
        (renewal,) = await upcoming_renewals(session, since=renews_at, until=renews_at + SECOND)

    assert (renewal.plan_name, renewal.price_minor, renewal.renews_at) == ("Premium monthly", 29_900, renews_at)


async def test_one_payment_that_cannot_be_recorded_keeps_no_other_waiting(desk: Desk, clock: MovableClock) -> None:
    other = Desk(desk.app, desk.settings, desk.database, clock)
    for each in (desk, other):
        await each.subscribe()
    await desk.execute(f"ALTER TABLE invoices ADD CONSTRAINT none_for_one CHECK (user_id <> '{desk.user_id}')")
    clock.now = PERIOD_END

    collected = await desk.cashier().collect_due()

    statuses = await desk.rows("SELECT user_id, status FROM payments")
    assert collected == 2
    assert sorted(statuses) == sorted([(desk.user_id, "PENDING"), (other.user_id, "SUCCEEDED")])
    assert await desk.rows("SELECT number FROM invoices") == [("RG/25-26/0000001",)]


async def test_silence_about_one_customer_keeps_no_other_waiting(desk: Desk, clock: MovableClock) -> None:
    await desk.subscribe(token=UNAVAILABLE)
    clock.now = PERIOD_END
    await desk.cashier().collect_due()
    clock.advance(minutes=2)
    other = Desk(desk.app, desk.settings, desk.database, clock)
    await other.subscribe()
    await desk.execute(
        "UPDATE subscriptions SET current_period_start = '2026-01-01', current_period_end = :at WHERE user_id = :who",
        at=clock.now,
        who=other.user_id,
    )

    collected = await desk.cashier().collect_due()

    assert collected == 2
    assert await desk.rows("SELECT status FROM payments ORDER BY created_at") == [("PENDING",), ("SUCCEEDED",)]


async def test_a_provider_that_is_silent_about_everybody_is_not_asked_for_the_next_batch(
    desk: Desk, clock: MovableClock
) -> None:
    for _number in range(BATCH_SIZE + 1):
        each = Desk(desk.app, desk.settings, desk.database, clock)
        await each.subscribe(token=UNAVAILABLE)
    clock.now = PERIOD_END

    assert await desk.cashier().collect_due() == BATCH_SIZE


@pytest.mark.requirement("CL-12", "FR-UM-004.5")
async def test_cancellations_that_race_a_renewal_come_before_or_after_it_and_never_between(
    desk: Desk, clock: MovableClock
) -> None:
    racers = [Desk(desk.app, desk.settings, desk.database, clock) for _ in range(10)]
    for each in racers:
        await each.subscribe()
    clock.now = PERIOD_END - LEAD

    _collected, *payloads = await asyncio.gather(
        desk.cashier().collect_due(), *(each.mutate("subscriptionCancel") for each in racers)
    )

    charged = {user_id for (user_id,) in await desk.rows("SELECT user_id FROM payments WHERE status = 'SUCCEEDED'")}
    for each, payload in zip(racers, payloads, strict=True):
        shown = await each.subscription()
        periods = 2 if each.user_id in charged else 1
        assert shown["currentPeriodEnd"] == (NOW + periods * 30 * DAY).isoformat()
        # Refused while the charge was under way, else done; never both charged and forgotten.
        assert shown["cancelAtPeriodEnd"] is (payload["errors"] == [])
        assert [error["code"] for error in payload["errors"]] in ([], ["PAYMENT_IN_PROGRESS"])
        assert payload["errors"] == [] or each.user_id in charged
