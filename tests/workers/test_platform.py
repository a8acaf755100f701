"""What one subgraph does reaches the others: through the outboxes, the streams and the worker."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import structlog

from subgraphs.activity import config as activity_config
from subgraphs.activity.app import create_app as create_activity
from subgraphs.billing.events import EntitlementChanged
from subgraphs.catalog.service import editing
from subgraphs.catalog.service.editing import Request
from subgraphs.catalog.service.writing import store_titles
from subgraphs.playback import config as playback_config
from subgraphs.playback.app import create_app as create_playback
from subgraphs.playback.service import Asset
from subgraphs.recommendations import config as recommendations_config
from subgraphs.recommendations.app import create_app as create_recommendations
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.streams import append
from subgraphs.shared.values import Tier
from tests.subgraphs.catalog.support import movie
from tests.workers.conftest import NOW, MovableClock, put_into_outbox, title_changed
from tests.workers.test_publishing import EDITOR, draft
from workers.config import Settings
from workers.draining import drain_all
from workers.housekeeping import forget_old_events, trim_streams
from workers.recommending import compute_trending_if_stale
from workers.services import Services

MOVIE = encode_id("Movie", uuid4())
PLAYABLE = encode_id("Playable", uuid4())
VIEWER = Viewer(user_id=encode_id("User", uuid4()), profile_id=encode_id("Profile", uuid4()))
START = 'mutation { playbackStart(input: {playableId: "%s", deviceType: WEB}) { ... on PlaybackSession { id } } }'
BEAT = (
    'mutation { playbackHeartbeat(input: {sessionId: "%s", positionSeconds: %d, state: PLAYING, seq: %d}) '
    "{ __typename } }"
)
ENTITY = "query($r: [_Any!]!) { _entities(representations: $r) { ... on %s { %s } } }"


def film(**changes: Any) -> Any:
    event = title_changed(MOVIE, **changes)
    return event.model_copy(update={"playables": [event.playables[0].model_copy(update={"id": PLAYABLE})]})


@pytest.fixture
async def playback(worker_settings: Settings, services: Services, clock: MovableClock) -> AsyncIterator[SubgraphApp]:
    settings = playback_config.Settings(**worker_settings.model_dump())
    await services.playback.register_asset(Asset("sample", ["P720", "P1080"]))
    async with create_playback(settings, clock=clock).running() as app:
        yield app


@pytest.fixture
async def activity(worker_settings: Settings, clock: MovableClock) -> AsyncIterator[SubgraphApp]:
    settings = activity_config.Settings(**worker_settings.model_dump())
    async with create_activity(settings, clock=clock).running() as app:
        yield app


async def ask(app: SubgraphApp, query: str, **variables: Any) -> Any:
    response = await app.execute_as(VIEWER, query, variables=variables)
    assert "errors" not in response, response["errors"]
    return response["data"]


async def entity(app: SubgraphApp, type_name: str, global_id: str, fields: str) -> Any:
    data = await ask(app, ENTITY % (type_name, fields), r=[{"__typename": type_name, "id": global_id}])
    return data["_entities"][0]


async def watch(playback: SubgraphApp, clock: MovableClock, *positions: int) -> None:
    session = (await ask(playback, START % PLAYABLE))["playbackStart"]["id"]
    for seq, position in enumerate(positions):
        clock.advance(seconds=10)
        await ask(playback, BEAT % (session, position, seq))


async def test_a_published_title_can_be_played_and_put_on_a_list(
    services: Services, playback: SubgraphApp, activity: SubgraphApp
) -> None:
    await put_into_outbox(services, "catalog", film())

    moved = await drain_all(services)

    assert moved == 1
    access = await entity(playback, "Title", MOVIE, "access { reason }")
    added = await ask(activity, f'mutation {{ watchlistAdd(titleId: "{MOVIE}") {{ errors {{ code }} }} }}')
    assert access == {"access": {"reason": "FREE"}}
    assert added == {"watchlistAdd": {"errors": []}}


async def test_a_subscription_reaches_everyone_who_asks_for_it(services: Services, playback: SubgraphApp) -> None:
    await put_into_outbox(services, "catalog", film(required_tier="PREMIUM"))
    await put_into_outbox(
        services,
        "billing",
        EntitlementChanged(occurred_at=NOW, user_id=VIEWER.require_user(), tier=Tier.PREMIUM, until=None, version=1),
    )

    moved = await drain_all(services)

    assert moved == 2
    access = await entity(playback, "Playable", PLAYABLE, "access { reason withAds }")
    assert access == {"access": {"reason": "SUBSCRIPTION", "withAds": False}}


async def test_what_is_watched_shows_in_continue_watching_history_and_after_a_loss(
    services: Services, playback: SubgraphApp, activity: SubgraphApp, clock: MovableClock
) -> None:
    await put_into_outbox(services, "catalog", film())
    await drain_all(services)
    await watch(playback, clock, 100, 110, 120)

    moved = await drain_all(services)
    await services.streams.client.flushdb()

    assert moved == 9  # three heartbeats for three readers
    fields = (
        "continueWatching { edges { node { positionSeconds playable { id } } } } "
        "history { edges { node { watchSeconds completionPercent device } } }"
    )
    assert await entity(activity, "Profile", VIEWER.require_profile(), fields) == {
        "continueWatching": {"edges": [{"node": {"positionSeconds": 120, "playable": {"id": PLAYABLE}}}]},
        "history": {"edges": [{"node": {"watchSeconds": 30, "completionPercent": 12.0, "device": "WEB"}}]},
    }
    progress = await entity(playback, "Playable", PLAYABLE, "progress { positionSeconds }")
    assert progress == {"progress": {"positionSeconds": 120}}


async def test_what_is_watched_becomes_the_chart(
    worker_settings: Settings, services: Services, playback: SubgraphApp, clock: MovableClock
) -> None:
    await put_into_outbox(services, "catalog", film())
    await drain_all(services)
    await watch(playback, clock, 950)
    await drain_all(services)

    computed = await compute_trending_if_stale(services)
    moved = await drain_all(services)

    assert computed is True
    assert moved == 1  # the chart, told to the catalogue
    settings = recommendations_config.Settings(**worker_settings.model_dump())
    async with create_recommendations(settings, clock=clock).running() as app:
        chart = await ask(app, "{ trending { title { id } } }")
    assert chart == {"trending": [{"title": {"id": MOVIE}}]}


@pytest.mark.requirement("FR-PR-004")
async def test_charts_are_computed_again_before_they_are_six_hours_old(
    services: Services, playback: SubgraphApp, clock: MovableClock
) -> None:
    await put_into_outbox(services, "catalog", film())
    await drain_all(services)
    await watch(playback, clock, 950)
    await drain_all(services)
    await compute_trending_if_stale(services)

    clock.advance(hours=5, minutes=54)
    young = await compute_trending_if_stale(services)
    clock.advance(minutes=1)
    old = await compute_trending_if_stale(services)

    assert (young, old) == (False, True)


async def test_an_entry_that_nobody_can_read_is_left_behind(services: Services) -> None:
    with structlog.testing.capture_logs() as logs:
        await append(services.streams, "playback:heartbeats", {"profile_id": "profile"})
        moved = await drain_all(services)

    assert moved == 3
    assert [log["event"] for log in logs] == ["entry not understood"] * 3


async def test_relayed_events_are_forgotten_after_a_week(services: Services, clock: MovableClock) -> None:
    await put_into_outbox(services, "catalog", film())
    await drain_all(services)
    await put_into_outbox(services, "catalog", film(version=2))

    clock.now = NOW + timedelta(days=7)
    young = await forget_old_events(services)
    clock.advance(seconds=1)
    old = await forget_old_events(services)

    assert (young, old) == (0, 1)
    assert await drain_all(services) == 1


async def test_entries_of_a_stream_are_dropped_after_a_day(services: Services, clock: MovableClock) -> None:
    started_at = datetime.now(UTC)  # Valkey numbers entries by its own clock
    await append(services.streams, "playback:heartbeats", {})

    clock.now = started_at + timedelta(hours=23)
    young = await trim_streams(services)
    clock.now = started_at + timedelta(hours=25)
    old = await trim_streams(services)

    assert (young, old) == (0, 1)


async def test_what_editors_publish_and_take_down_reaches_playback(
    services: Services, playback: SubgraphApp, clock: MovableClock
) -> None:
    async with services.outboxes["catalog"].writing() as session:
        await store_titles(session, [movie("Known")], now=NOW)  # brings the genre
        made = await editing.create(session, EDITOR, draft("Monsoon Letters"), now=NOW, idempotency_key=None)
        request = Request(EDITOR, made.title_id, NOW)
        await editing.submit(session, request)
        await editing.approve(session, request)
    title = encode_id("Movie", made.title_id)

    async def access() -> Any:
        await drain_all(services)
        return await entity(playback, "Title", title, "access { canPlay reason }")

    assert await access() is None
    async with services.outboxes["catalog"].writing() as session:
        await editing.publish(session, request, at=None)
    assert await access() == {"access": {"canPlay": True, "reason": "FREE"}}
    async with services.outboxes["catalog"].writing() as session:
        await editing.unpublish(session, request)
    assert await access() == {"access": {"canPlay": False, "reason": "NOT_AVAILABLE"}}
