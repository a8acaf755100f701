"""The demo catalogue: 400 movies, 100 shows with their episodes, three sports events. All of it is fiction.

The same seed gives the same titles everywhere; only dates that must lie near the present (publication, windows,
fixtures) follow the day on which the catalogue is first stored.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from stack.partners import STUDIO, studio_number
from stack.seed.words import (
    ADJECTIVES,
    CLUBS,
    FIRST_NAMES,
    GOALS,
    HEROES,
    LAST_NAMES,
    NOUNS,
    PLACES,
    Adjective,
    Noun,
    Pair,
)
from subgraphs.catalog.config import Settings
from subgraphs.catalog.models import CreditRole, PlayableKind, TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import (
    CreditRecord,
    EpisodeRecord,
    FixtureRecord,
    GenreRecord,
    SeasonRecord,
    TitleRecord,
    slug_of,
    title_id,
)
from subgraphs.catalog.service.writing import count_stored, finish_bulk_load, store_titles
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.postgres import Database
from subgraphs.shared.values import MaturityRating, Tier

MOVIES = 400
SHOWS = 100
FREE_MOVIES = 268
FREE_SHOWS = 50

_SOURCE = "seed"
_STATEMENT_TIMEOUT_SECONDS = 60.0
_GENTLE = frozenset({"comedy", "family", "sports", "adventure"})
_HARSH = frozenset({"thriller", "crime", "mystery"})
_LANGUAGES: tuple[tuple[str, ...], ...] = (("hi", "en"), ("hi",), ("en",), ("hi", "en"), ("en", "hi"))

Texts = dict[str, Text]


async def seed_catalogue(settings: Settings, *, clock: Clock = system_clock) -> int:
    """Store the demo catalogue in one transaction; return how many titles were added: 0 when it is there already."""
    database = Database(
        settings.database_url, settings.catalog_database, pool_size=1, timeout_seconds=_STATEMENT_TIMEOUT_SECONDS
    )
    now = clock()
    try:
        async with database.writing() as session:
            if await count_stored(session, seeded_title_ids()):
                return 0
            stored = await store_titles(session, build_catalogue(now), now=now)
            await finish_bulk_load(session)
        return stored.inserted
    finally:
        await database.close()


def seeded_title_ids() -> list[UUID]:
    """Return the ids of all titles of the demo catalogue."""
    keys = [*(f"movie:{n}" for n in range(MOVIES)), *(f"show:{n}" for n in range(SHOWS)), *_FIXTURES]
    return [title_id(_SOURCE, key) for key in keys]


def build_catalogue(now: datetime) -> list[TitleRecord]:
    """Return the titles: movies, then shows, then sports events. What is near the present follows the day of `now`."""
    return _Writer(now.replace(hour=0, minute=0, second=0, microsecond=0)).catalogue()


@dataclass(frozen=True, slots=True)
class _Fixture:
    """A sports event: its clubs, and on which day it is, counted from today."""

    clubs: tuple[Pair, Pair]
    sport: Pair
    day: int


_FIXTURES = {
    "event:0": _Fixture((CLUBS[0], CLUBS[1]), Pair("Cricket", "क्रिकेट"), -3),
    "event:1": _Fixture((CLUBS[2], CLUBS[3]), Pair("Football", "फ़ुटबॉल"), -20),
    "event:2": _Fixture((CLUBS[4], CLUBS[5]), Pair("Cricket", "क्रिकेट"), 21),
}


class _Writer:
    """Draws everything from one random sequence, in one order: whoever changes the order changes the catalogue."""

    def __init__(self, today: datetime) -> None:
        self._today = today
        self._random = random.Random("reelgraph catalogue 1")  # noqa: S311  # must repeat, not be secret
        self._names: set[str] = set()
        people = [f"{first} {last}" for first in FIRST_NAMES for last in LAST_NAMES]
        self._random.shuffle(people)
        self._actors, self._directors = people[:280], people[280:330]

    def catalogue(self) -> list[TitleRecord]:
        movie_tiers = self._tiers(FREE_MOVIES, MOVIES)
        show_tiers = self._tiers(FREE_SHOWS, SHOWS)
        return [
            *(self._movie(number, tier) for number, tier in enumerate(movie_tiers)),
            *(self._show(number, tier) for number, tier in enumerate(show_tiers)),
            *(self._event(key, fixture) for key, fixture in _FIXTURES.items()),
        ]

    def _tiers(self, free: int, total: int) -> list[Tier]:
        tiers = [Tier.FREE] * free + [Tier.PREMIUM] * (total - free)
        self._random.shuffle(tiers)
        return tiers

    def _movie(self, number: int, tier: Tier) -> TitleRecord:
        genres = self._genres(number)
        name, description = self._name(), self._plot(genres[0].slug)
        audio = self._random.choice(_LANGUAGES)
        released = self._day_between(2010, 2025)
        # A few lie in windows and a few are for India alone, so that both can be seen at work.
        leaves = self._today + timedelta(days=10 + number) if number < 5 else None
        return TitleRecord(
            id=title_id(_SOURCE, f"movie:{number}"),
            kind=TitleKind.MOVIE,
            slug=slug_of(name.english),
            original_name=name.hindi if audio[0] == "hi" else name.english,
            texts=_texts(name, description),
            release_date=released,
            release_year=released.year,
            maturity_rating=self._rating(genres),
            required_tier=tier,
            audio_languages=audio,
            subtitle_languages=self._random.choice(_LANGUAGES),
            published_at=self._published_at(),
            genres=genres,
            credits=self._credits(),
            available_until=leaves,
            countries=("IN",) if 5 <= number < 12 else None,
            duration_seconds=self._random.randint(90 * 60, 150 * 60),
            external_ids=(f"{STUDIO}:{studio_number(number)}",),
        )

    def _show(self, number: int, tier: Tier) -> TitleRecord:
        genres = self._genres(number)
        name, description = self._name(), self._plot(genres[0].slug)
        rating = self._rating(genres)
        audio = self._random.choice(_LANGUAGES)
        began = self._day_between(2012, 2023)
        season_count = self._random.randint(1, 3)
        return TitleRecord(
            id=title_id(_SOURCE, f"show:{number}"),
            kind=TitleKind.SHOW,
            slug=slug_of(name.english),
            original_name=name.hindi if audio[0] == "hi" else name.english,
            texts=_texts(name, description),
            release_date=began,
            release_year=began.year,
            maturity_rating=rating,
            required_tier=tier,
            audio_languages=audio,
            subtitle_languages=self._random.choice(_LANGUAGES),
            published_at=self._published_at(),
            genres=genres,
            credits=self._credits(),
            seasons=tuple(
                self._season(number, began + timedelta(days=364 * (number - 1)), genres, rating)
                for number in range(1, season_count + 1)
            ),
        )

    def _season(self, number: int, begins: date, genres: Sequence[GenreRecord], rating: MaturityRating) -> SeasonRecord:
        return SeasonRecord(
            number=number,
            texts={"en": Text(f"Season {number}", ""), "hi": Text(f"सीज़न {number}", "")},
            release_date=begins,
            episodes=tuple(
                self._episode(episode, begins + timedelta(weeks=episode - 1), genres, rating)
                for episode in range(1, self._random.randint(6, 10) + 1)
            ),
        )

    def _episode(
        self, number: int, air_date: date, genres: Sequence[GenreRecord], rating: MaturityRating
    ) -> EpisodeRecord:
        adjective, noun = self._random.choice(ADJECTIVES), self._random.choice(NOUNS)
        # One episode in forty is stricter than its show.
        is_stricter = self._random.random() < 1 / 40 and rating is not MaturityRating.A
        return EpisodeRecord(
            number=number,
            texts=_texts(_qualified(adjective, noun, article=True), self._plot(genres[0].slug)),
            duration_seconds=self._random.randint(40 * 60, 60 * 60),
            air_date=air_date,
            maturity_rating=MaturityRating.A if is_stricter else None,
        )

    def _event(self, key: str, fixture: _Fixture) -> TitleRecord:
        home, away = fixture.clubs
        name = Pair(f"{home.english} v {away.english}", f"{home.hindi} बनाम {away.hindi}")
        description = Pair(
            f"{fixture.sport.english}: both sides need the win.", f"{fixture.sport.hindi}: दोनों टीमों को जीत चाहिए।"
        )
        starts_at = self._today + timedelta(days=fixture.day, hours=14)
        is_past = fixture.day < 0
        return TitleRecord(
            id=title_id(_SOURCE, key),
            kind=TitleKind.SPORTS_EVENT,
            slug=slug_of(name.english),
            original_name=name.english,
            texts=_texts(name, description),
            release_date=starts_at.date(),
            release_year=starts_at.year,
            maturity_rating=MaturityRating.U,
            required_tier=Tier.FREE,
            audio_languages=("hi", "en"),
            subtitle_languages=(),
            published_at=starts_at if is_past else self._today - timedelta(days=1),
            genres=(KNOWN_GENRES["sports"],),
            credits=(),
            available_from=None if is_past else starts_at - timedelta(minutes=30),
            playable_kind=PlayableKind.REPLAY if is_past else PlayableKind.LIVE_EVENT,
            duration_seconds=3 * 3600 if is_past else None,
            fixture=FixtureRecord(fixture.sport.english, "Monsoon Cup", starts_at, starts_at + timedelta(hours=3)),
        )

    def _name(self) -> Pair:
        """Return a name that no title has yet."""
        while True:
            name = self._any_name()
            if name.english not in self._names:
                self._names.add(name.english)
                return name

    def _any_name(self) -> Pair:
        adjective, (noun, other) = self._random.choice(ADJECTIVES), self._random.sample(NOUNS, 2)
        place = self._random.choice(PLACES)
        pattern = self._random.randrange(5)
        if pattern == 0:
            return Pair(f"{noun.english} of {place.english}", f"{place.hindi} {_of(noun)} {noun.hindi}")
        if pattern == 1:
            return Pair(f"The {noun.english} and the {other.english}", f"{noun.hindi} और {other.hindi}")
        return _qualified(adjective, noun, article=pattern > 2)

    def _plot(self, genre: str) -> Pair:
        hero, place = self._random.choice(HEROES), self._random.choice(PLACES)
        goal = self._random.choice(GOALS[genre])
        return Pair(f"{hero.english} in {place.english} {goal.english}.", f"{place.hindi} में {hero.hindi} {goal.hindi}।")

    def _genres(self, number: int) -> tuple[GenreRecord, ...]:
        """Return one to three genres; the first goes round, so that every genre has its share."""
        slugs = list(GOALS)
        first = slugs[number % len(slugs)]
        others = self._random.sample([slug for slug in slugs if slug != first], self._random.randint(0, 2))
        return tuple(KNOWN_GENRES[slug] for slug in (first, *others))

    def _rating(self, genres: Sequence[GenreRecord]) -> MaturityRating:
        ratings = list(MaturityRating)
        if genres[0].slug in _GENTLE:
            ratings = ratings[:3]
        elif genres[0].slug in _HARSH:
            ratings = ratings[2:]
        return self._random.choice(ratings)

    def _credits(self) -> tuple[CreditRecord, ...]:
        cast = self._random.sample(self._actors, self._random.randint(4, 8))
        directors = self._random.sample(self._directors, self._random.choice((1, 1, 1, 2)))
        return (
            *(CreditRecord(name, CreditRole.DIRECTOR) for name in directors),
            *(CreditRecord(name, CreditRole.ACTOR, self._random.choice(FIRST_NAMES)) for name in cast),
        )

    def _published_at(self) -> datetime:
        return self._today - timedelta(minutes=self._random.randint(12 * 60, 300 * 24 * 60))

    def _day_between(self, first_year: int, last_year: int) -> date:
        first, last = date(first_year, 1, 1), date(last_year, 12, 31)
        return first + timedelta(days=self._random.randrange((last - first).days + 1))


def _qualified(adjective: Adjective, noun: Noun, *, article: bool) -> Pair:
    hindi = adjective.feminine if noun.is_feminine else adjective.masculine
    english = f"{adjective.english} {noun.english}"
    return Pair(f"The {english}" if article else english, f"{hindi} {noun.hindi}")


def _of(noun: Noun) -> str:
    return "की" if noun.is_feminine else "का"


def _texts(name: Pair, description: Pair) -> Texts:
    return {"en": Text(name.english, description.english), "hi": Text(name.hindi, description.hindi)}
