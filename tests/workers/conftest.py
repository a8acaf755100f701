"""All stores of the platform for one test, and the services over them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from subgraphs.catalog.events import GenreFacts, PersonFacts, PlayableFacts, TitleChanged
from subgraphs.shared.events import Event
from subgraphs.shared.outbox import publish
from tests.support.servers import DatabaseFactory
from workers.config import Settings
from workers.services import Services, open_services

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
KEY = "k" * 32
_DATABASES = ("users", "catalog", "playback", "billing", "ads", "recommendations")


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        """Move on by a timedelta's arguments."""
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> MovableClock:
    """The worker's time."""
    return MovableClock()


@pytest.fixture
async def worker_settings(
    make_database: DatabaseFactory, redis_url: str, mongodb_url: str, mongo_database: str, tmp_path: Path
) -> Settings:
    """Settings on databases of this test alone."""
    databases = {name: await make_database(name) for name in _DATABASES}
    database_names: dict[str, Any] = {f"{name}_database": each.name for name, each in databases.items()}
    return Settings(
        database_url=databases["catalog"].server_url,
        redis_url=redis_url,
        mongodb_url=mongodb_url,
        viewer_context_key=KEY,
        media_signing_key=KEY,
        personal_data_keys=f"k1:{'a' * 43}=",
        personal_data_lookup_key=KEY,
        objects_dir=tmp_path / "objects",
        playback_mongo_database=mongo_database,
        activity_mongo_database=mongo_database,
        **database_names,
    )


@pytest.fixture
async def services(worker_settings: Settings, clock: MovableClock) -> AsyncIterator[Services]:
    """The batch functions of all subgraphs."""
    async with open_services(worker_settings, clock=clock) as opened:
        yield opened


async def put_into_outbox(services: Services, name: str, *events: Event) -> None:
    """Publish events as the subgraph would."""
    async with services.outboxes[name].writing() as session:
        await publish(session, events)


def title_changed(title_id: str = "movie-1", *, version: int = 1, **changes: object) -> TitleChanged:
    """Return the event of a published film with one playable, `<title>-playable`."""
    event = TitleChanged(
        occurred_at=NOW,
        title_id=title_id,
        version=version,
        published=True,
        kind="MOVIE",
        slug=title_id,
        names={"en": "A film", "hi": "एक फ़िल्म"},
        genres=[GenreFacts(id="genre-1", slug="drama", names={"en": "Drama"})],
        people=[PersonFacts(id="person-1", name="Somebody", role="ACTOR")],
        audio_languages=["hi"],
        subtitle_languages=["en"],
        release_date=NOW.date(),
        release_year=NOW.year,
        maturity_rating="U",
        required_tier="FREE",
        available_from=None,
        available_until=None,
        countries=None,
        published_at=NOW,
        playables=[
            PlayableFacts(
                id=f"{title_id}-playable",
                kind="FEATURE",
                duration_seconds=1000,
                maturity_rating="U",
                season=None,
                episode=None,
            )
        ],
    )
    return event.model_copy(update=changes)
