"""A running activity subgraph on real servers, with its clock and what workers tell it in the test's hands."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import redis

from subgraphs.activity.app import create_app
from subgraphs.activity.config import ENGAGEMENT_STREAM, Settings
from subgraphs.activity.service import (
    ActivityBatches,
    ProjectedPlayable,
    ProjectedTitle,
    Watching,
    open_service,
)
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
KEY = "k" * 32
DURATION = 1000


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """Move on by a timedelta's arguments."""
        self.now += timedelta(**duration)


@dataclass(frozen=True)
class Known:
    """A projected title and its playables in playing order."""

    title_id: str
    playable_ids: Sequence[str]

    @property
    def playable_id(self) -> str:
        """The first playable."""
        return self.playable_ids[0]


class ActivityWorld:
    """The subgraph, and shorthand for what tests do with it."""

    def __init__(self, app: SubgraphApp, batches: ActivityBatches, settings: Settings, clock: MovableClock) -> None:
        self.app = app
        self.batches = batches
        self.settings = settings
        self.clock = clock

    async def title(
        self,
        kind: str = "Movie",
        *,
        episodes: int = 1,
        rating: MaturityRating | None = MaturityRating.U,
        published: bool = True,
    ) -> Known:
        """Project a title."""
        known = Known(encode_id(kind, uuid4()), [encode_id("Playable", uuid4()) for _ in range(episodes)])
        await self.project(known, rating=rating, published=published)
        return known

    async def project(
        self,
        known: Known,
        *,
        version: int = 1,
        rating: MaturityRating | None = MaturityRating.U,
        published: bool = True,
    ) -> None:
        """Project a version of a title."""
        playables = [ProjectedPlayable(playable_id, DURATION, rating) for playable_id in known.playable_ids]
        await self.batches.project_titles([ProjectedTitle(known.title_id, version, published, rating, playables)])

    async def watch(
        self, viewer: Viewer, known: Known, position: int, *, episode: int = 0, session: UUID | None = None
    ) -> Watching:
        """Let a heartbeat reach the worker; returns the entry."""
        entry = self.entry(viewer, known, position, episode=episode, session=session)
        await self.batches.record_watching([entry])
        return entry

    def entry(
        self, viewer: Viewer, known: Known, position: int, *, episode: int = 0, session: UUID | None = None
    ) -> Watching:
        """Return what the worker makes of a heartbeat now."""
        return Watching(
            profile_id=viewer.require_profile(),
            title_id=known.title_id,
            playable_id=known.playable_ids[episode],
            session_id=str(session or uuid4()),
            position_seconds=position,
            duration_seconds=DURATION,
            watch_seconds=position,
            device_type="TV",
            at=self.clock.now,
        )

    async def ask(self, viewer: Viewer, query: str, **variables: Any) -> dict[str, Any]:
        """Return the data of an operation that must not fail."""
        response = await self.app.execute_as(viewer, query, variables=variables)
        assert "errors" not in response, response["errors"]
        data: dict[str, Any] = response["data"]
        return data

    async def of_profile(self, viewer: Viewer, fields: str, *, profile_id: str | None = None) -> dict[str, Any]:
        """Return fields of the viewer's profile."""
        query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Profile {{ {fields} }} }} }}"
        reference = {"__typename": "Profile", "id": profile_id or viewer.profile_id}
        found: dict[str, Any] = (await self.ask(viewer, query, r=[reference]))["_entities"][0]
        return found

    async def continuing(self, viewer: Viewer, arguments: str = "") -> list[dict[str, Any]]:
        """Return the items of continue watching."""
        fields = "title { id } playable { id } percent positionSeconds lastWatchedAt isNextEpisode"
        found = await self.of_profile(viewer, f"continueWatching{arguments} {{ edges {{ node {{ {fields} }} }} }}")
        return [edge["node"] for edge in found["continueWatching"]["edges"]]

    async def history(self, viewer: Viewer, arguments: str = "") -> list[dict[str, Any]]:
        """Return the entries of the history."""
        fields = "id title { id } playable { id } watchedAt completionPercent watchSeconds device"
        found = await self.of_profile(viewer, f"history{arguments} {{ edges {{ node {{ {fields} }} }} }}")
        return [edge["node"] for edge in found["history"]["edges"]]

    async def watchlist(self, viewer: Viewer) -> list[str]:
        """Return the ids on the list."""
        found = await self.of_profile(viewer, "watchlist { totalCount edges { node { id } } }")
        ids = [edge["node"]["id"] for edge in found["watchlist"]["edges"]]
        assert found["watchlist"]["totalCount"] == len(ids)
        return ids

    async def marks(self, viewer: Viewer, *titles: Known) -> list[Any]:
        """Return what the viewer sees on titles."""
        fields = "inWatchlist myRating upNext { id }"
        query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Title {{ id {fields} }} }} }}"
        references = [
            {"__typename": "Title", "id": title.title_id, "playableIds": list(title.playable_ids)} for title in titles
        ]
        found: list[Any] = (await self.ask(viewer, query, r=references))["_entities"]
        return found

    async def do(self, viewer: Viewer, mutation: str) -> Any:
        """Return the payload of a mutation with its errors; a title's marks where it has one."""
        has_title = not mutation.startswith(("continueWatchingDismiss", "historyClear"))
        fields = "title { id inWatchlist myRating }" if has_title else "ok"
        data = await self.ask(viewer, f"mutation {{ answer: {mutation} {{ {fields} errors {{ code path }} }} }}")
        return data["answer"]

    def engagement(self) -> list[dict[str, Any]]:
        """Return what the stream tells the workers."""
        with redis.Redis.from_url(self.settings.redis_url, decode_responses=True) as client:
            entries: Any = client.xrange(ENGAGEMENT_STREAM)
        return [orjson.loads(fields["d"]) for _id, fields in entries]

    def lose_valkey(self) -> None:
        """Empty Valkey."""
        with redis.Redis.from_url(self.settings.redis_url) as client:
            client.flushdb()


def make_viewer(*, user: UUID | None = None, **fields: Any) -> Viewer:
    """Return a signed-in viewer with a profile of its own."""
    return Viewer(user_id=encode_id("User", user or uuid4()), profile_id=encode_id("Profile", uuid4()), **fields)


@pytest.fixture
def clock() -> MovableClock:
    """The time of the subgraph."""
    return MovableClock()


@pytest.fixture
def activity_settings(redis_url: str, mongodb_url: str, mongo_database: str, postgres_server_url: str) -> Settings:
    """Settings on databases of this test alone; PostgreSQL is named but not used."""
    return Settings(
        database_url=postgres_server_url,
        redis_url=redis_url,
        mongodb_url=mongodb_url,
        activity_mongo_database=mongo_database,
        viewer_context_key=KEY,
        media_signing_key=KEY,
    )


@pytest.fixture
async def world(activity_settings: Settings, clock: MovableClock) -> AsyncIterator[ActivityWorld]:
    """The running subgraph."""
    app = create_app(activity_settings, clock=clock)
    async with open_service(activity_settings, clock=clock) as batches, app.running():
        yield ActivityWorld(app, batches, activity_settings, clock)
