"""From the end of a period to everyone who wants to know: playing, notices and letters, each once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from subgraphs.billing import config as billing_config
from subgraphs.billing.app import create_app as create_billing
from subgraphs.billing.gateways.sandbox import APPROVE, declining
from subgraphs.billing.service import start_subscription
from subgraphs.playback import config as playback_config
from subgraphs.playback.app import create_app as create_playback
from subgraphs.playback.service import Asset
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.ids import encode_id
from subgraphs.users.service.administration import Administrator, reactivate, suspend
from subgraphs.users.service.audit import Origin
from tests.subgraphs.users.catcher import Catcher, catching
from tests.workers.conftest import NOW, MovableClock, put_into_outbox, title_changed
from tests.workers.person import Person, seed_account
from tests.workers.test_erasure import ask_for_deletion
from workers.config import Settings
from workers.draining import drain_all
from workers.renewing import collect_due
from workers.services import Services, open_services
from workers.writing import deliver_mails, remind_renewals

PERIOD_END = NOW + timedelta(days=30)
MOVIE = encode_id("Movie", uuid4())
PLAYABLE = encode_id("Playable", uuid4())
START = f'mutation {{ playbackStart(input: {{playableId: "{PLAYABLE}", deviceType: WEB}}) {{ __typename }} }}'


@pytest.fixture
async def billing(worker_settings: Settings, clock: MovableClock) -> AsyncIterator[SubgraphApp]:
    settings = billing_config.Settings(**worker_settings.model_dump())
    async with create_billing(settings, clock=clock).running() as app:
        yield app


@pytest.fixture
async def playback(worker_settings: Settings, services: Services, clock: MovableClock) -> AsyncIterator[SubgraphApp]:
    settings = playback_config.Settings(**worker_settings.model_dump())
    await services.playback.register_asset(Asset("sample", ["P1080"]))
    film = title_changed(MOVIE, required_tier="PREMIUM")
    playables = [film.playables[0].model_copy(update={"id": PLAYABLE})]
    await put_into_outbox(services, "catalog", film.model_copy(update={"playables": playables}))
    async with create_playback(settings, clock=clock).running() as app:
        yield app


async def ask(app: SubgraphApp, person: Person, query: str) -> Any:
    response = await app.execute_as(person.viewer, query)
    assert "errors" not in response, response["errors"]
    return response["data"]


async def subscribe(services: Services, person: Person, *, token: str = APPROVE) -> None:
    async with services.outboxes["billing"].writing() as session:
        await start_subscription(session, person.user_id, plan_code="monthly", now=NOW, payment_token=token)


async def execute(services: Services, database: str, statement: str) -> None:
    async with services.outboxes[database].writing() as session:
        await session.execute(sa.text(statement))


async def subscriptions(services: Services) -> dict[str, str]:
    """Return where each account's subscription stands."""
    async with services.outboxes["billing"].reading() as session:
        return {row.user_id: row.status for row in await session.execute(sa.text("SELECT * FROM subscriptions"))}


async def turn(services: Services) -> None:
    """Do what the worker does all the time, and have every event of billing come a second time."""
    await remind_renewals(services)
    await collect_due(services)
    await drain_all(services)
    await execute(services, "billing", "UPDATE outbox SET relayed_at = NULL")
    await drain_all(services)
    await deliver_mails(services)


@pytest.mark.requirement("FR-UM-004.5", "CL-12")
async def test_a_cancelled_subscriber_plays_until_the_period_ends_and_then_needs_an_upgrade(
    services: Services, billing: SubgraphApp, playback: SubgraphApp, clock: MovableClock
) -> None:
    person = Person()
    await subscribe(services, person)
    cancelled = await ask(billing, person, "mutation { subscriptionCancel { subscription { status accessUntil } } }")
    await drain_all(services)

    started = []
    for step in (timedelta(seconds=-1), timedelta(0), timedelta(minutes=1)):
        clock.now = PERIOD_END + step
        if step > timedelta(0):
            await collect_due(services)
            await drain_all(services)
        started.append((await ask(playback, person, START))["playbackStart"]["__typename"])

    assert cancelled["subscriptionCancel"]["subscription"] == {
        "status": "ACTIVE",
        "accessUntil": PERIOD_END.isoformat(),
    }
    # By the clock at once; the worker's visit changes nothing any more.
    assert started == ["PlaybackSession", "UpgradeRequired", "UpgradeRequired"]


