"""A running playback subgraph on real servers, with its clock and its projections in the test's hands."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from subgraphs.playback.app import create_app
from subgraphs.playback.config import Settings
from subgraphs.playback.service import (
    Asset,
    Entitlement,
    PlayableRights,
    PlaybackBatches,
    TitleRights,
    open_service,
)
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating, Tier
from tests.support.servers import DatabaseFactory

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
KEY = "k" * 32


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
class Film:
    """A title with one playable, for short tests."""

    title_id: str
    playable_id: str


class PlaybackWorld:
    """The subgraph, and shorthand for what tests do with it."""

    def __init__(self, app: SubgraphApp, batches: PlaybackBatches, settings: Settings, clock: MovableClock) -> None:
        self.app = app
        self.batches = batches
        self.settings = settings
        self.clock = clock

    async def film(
        self,
        *,
        rating: MaturityRating | None = MaturityRating.U,
        tier: Tier = Tier.FREE,
        duration_seconds: int | None = 600,
        **rights: Any,
    ) -> Film:
        """Project a published film."""
        film = Film(encode_id("Movie", uuid4()), encode_id("Playable", uuid4()))
        playable = PlayableRights(film.playable_id, "FEATURE", duration_seconds, rating)
        title = TitleRights(film.title_id, 1, published=True, required_tier=tier, playables=[playable])
        await self.batches.project_titles([replace(title, **rights)])
        return film

    async def show(self, *ratings: MaturityRating | None, tier: Tier = Tier.FREE) -> tuple[str, list[str]]:
        """Project a published show with one episode per rating."""
        title_id = encode_id("Show", uuid4())
        episodes = [encode_id("Playable", uuid4()) for _ in ratings]
        playables = [
            PlayableRights(episode, "EPISODE", 600, rating) for episode, rating in zip(episodes, ratings, strict=True)
        ]
        title = TitleRights(title_id, 1, published=True, required_tier=tier, playables=playables)
        await self.batches.project_titles([title])
        return title_id, episodes

    async def subscribe(self, viewer: Viewer, *, until: datetime | None = None, version: int = 1) -> None:
        """Project a premium entitlement of the viewer's account."""
        assert viewer.user_id is not None
        await self.batches.project_entitlements([Entitlement(viewer.user_id, Tier.PREMIUM, until, version)])

    async def ask(self, viewer: Viewer, query: str, **variables: Any) -> dict[str, Any]:
        """Return the data of an operation that must not fail."""
        response = await self.app.execute_as(viewer, query, variables=variables)
        assert "errors" not in response, response["errors"]
        data: dict[str, Any] = response["data"]
        return data

    async def access(self, viewer: Viewer, global_id: str, *, type_name: str = "Playable") -> dict[str, Any]:
        """Return the access decision on a playable or title."""
        fields = "access { canPlay reason maxQuality withAds expiresAt }"
        entity = await self.entity(viewer, global_id, fields, type_name=type_name)
        decision: dict[str, Any] = entity["access"]
        return decision

    async def progress(self, viewer: Viewer, global_id: str, *, type_name: str = "Playable") -> Any:
        """Return the progress in a playable or title."""
        fields = "progress { positionSeconds durationSeconds percent watched updatedAt playable { id } }"
        entity = await self.entity(viewer, global_id, fields, type_name=type_name)
        return entity["progress"]

    async def entity(self, viewer: Viewer, global_id: str, fields: str, *, type_name: str) -> dict[str, Any]:
        """Return fields of one entity by reference."""
        query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {type_name} {{ {fields} }} }} }}"
        data = await self.ask(viewer, query, r=[{"__typename": type_name, "id": global_id}])
        found: dict[str, Any] = data["_entities"][0]
        return found

    async def start(self, viewer: Viewer, playable_id: str, **options: Any) -> dict[str, Any]:
        """Return the answer of playbackStart."""
        given = {"playableId": playable_id, "deviceType": "WEB", **options}
        data = await self.ask(viewer, START, input=given)
        answer: dict[str, Any] = data["playbackStart"]
        return answer

    async def beat(
        self, viewer: Viewer, session_id: str, position: int, *, seq: int, state: str = "PLAYING", duration: int = 0
    ) -> dict[str, Any]:
        """Return the answer of playbackHeartbeat."""
        given = {
            "sessionId": session_id,
            "positionSeconds": position,
            "durationSeconds": duration,
            "state": state,
            "seq": seq,
        }
        data = await self.ask(viewer, BEAT, input=given)
        answer: dict[str, Any] = data["playbackHeartbeat"]
        return answer

    async def stop(self, viewer: Viewer, session_id: str, position: int | None = None) -> dict[str, Any]:
        """Return the answer of playbackStop."""
        data = await self.ask(viewer, STOP, id=session_id, position=position)
        answer: dict[str, Any] = data["playbackStop"]
        return answer


START = """
mutation($input: PlaybackStartInput!) {
  playbackStart(input: $input) {
    __typename
    ... on PlaybackSession {
      id format manifestUrl expiresAt resumePositionSeconds maxQuality defaultAudio defaultSubtitle
      heartbeatIntervalSeconds playable { id }
    }
    ... on UserError { code message }
    ... on UpgradeRequired { requiredTier }
    ... on GeoBlocked { country }
    ... on MaturityBlocked { rating }
    ... on NotYetAvailable { availableFrom }
  }
}
"""
BEAT = """
mutation($input: PlaybackHeartbeatInput!) {
  playbackHeartbeat(input: $input) {
    __typename
    ... on Progress { positionSeconds durationSeconds percent watched updatedAt }
    ... on SessionEnded { code }
  }
}
"""
STOP = """
mutation($id: ID!, $position: Int) {
  playbackStop(sessionId: $id, positionSeconds: $position) { ok errors { code path } }
}
"""


def make_viewer(*, user: UUID | None = None, **fields: Any) -> Viewer:
    """Return a signed-in viewer with a profile of its own."""
    return Viewer(user_id=encode_id("User", user or uuid4()), profile_id=encode_id("Profile", uuid4()), **fields)


@pytest.fixture
def clock() -> MovableClock:
    """The time of the subgraph."""
    return MovableClock()


@pytest.fixture
def viewers() -> Sequence[Viewer]:
    """Two profiles of one account, and an anonymous viewer."""
    account = uuid4()
    return make_viewer(user=account), make_viewer(user=account), ANONYMOUS


@pytest.fixture
async def playback_settings(
    make_database: DatabaseFactory, redis_url: str, mongodb_url: str, mongo_database: str, tmp_path: Path
) -> Settings:
    """Settings on databases of this test alone."""
    database = await make_database("playback")
    return Settings(
        database_url=database.server_url,
        playback_database=database.name,
        redis_url=redis_url,
        mongodb_url=mongodb_url,
        playback_mongo_database=mongo_database,
        viewer_context_key=KEY,
        media_signing_key=KEY,
        public_url="http://media.test",
        objects_dir=tmp_path / "objects",
    )


@pytest.fixture
async def world(playback_settings: Settings, clock: MovableClock) -> AsyncIterator[PlaybackWorld]:
    """The running subgraph, with a stream registered that every playable falls back to."""
    app = create_app(playback_settings, clock=clock)
    async with open_service(playback_settings, clock=clock) as batches, app.running():
        await batches.register_asset(Asset("sample", ["P144", "P360", "P480", "P720", "P1080"]))
        yield PlaybackWorld(app, batches, playback_settings, clock)
