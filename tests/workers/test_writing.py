"""Notices that other domains cause: plans that change and plans that renew."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from subgraphs.billing.service import start_subscription
from tests.workers.conftest import NOW, MovableClock
from tests.workers.person import Person, seed_account
from workers import dead_letters
from workers.config import Settings
from workers.draining import drain_all
from workers.services import Services
from workers.writing import deliver_mails, remind_renewals, shown_amount, write_announcements


async def subscribe(person: Person, services: Services, *, now: datetime) -> datetime:
    """Buy the monthly plan and return when it renews."""
    async with services.outboxes["billing"].writing() as session:
        return (await start_subscription(session, person.user_id, plan_code="monthly", now=now)).current_period_end


async def notices(services: Services, kind: str) -> list[dict[str, Any]]:
    async with services.outboxes["users"].reading() as session:
        statement = sa.text("SELECT data FROM notifications WHERE kind = :kind ORDER BY position")
        return [row.data for row in await session.execute(statement, {"kind": kind})]


async def letters(services: Services, kind: str) -> int:
    async with services.outboxes["users"].reading() as session:
        statement = sa.text("SELECT count(*) FROM mails WHERE kind = :kind")
        return int((await session.execute(statement, {"kind": kind})).scalar_one())


@pytest.mark.requirement("CL-14")
async def test_a_renewal_is_told_two_days_before_once(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    person = Person()
    await seed_account(person, services, worker_settings, now=NOW)
    renews_at = await subscribe(person, services, now=NOW)

    clock.now = renews_at - timedelta(days=2, seconds=1)
    early = await remind_renewals(services)
    clock.now += timedelta(seconds=2)
    due = await remind_renewals(services)
    await remind_renewals(services)
    clock.now += timedelta(hours=23)
    await remind_renewals(services)

    (told,) = await notices(services, "RENEWAL_UPCOMING")
    assert (early, due) == (0, 1)
    assert told["renews_at"] == renews_at.isoformat()
    assert told["amount"].startswith("₹")
    assert await letters(services, "RENEWAL_UPCOMING") == 1


async def test_what_does_not_renew_is_not_announced(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    person = Person()
    await seed_account(person, services, worker_settings, now=NOW)
    renews_at = await subscribe(person, services, now=NOW)
    async with services.outboxes["billing"].writing() as session:
        await session.execute(sa.text("UPDATE subscriptions SET cancel_at_period_end = true"))

    clock.now = renews_at - timedelta(days=2)

    assert await remind_renewals(services) == 0


@pytest.mark.requirement("CL-14")
async def test_a_change_of_plan_is_told_once_for_each_change(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    person = Person()
    await seed_account(person, services, worker_settings, now=NOW)
    await subscribe(person, services, now=NOW)

    await drain_all(services)
    async with services.outboxes["billing"].writing() as session:
        await session.execute(sa.text("UPDATE outbox SET relayed_at = NULL"))
    await drain_all(services)

    (told,) = await notices(services, "SUBSCRIPTION_STATUS")
    assert told == {
        "event": "STARTED",
        "plan": "Premium monthly",
        "plan_hi": "प्रीमियम मासिक",
        "next_plan": "",
        "until": "31-05-2026",
    }
    assert await letters(services, "SUBSCRIPTION_STATUS") == 1


async def test_without_a_mail_server_and_announcements_nothing_is_done(services: Services) -> None:
    assert (await deliver_mails(services), await write_announcements(services)) == (0, 0)


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (29900, "INR", "₹299"),
        (4950, "INR", "₹49.50"),
        (123456700, "INR", "₹12,34,567"),
        (100000, "INR", "₹1,000"),
        (499, "USD", "USD 4.99"),
    ],
)
def test_amounts_are_shown_as_people_read_them(minor: int, currency: str, shown: str) -> None:
    assert shown_amount(minor, currency) == shown


@pytest.mark.requirement("CL-15")
async def test_operators_list_dead_letters_and_let_them_start_over(
    services: Services, worker_settings: Settings, clock: MovableClock
) -> None:
    person = Person()
    await seed_account(person, services, worker_settings, now=NOW)
    await drain_all(services)
    async with services.outboxes["users"].writing() as session:
        statement = sa.text("UPDATE mails SET status = 'DEAD', last_error = 'SMTPDataError 554' RETURNING id")
        ids = list((await session.execute(statement)).scalars())

    shown = await dead_letters.run(worker_settings, replay=[])
    replayed = await dead_letters.run(worker_settings, replay=[*ids, uuid4()])
    left = await dead_letters.run(worker_settings, replay=[])

    assert len(shown) == len(ids) > 0
    assert all("SMTPDataError 554" in line and person.marker not in line for line in shown)
    assert replayed == [f"{len(ids)} of {len(ids) + 1} letters start over."]
    assert left == ["No dead letters."]