@pytest.mark.requirement("CL-12")
async def test_a_subscriber_who_is_renewed_plays_on_and_one_who_does_not_pay_plays_through_the_grace(
    services: Services, playback: SubgraphApp, clock: MovableClock
) -> None:
    pays, owes = Person(), Person()
    await subscribe(services, pays)
    await subscribe(services, owes, token=declining("LIMIT"))
    clock.now = PERIOD_END - timedelta(minutes=5)
    await collect_due(services)
    await drain_all(services)

    started = []
    for step in (timedelta(0), timedelta(days=3, seconds=-1), timedelta(days=3)):
        clock.now = PERIOD_END + step
        answers = [await ask(playback, person, START) for person in (pays, owes)]
        started.append([answer["playbackStart"]["__typename"] for answer in answers])

    assert started == [
        ["PlaybackSession", "PlaybackSession"],
        ["PlaybackSession", "PlaybackSession"],
        ["PlaybackSession", "UpgradeRequired"],
    ]


@pytest.mark.requirement("IN-GDPR-1", "CL-12")
async def test_who_wants_the_account_gone_is_charged_no_more_unless_they_resume(
    services: Services, billing: SubgraphApp, worker_settings: Settings, clock: MovableClock
) -> None:
    leaves, stays, free = Person(), Person(), Person()
    for person in (leaves, stays, free):
        await seed_account(person, services, worker_settings, now=NOW)
        if person is not free:
            await subscribe(services, person)
        await ask_for_deletion(person, services)
    await drain_all(services)
    await execute(services, "users", "UPDATE outbox SET relayed_at = NULL")
    await drain_all(services)
    await ask(billing, stays, "mutation { subscriptionResume { errors { code } } }")

    clock.now = PERIOD_END
    await collect_due(services)

    async with services.outboxes["billing"].reading() as session:
        found = (await session.execute(sa.text("SELECT user_id, status FROM subscriptions"))).all()
        charged = (await session.execute(sa.text("SELECT user_id FROM payments"))).scalars().all()
    assert sorted(map(tuple, found)) == sorted([(leaves.user_id, "CANCELED"), (stays.user_id, "ACTIVE")])
    assert charged == [stays.user_id]


@pytest.mark.requirement("CS-09", "IN-8.1-b")
async def test_who_is_suspended_is_charged_no_more_and_keeps_what_is_paid_for(
    services: Services, billing: SubgraphApp, worker_settings: Settings, clock: MovableClock
) -> None:
    suspended, back, free, admin = Person(), Person(), Person(), Person()
    for person in (suspended, back, free, admin):
        await seed_account(person, services, worker_settings, now=NOW)
        if person in (suspended, back):
            await subscribe(services, person)
    await execute(services, "users", f"UPDATE users SET roles = '{{USER,ADMIN}}' WHERE id = '{admin.user_uuid}'")
    actor = Administrator(admin.user_uuid, Origin(actor_id=admin.user_uuid))
    for person in (suspended, back, free):
        async with services.outboxes["users"].writing() as session:
            await suspend(session, actor, person.user_uuid, reason="Sells accounts.", now=NOW)
    await drain_all(services)
    await execute(services, "users", "UPDATE outbox SET relayed_at = NULL")
    await drain_all(services)

    clock.now = PERIOD_END - timedelta(seconds=1)
    await collect_due(services)
    paid_for = await subscriptions(services)
    async with services.outboxes["users"].writing() as session:
        await reactivate(session, actor, back.user_uuid, now=clock())
    await ask(billing, back, "mutation { subscriptionResume { errors { code } } }")
    clock.now = PERIOD_END
    await collect_due(services)

    assert paid_for == {suspended.user_id: "ACTIVE", back.user_id: "ACTIVE"}
    assert await subscriptions(services) == {suspended.user_id: "CANCELED", back.user_id: "ACTIVE"}
    async with services.outboxes["billing"].reading() as session:
        charged = (await session.execute(sa.text("SELECT user_id FROM payments"))).scalars().all()
        told = sa.text("SELECT payload ->> 'news' FROM outbox WHERE payload ->> 'user_id' = :user_id ORDER BY position")
        news = (await session.execute(told, {"user_id": suspended.user_id})).scalars().all()
    assert charged == [back.user_id]
    assert [each for each in news if each] == ["STARTED", "ENDING", "ENDED"]


