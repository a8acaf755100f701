"""Notices in the app: the list, preferences, announcements, and the live subscription."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from graphql import build_schema, find_breaking_changes

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.live import LiveFeed
from subgraphs.shared.postgres import Database, WriteSession
from subgraphs.shared.redis import Cache
from subgraphs.shared.telemetry import count_statements
from subgraphs.users.config import Settings, WorkerSettings
from subgraphs.users.events import MailKind, MailRequested, NotificationKind, NotificationRequested
from subgraphs.users.models import NotificationChannel
from subgraphs.users.service import UsersBatches, open_service
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.notifications.kinds import KINDS, known_kind, words_for
from subgraphs.users.service.notifications.live import LiveNotices
from subgraphs.users.service.notifications.sending import CHANNELS, Addressed, Notice, Written, send
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import Client, signed

LIST = """
query ($first: Int! = 20, $after: String, $unread: Boolean! = false) { viewer { account {
  notifications(first: $first, after: $after, unreadOnly: $unread) {
    unreadCount pageInfo { hasNextPage endCursor } edges { node { id kind title body deepLink readAt } } } } } }"""
PREFERENCES = "{ viewer { account { notificationPreferences { kind channels locked } } } }"
CHOOSE = """
mutation ($input: [NotificationPreferenceInput!]!) {
  result: notificationPreferencesSet(input: $input) { account { id } errors { code path } } }"""
MARK = "mutation ($ids: [ID!]) { result: notificationsMarkRead(ids: $ids) { ok } }"
ANNOUNCE = """
mutation ($input: AnnouncementInput!) { result: announcementSend(input: $input) { ok errors { code path } } }"""
RECEIVE = "subscription { notificationReceived { id kind title } }"


@pytest.fixture(name="service")
async def _service(settings: Settings, clock: TurnedClock) -> AsyncIterator[UsersBatches]:
    async with open_service(WorkerSettings(**settings.model_dump()), clock=clock) as service:
        yield service


def notice(clock: TurnedClock, viewer: Viewer, key: str = "1", **changes: Any) -> NotificationRequested:
    values: dict[str, Any] = {
        "occurred_at": clock.now,
        "kind": NotificationKind.SYSTEM,
        "user_id": viewer.user_id,
        "dedup_key": key,
        "data": {"title": f"Title {key}", "body": "Body"},
        **changes,
    }
    return NotificationRequested(**values)


async def listed(client: Client, viewer: Viewer, **variables: Any) -> dict[str, Any]:
    response = await client.run(LIST, viewer, **variables)
    assert "errors" not in response, response
    found: dict[str, Any] = response["data"]["viewer"]["account"]["notifications"]
    return found


def titles(connection: dict[str, Any]) -> list[str]:
    return [edge["node"]["title"] for edge in connection["edges"]]


async def mail_keys(client: Client) -> list[str]:
    return [row["dedup_key"] for row in await client.sql("SELECT dedup_key FROM mails ORDER BY created_at, dedup_key")]


@pytest.mark.requirement("CL-14")
async def test_notices_are_listed_newest_first_in_pages_with_the_number_unread(
    client: Client, service: UsersBatches, clock: TurnedClock
) -> None:
    asha = await client.newcomer()
    await service.notify([notice(clock, asha, str(number)) for number in range(5)])

    first = await listed(client, asha, first=2)
    second = await listed(client, asha, first=3, after=first["pageInfo"]["endCursor"])

    assert titles(first) + titles(second) == [f"Title {number}" for number in (4, 3, 2, 1, 0)]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    assert first["unreadCount"] == second["unreadCount"] == 5


async def test_a_page_takes_the_same_statements_whatever_its_size(
    client: Client, service: UsersBatches, clock: TurnedClock
) -> None:
    asha = await client.newcomer()
    await service.notify([notice(clock, asha, str(number)) for number in range(25)])
    counts = []

    for size in (2, 20):
        with count_statements() as statements:
            await listed(client, asha, first=size)
        counts.append(dict(statements))

    assert counts[0] == counts[1] == {f"postgres:{client.settings.users_database}": 3}


@pytest.mark.requirement("CL-14")
async def test_a_notice_that_comes_again_is_written_once(
    client: Client, service: UsersBatches, clock: TurnedClock
) -> None:
    asha, ravi = await client.newcomer(), await client.newcomer("ravi@example.com")

    await asyncio.gather(*(service.notify([notice(clock, asha), notice(clock, ravi)]) for _ in range(4)))

    assert (titles(await listed(client, asha)), titles(await listed(client, ravi))) == (["Title 1"], ["Title 1"])
    assert len([key for key in await mail_keys(client) if key.startswith("notice:")]) == 2


async def test_marking_read_touches_own_notices_only_and_keeps_the_first_time(
    client: Client, service: UsersBatches, clock: TurnedClock
) -> None:
    asha, ravi = await client.newcomer(), await client.newcomer("ravi@example.com")
    await service.notify([notice(clock, asha, "1"), notice(clock, asha, "2"), notice(clock, ravi, "3")])
    own = (await listed(client, asha))["edges"][0]["node"]["id"]
    foreign = (await listed(client, ravi))["edges"][0]["node"]["id"]

    await client.result(MARK, asha, ids=[own, foreign, "nonsense"])
    clock.turn(timedelta(hours=1))
    await client.result(MARK, asha, ids=None)

    hers, his = await listed(client, asha), await listed(client, ravi)
    assert [edge["node"]["readAt"] for edge in hers["edges"]] == [
        "2026-03-01T09:30:00+00:00",
        "2026-03-01T10:30:00+00:00",
    ]
    assert (hers["unreadCount"], his["unreadCount"]) == (0, 1)
    assert (await listed(client, asha, unread=True))["edges"] == []


async def test_words_follow_the_language_of_the_request(
    client: Client, service: UsersBatches, clock: TurnedClock
) -> None:
    asha = await client.newcomer()
    await service.notify(
        [notice(clock, asha, kind=NotificationKind.PAYMENT_SUCCEEDED, data={"amount": "₹299", "plan": "Premium"})]
    )
    hindi = Viewer(user_id=asha.user_id, profile_id=asha.profile_id, profile_locale="hi-IN")

    assert (await listed(client, asha))["edges"][0]["node"]["body"] == "We received ₹299 for Premium."
    assert (await listed(client, hindi))["edges"][0]["node"]["body"] == "हमें Premium के लिए ₹299 मिले।"


@pytest.mark.requirement("FF-13")
@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (MailKind.PASSWORD_CHANGED, "Your password was changed"),
        (MailKind.EMAIL_CHANGED, "Your e-mail address was changed"),
        (MailKind.NEW_DEVICE, "New sign-in"),
        (MailKind.ACCOUNT_LOCKED, "Your account was locked for a while"),
    ],
)
async def test_what_concerns_the_accounts_safety_goes_by_mail_and_is_in_the_app(
    client: Client, service: UsersBatches, clock: TurnedClock, kind: MailKind, shown: str
) -> None:
    asha = await client.newcomer()
    letter = MailRequested(
        occurred_at=clock.now,
        kind=kind,
        user_id=asha.user_id,
        email="asha@example.com",
        locale="en",
        dedup_key="safety",
        data={"at": clock.now.isoformat(), "device": "Firefox", "until": clock.now.isoformat()},
    )

    await service.accept_mails([letter, letter])

    assert titles(await listed(client, asha)) == [shown]
    assert await mail_keys(client) == ["safety"]


@pytest.mark.requirement("CL-14")
async def test_preferences_choose_the_channels_and_safety_by_mail_cannot_be_switched_off(
    client: Client, service: UsersBatches, clock: TurnedClock
) -> None:
    asha = await client.newcomer()

    kept = await client.result(CHOOSE, asha, input=[{"kind": "SYSTEM", "channels": ["EMAIL"]}])
    refused = await client.result(
        CHOOSE, asha, input=[{"kind": "SYSTEM", "channels": []}, {"kind": "SECURITY", "channels": ["IN_APP"]}]
    )
    await service.notify([notice(clock, asha)])

    response = await client.run(PREFERENCES, asha)
    preferences = {row["kind"]: row for row in response["data"]["viewer"]["account"]["notificationPreferences"]}
    assert kept["errors"] == []
    assert refused["errors"] == [{"code": "CHANNEL_LOCKED", "path": ["input", "SECURITY", "EMAIL"]}]
    assert preferences["SYSTEM"] == {"kind": "SYSTEM", "channels": ["EMAIL"], "locked": []}
    assert preferences["SECURITY"] == {"kind": "SECURITY", "channels": ["IN_APP", "EMAIL"], "locked": ["EMAIL"]}
    assert set(preferences) == {kind.value for kind in NotificationKind}
    assert titles(await listed(client, asha)) == []
    assert len(await mail_keys(client)) == 1


async def test_nobody_sees_or_changes_notices_without_signing_in(client: Client) -> None:
    operations: list[tuple[str, dict[str, Any]]] = [(MARK, {}), (CHOOSE, {"input": []})]
    for query, variables in operations:
        response = await client.run(query, ANONYMOUS, **variables)
        assert [error["extensions"]["code"] for error in response["errors"]] == ["UNAUTHENTICATED"]


def announcement(**changes: Any) -> dict[str, Any]:
    return {"title": "News", "body": "Come and see.", "channels": ["IN_APP", "EMAIL"], **changes}


def announcer(viewer: Viewer) -> Viewer:
    return Viewer(user_id=viewer.user_id, profile_id=viewer.profile_id, scopes=frozenset({"notify:write"}))


@pytest.mark.requirement("CL-15")
async def test_an_announcement_reaches_its_segment_at_its_time_and_everybody_once(
    client: Client, service: UsersBatches, clock: TurnedClock
) -> None:
    asha = await client.newcomer()
    ravi = await client.newcomer("ravi@example.com")
    await client.sql("UPDATE users SET locale = 'hi-IN' WHERE email = 'ravi@example.com'")
    at = (clock.now + timedelta(hours=1)).isoformat()

    sent = await client.result(ANNOUNCE, announcer(asha), input=announcement(segment="LANGUAGE:hi", sendAt=at))
    early = await service.write_announcements()
    clock.turn(timedelta(hours=1))
    due = await service.write_announcements()
    again = await service.write_announcements()

    assert sent == {"ok": True, "errors": []}
    assert (early, due, again) == (0, 1, 0)
    assert (titles(await listed(client, ravi)), titles(await listed(client, asha))) == (["News"], [])


async def test_an_announcement_goes_by_mail_only_with_consent_to_marketing(
    client: Client, service: UsersBatches
) -> None:
    asha, ravi = await client.newcomer(), await client.newcomer("ravi@example.com")
    consent = (
        'mutation { result: consentSet(input: [{purpose: MARKETING_EMAIL, granted: true, version: "1"}]) '
        "{ errors { code } } }"
    )
    await client.result(consent, asha)

    await client.result(ANNOUNCE, announcer(ravi), input=announcement())
    await service.write_announcements()

    assert [key.split(":")[2] for key in await mail_keys(client)] == ["announcement"]
    assert titles(await listed(client, ravi)) == titles(await listed(client, asha)) == ["News"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "a\nBcc: everybody@example.com"}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"body": ""}, "body"),
        ({"channels": []}, "channels"),
        ({"segment": "ROLE:KING"}, "segment"),
        ({"deepLink": "javascript:alert(1)"}, "deepLink"),
        ({"deepLink": "//evil.example"}, "deepLink"),
    ],
)
async def test_an_announcement_that_cannot_be_sent_is_refused(
    client: Client, changes: dict[str, Any], field: str
) -> None:
    asha = await client.newcomer()

    refused = await client.result(ANNOUNCE, announcer(asha), input=announcement(**changes))

    assert refused == {"ok": False, "errors": [{"code": "ANNOUNCEMENT_INVALID", "path": ["input", field]}]}
    assert await client.sql("SELECT 1 FROM announcements") == []


async def test_announcing_needs_its_scope(client: Client) -> None:
    asha = await client.newcomer()

    response = await client.run(ANNOUNCE, asha, input=announcement())

    assert [error["extensions"]["code"] for error in response["errors"]] == ["FORBIDDEN"]
    assert await client.sql("SELECT 1 FROM announcements") == []


@pytest.mark.requirement("CL-15")
async def test_a_notice_reaches_open_subscriptions_of_its_account_alone(
    client: Client, app: SubgraphApp, service: UsersBatches, clock: TurnedClock
) -> None:
    asha, ravi = await client.newcomer(), await client.newcomer("ravi@example.com")
    async with (
        aclosing(app.subscribe(RECEIVE, viewer_context=signed(client, asha, clock))) as hers,
        aclosing(app.subscribe(RECEIVE, viewer_context=signed(client, ravi, clock))) as his,
    ):
        waiting = [asyncio.ensure_future(anext(events)) for events in (hers, his)]
        await _subscribed(service, 2)

        await service.notify([notice(clock, asha, "for Asha")])
        received = await asyncio.wait_for(waiting[0], 30)
        await service.notify([notice(clock, ravi, "for Ravi")])
        his_own = await asyncio.wait_for(waiting[1], 30)

    assert received["data"]["notificationReceived"]["title"] == "Title for Asha"
    assert his_own["data"]["notificationReceived"]["title"] == "Title for Ravi"


async def test_followers_share_one_connection_and_a_slow_one_keeps_the_newest(settings: Settings) -> None:
    cache = Cache(settings.redis_url, "users")
    feed, user_id = LiveFeed(cache), uuid4()
    live = LiveNotices(cache, feed)
    *written, last = [Written(user_id, uuid4()) for _ in range(131)]
    followers = [live.follow(user_id) for _ in range(20)]
    first = [asyncio.ensure_future(anext(follower)) for follower in followers]
    await _until(lambda: len(feed._followers.get(f"users:notices:{user_id}", ())) == 20)
    connections = [each for each in await cache.client.client_list() if int(each["sub"]) > 0]

    await live.announce(written[:1])
    heard = await asyncio.gather(*first)
    await live.announce(written[1:])
    await _until(lambda: all(queue.full() for queue in feed._followers[f"users:notices:{user_id}"]))
    await live.announce([last])
    queues: list[Any] = list(feed._followers[f"users:notices:{user_id}"])
    await _until(lambda: all(str(last.notification_id) in queue._queue for queue in queues))
    newest = [await anext(followers[0]) for _ in range(100)]
    for follower in followers:
        await follower.aclose()

    assert len(connections) == 1
    assert set(heard) == {written[0].notification_id}
    assert newest == [each.notification_id for each in [*written[31:], last]]
    assert feed._followers == {}
    await feed.close()
    await cache.close()


async def test_whoever_follows_is_told_when_the_connection_is_lost(settings: Settings) -> None:
    cache = Cache(settings.redis_url, "users")
    feed = LiveFeed(cache)
    following = asyncio.ensure_future(anext(LiveNotices(cache, feed).follow(uuid4())))
    await _until(lambda: bool(feed._followers))

    await feed.close()

    with pytest.raises(ServiceUnavailableError):
        await following
    await cache.close()


async def test_a_subscription_needs_an_account(app: SubgraphApp) -> None:
    async with aclosing(app.subscribe(RECEIVE)) as events:
        response = await anext(events)

    assert [error["extensions"]["code"] for error in response["errors"]] == ["UNAUTHENTICATED"]


async def _until(is_so: Callable[[], bool]) -> None:
    for _attempt in range(1500):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never was so")


async def _subscribed(service: UsersBatches, count: int) -> None:
    """Wait until so many subscriptions listen: what is published before is not for them."""
    client = service._live._cache.client
    for _attempt in range(600):
        if len(await client.pubsub_channels("users:notices:*")) >= count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody listens")


@pytest.mark.requirement("CL-24")
def test_every_kind_has_words_in_both_languages_and_a_channel() -> None:
    assert set(KINDS) == set(NotificationKind)
    for kind, traits in KINDS.items():
        assert traits.locked <= traits.channels
        for locale in ("en", "hi"):
            assert words_for(kind, {"title": "x"}, locale=locale).title


@pytest.mark.requirement("CL-24")
def test_a_new_kind_or_channel_breaks_no_client() -> None:
    before = (Path(__file__).parents[3] / "schema" / "api.graphql").read_text(encoding="utf-8")
    after = before.replace("  SYSTEM\n", "  SYSTEM\n  BRAND_NEW\n").replace("  SMS\n", "  SMS\n  PIGEON\n")
    assert ("BRAND_NEW" in after, "PIGEON" in after) == (True, True)

    changes = find_breaking_changes(build_schema(before), build_schema(after))

    assert changes == []
    assert known_kind("BRAND_NEW") is NotificationKind.SYSTEM


@pytest.mark.requirement("CL-24")
async def test_a_new_channel_is_one_more_writer(
    client: Client, database: Database, settings: Settings, clock: TurnedClock
) -> None:
    asha = await client.newcomer()
    await client.result(CHOOSE, asha, input=[{"kind": "SYSTEM", "channels": ["IN_APP", "PUSH"]}])
    pushed: list[str] = []

    async def push(session: WriteSession, batch: Addressed, *, sealer: PersonalData, now: datetime) -> list[Written]:
        pushed.extend(notice.dedup_key for notice, _recipient in batch)
        return []

    sealer = PersonalData(settings.personal_data_keys, lookup_key=settings.personal_data_lookup_key)
    channels = {**CHANNELS, NotificationChannel.PUSH: push}
    (row,) = await client.sql("SELECT id FROM users")
    async with database.writing() as session:
        written = await send(
            session,
            [Notice(NotificationKind.SYSTEM, row["id"], "1", {"title": "t"})],
            sealer=sealer,
            now=clock.now,
            channels=channels,
        )

    assert pushed == ["1"]
    assert len(written) == 1
