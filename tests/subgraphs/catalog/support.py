"""Builders of title records, a clock that tests turn, and a client that asks the subgraph as a viewer."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from subgraphs.catalog.app import create_app
from subgraphs.catalog.config import Settings
from subgraphs.catalog.models import CreditRole, PlayableKind, TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import (
    CreditRecord,
    EpisodeRecord,
    FixtureRecord,
    SeasonRecord,
    StoredTitle,
    TitleRecord,
    episode_id,
    slug_of,
    title_id,
)
from subgraphs.catalog.service.writing import store_titles
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import Database
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating, Tier
from tests.support.servers import FreshDatabase

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ADULT = Viewer()
KID = Viewer(user_id="u", profile_id="p", maturity_limit=MaturityRating.UA_7, is_kids=True)
TEENAGER = Viewer(user_id="u", profile_id="q", maturity_limit=MaturityRating.UA_13)


def movie(name: str, **changes: Any) -> TitleRecord:
    """Return a free U movie published on 1 January 2026 at noon; `changes` replace its fields, `hindi` adds a name."""
    texts = {"en": Text(name, f"About {name}.")}
    hindi = changes.pop("hindi", None)
    if hindi:
        texts["hi"] = Text(hindi, "")
    fields: dict[str, Any] = {
        "id": title_id("test", name),
        "kind": TitleKind.MOVIE,
        "slug": slug_of(name),
        "original_name": name,
        "texts": texts,
        "release_date": date(2020, 5, 17),
        "release_year": 2020,
        "maturity_rating": MaturityRating.U,
        "required_tier": Tier.FREE,
        "audio_languages": ("en",),
        "subtitle_languages": ("hi",),
        "published_at": datetime(2026, 1, 1, 12, 0, tzinfo=UTC),
        "genres": (KNOWN_GENRES["drama"],),
        "credits": (),
        "duration_seconds": 6000,
    }
    return TitleRecord(**{**fields, **changes})


def show(
    name: str, *, episodes: Sequence[int] = (2,), strict: tuple[int, int] | None = None, **changes: Any
) -> TitleRecord:
    """Return a show with as many episodes per season; the `strict` one (season, number) is rated A."""
    seasons = tuple(
        SeasonRecord(
            number=season,
            texts={"en": Text(f"Season {season}", ""), "hi": Text(f"सीज़न {season}", "")},
            release_date=date(2020 + season, 1, 1),
            episodes=tuple(
                EpisodeRecord(
                    number=number,
                    texts={"en": Text(f"{name} {season}x{number}", f"Part {number}.")},
                    duration_seconds=3000,
                    air_date=date(2020 + season, 1, number),
                    maturity_rating=MaturityRating.A if strict == (season, number) else None,
                )
                for number in range(1, count + 1)
            ),
        )
        for season, count in enumerate(episodes, start=1)
    )
    return movie(name, kind=TitleKind.SHOW, duration_seconds=None, seasons=seasons, **changes)


def event(name: str, *, starts_at: datetime, ends_at: datetime, kind: PlayableKind, **changes: Any) -> TitleRecord:
    """Return a sports event with one playable of that kind."""
    fixture = FixtureRecord("Cricket", "Monsoon Cup", starts_at, ends_at)
    return movie(name, kind=TitleKind.SPORTS_EVENT, fixture=fixture, playable_kind=kind, **changes)


def acted_by(*names: str) -> tuple[CreditRecord, ...]:
    """Return the cast of a title."""
    return tuple(CreditRecord(name, CreditRole.ACTOR, f"Role of {name}") for name in names)


def id_of(record: TitleRecord) -> str:
    """Return the global id of a record's title."""
    names = {TitleKind.MOVIE: "Movie", TitleKind.SHOW: "Show", TitleKind.SPORTS_EVENT: "SportsEvent"}
    return encode_id(names[record.kind], record.id)


def playable_id_of(record: TitleRecord, position: int = 1) -> str:
    """Return the global id of the playable at that position, from 1."""
    return encode_id("Playable", StoredTitle(record, 1, record.slug).playables[position - 1].id)


def episode_id_of(record: TitleRecord, season: int, number: int) -> str:
    """Return the global id of an episode."""
    return encode_id("Episode", episode_id(record.id, season, number))


UNKNOWN = UUID("00000000-0000-4000-8000-000000000000")


@dataclass
class Answer:
    """What the subgraph answered, and how many statements on PostgreSQL it took."""

    data: Any
    errors: list[dict[str, Any]]
    statements: int


@dataclass
class Client:
    """Asks the catalog as a viewer, and stores titles in it."""

    app: SubgraphApp
    database: Database

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None, *, viewer: Viewer = ADULT) -> Answer:
        """Return the answer, with its errors."""
        with count_statements() as statements:
            response = await self.app.execute_as(viewer, query, variables=variables)
        count = statements[f"postgres:{self.database.name}"]
        return Answer(response["data"], response.get("errors", []), count)

    async def ask_again(
        self, query: str, variables: Mapping[str, Any] | None = None, *, viewer: Viewer = ADULT
    ) -> Answer:
        """Return the answer to a question that was asked before, so that the metadata of titles are at hand."""
        await self.ask(query, variables, viewer=viewer)
        return await self.ask(query, variables, viewer=viewer)

    async def data(self, query: str, variables: Mapping[str, Any] | None = None, *, viewer: Viewer = ADULT) -> Any:
        """Return the data of an answer that has no errors."""
        answer = await self.ask(query, variables, viewer=viewer)
        assert answer.errors == []
        return answer.data

    async def entities(
        self, type_name: str, ids: Sequence[Any], selection: str, *, viewer: Viewer = ADULT, again: bool = False
    ) -> Answer:
        """Resolve references of one type, `again` if that is to have been done before; the selection is on the type."""
        representations = [{"__typename": type_name, "id": id_} for id_ in ids]
        query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {type_name} {{ {selection} }} }} }}"
        ask = self.ask_again if again else self.ask
        answer = await ask(query, {"r": representations}, viewer=viewer)
        answer.data = answer.data["_entities"] if answer.data else None
        return answer

    async def store(self, *records: TitleRecord, now: datetime = NOW) -> None:
        """Store the titles."""
        async with self.database.writing() as session:
            await store_titles(session, records, now=now)


class TurnedClock:
    """A clock that stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, by: timedelta) -> None:
        self.now += by


def settings_for(database: FreshDatabase, objects_dir: Path) -> Settings:
    return Settings(
        database_url=database.server_url,
        catalog_database=database.name,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url="redis://127.0.0.1:1/0",
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
        public_url="https://reelgraph.example",
        objects_dir=objects_dir,
        search_log_seconds=3600,
    )


@asynccontextmanager
async def running_client(settings: Settings, clock: TurnedClock) -> AsyncIterator[Client]:
    database = Database(settings.database_url, settings.catalog_database, pool_size=2)
    app = create_app(settings, clock=clock)
    try:
        async with app.running():
            yield Client(app, database)
    finally:
        await database.close()