ENGLISH = [
    ("SUBSCRIPTION_STATUS", "Your plan has begun"),
    ("RENEWAL_UPCOMING", "Premium monthly renews at 31-05-2026, 17:30 IST"),
    ("PAYMENT_FAILED", "Your payment of ₹299 failed"),
    ("SUBSCRIPTION_STATUS", "Your plan is not paid"),
    ("PAYMENT_SUCCEEDED", "Your payment of ₹299"),
    ("SUBSCRIPTION_STATUS", "Your plan is paid again"),
    ("SUBSCRIPTION_STATUS", "Your plan will end"),
    ("SUBSCRIPTION_STATUS", "Your plan has ended"),
]
HINDI = [
    ("SUBSCRIPTION_STATUS", "आपका प्लान शुरू हुआ"),
    ("RENEWAL_UPCOMING", "प्रीमियम मासिक 31-05-2026, 17:30 IST पर नया होगा"),
    ("PAYMENT_FAILED", "आपका भुगतान नहीं हुआ: ₹299"),
    ("SUBSCRIPTION_STATUS", "आपके प्लान का भुगतान बाकी है"),
    ("PAYMENT_SUCCEEDED", "आपका भुगतान: ₹299"),
    ("SUBSCRIPTION_STATUS", "आपके प्लान का भुगतान हो गया"),
    ("SUBSCRIPTION_STATUS", "आपका प्लान समाप्त होगा"),
    ("SUBSCRIPTION_STATUS", "आपका प्लान समाप्त हुआ"),
]


def letters_to(person: Person, catcher: Catcher) -> list[tuple[str, str]]:
    """Return kind and subject of what billing had written, sorted: letters of the same moment go in any order."""
    kinds = {kind for kind, _subject in ENGLISH}
    return sorted(
        (str(letter["X-Reelgraph-Kind"]), str(letter["Subject"]))
        for letter in catcher.letters
        if letter["To"] == person.email and letter["X-Reelgraph-Kind"] in kinds
    )


@pytest.mark.requirement("CL-14", "CL-13", "CL-12")
@pytest.mark.parametrize(("locale", "letters"), [("en", ENGLISH), ("hi", HINDI)])
async def test_each_step_of_a_subscription_is_told_once_in_the_app_and_by_mail(
    worker_settings: Settings, billing: SubgraphApp, clock: MovableClock, locale: str, letters: list[tuple[str, str]]
) -> None:
    person = Person()
    async with catching() as catcher:
        settings = worker_settings.model_copy(update={"smtp_url": catcher.url})
        async with open_services(settings, clock=clock) as services:
            await seed_account(person, services, settings, now=NOW)
            await execute(services, "users", f"UPDATE users SET locale = '{locale}'")
            await subscribe(services, person)
            await turn(services)

            clock.now = PERIOD_END - timedelta(days=2, seconds=-1)
            await turn(services)
            await execute(services, "billing", f"UPDATE subscriptions SET payment_token = '{declining('LIMIT')}'")
            clock.now = PERIOD_END
            await turn(services)
            await execute(services, "billing", f"UPDATE subscriptions SET payment_token = '{APPROVE}'")
            clock.now = PERIOD_END + timedelta(days=1)
            await turn(services)
            await ask(billing, person, "mutation { subscriptionCancel { errors { code } } }")
            await turn(services)
            clock.now = PERIOD_END + timedelta(days=30)
            await turn(services)
            async with services.outboxes["users"].reading() as session:
                noticed = await session.execute(sa.text("SELECT kind FROM notifications ORDER BY position"))
                kinds = [kind for (kind,) in noticed]
    bodies = [body.get_content() for each in catcher.letters if (body := each.get_body(("plain",))) is not None]
    named = {name for name in ("Premium monthly", "प्रीमियम मासिक") if any(name in body for body in bodies)}

    assert named == {"Premium monthly" if locale == "en" else "प्रीमियम मासिक"}
    assert letters_to(person, catcher) == sorted(letters)
    told = [kind for kind, _subject in letters]
    assert sorted(kind for kind in kinds if kind in told) == sorted(told)


async def test_a_letter_about_a_plan_says_what_the_notice_says(worker_settings: Settings, clock: MovableClock) -> None:
    person = Person()
    async with catching() as catcher:
        settings = worker_settings.model_copy(update={"smtp_url": catcher.url})
        async with open_services(settings, clock=clock) as services:
            await seed_account(person, services, settings, now=NOW)
            await subscribe(services, person)
            await turn(services)

    (letter,) = [each for each in catcher.letters if each["Subject"] == "Your plan has begun"]
    text = letter.get_body(("plain",))
    assert text is not None
    assert "Premium monthly is active until 31-05-2026." in text.get_content()
