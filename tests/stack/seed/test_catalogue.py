"""The demo catalogue: counts, shares, languages, pictures, repeatability."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from stack.seed.catalogue import build_catalogue, seed_catalogue, seeded_title_ids
from subgraphs.catalog.models import CreditRole, TitleKind
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.catalog.support import NOW, TurnedClock, running_client, settings_for
from tests.support.servers import DatabaseFactory

CATALOGUE = build_catalogue(NOW)
MOVIES = [title for title in CATALOGUE if title.kind is TitleKind.MOVIE]
SHOWS = [title for title in CATALOGUE if title.kind is TitleKind.SHOW]


def test_400_movies_of_the_years_2010_to_2025_a_third_of_them_premium() -> None:
    durations = [movie.duration_seconds or 0 for movie in MOVIES]

    assert Counter(movie.required_tier for movie in MOVIES) == {Tier.FREE: 268, Tier.PREMIUM: 132}
    assert {movie.release_year for movie in MOVIES} == set(range(2010, 2026))
    assert min(durations) >= 90 * 60
    assert max(durations) <= 150 * 60


@pytest.mark.requirement("IN-SEED-2")
def test_100_shows_of_one_to_three_seasons_half_of_them_premium() -> None:
    seasons = [season for show in SHOWS for season in show.seasons]
    episodes = [episode for season in seasons for episode in season.episodes]
    durations = [episode.duration_seconds or 0 for episode in episodes]

    assert Counter(show.required_tier for show in SHOWS) == {Tier.FREE: 50, Tier.PREMIUM: 50}
    assert {len(show.seasons) for show in SHOWS} == {1, 2, 3}
    assert {len(season.episodes) for season in seasons} == {6, 7, 8, 9, 10}
    assert len(episodes) == 1703
    assert min(durations) >= 40 * 60
    assert max(durations) <= 60 * 60


def test_everything_has_a_name_and_a_description_in_english_and_hindi() -> None:
    for title in CATALOGUE:
        texts = [title.texts, *(episode.texts for season in title.seasons for episode in season.episodes)]
        for text in texts:
            assert set(text) == {"en", "hi"}
            assert all(entry.name and entry.description for entry in text.values())
            assert text["en"].name.isascii()
            assert any("ऀ" <= letter <= "ॿ" for letter in text["hi"].name)


def test_names_slugs_and_ids_are_unique() -> None:
    assert len({title.slug for title in CATALOGUE}) == 503
    assert len({title.texts["en"].name for title in CATALOGUE}) == 503
    assert [title.id for title in CATALOGUE] == seeded_title_ids()


def test_ratings_credits_languages_and_dates_are_spread() -> None:
    features = [*MOVIES, *SHOWS]
    months = Counter((title.published_at or NOW).strftime("%Y-%m") for title in features)

    assert {title.maturity_rating for title in features} == set(MaturityRating)
    assert {language for title in features for language in title.audio_languages} == {"en", "hi"}
    assert len(months) >= 9
    assert all((title.published_at or NOW) <= NOW for title in features)
    for title in features:
        roles = Counter(credit.role for credit in title.credits)
        assert roles[CreditRole.DIRECTOR] in (1, 2)
        assert roles[CreditRole.ACTOR] >= 4
        assert 1 <= len(title.genres) <= 3


def test_some_titles_leave_some_are_for_india_alone_and_one_comes_soon() -> None:
    assert len([t for t in CATALOGUE if t.available_until is not None]) == 5
    assert len([t for t in CATALOGUE if t.countries == ("IN",)]) == 7
    assert [t.kind for t in CATALOGUE if t.available_from is not None] == [TitleKind.SPORTS_EVENT]


def without_dates_near_the_present(title: TitleRecord) -> tuple[object, ...]:
    return title.id, title.slug, title.texts, title.genres, title.credits, title.duration_seconds, title.seasons


def test_the_same_catalogue_comes_out_on_any_day() -> None:
    assert build_catalogue(NOW + timedelta(hours=3)) == CATALOGUE
    other_day = build_catalogue(datetime(2027, 8, 9, tzinfo=UTC))
    assert list(map(without_dates_near_the_present, other_day)) == list(map(without_dates_near_the_present, CATALOGUE))


@pytest.mark.requirement("IN-SEED-3")
async def test_it_is_stored_once_with_unique_pictures_of_the_stated_sizes(
    make_database: DatabaseFactory, tmp_path: Path
) -> None:
    settings = settings_for(await make_database("catalog"), tmp_path)
    clock, later = TurnedClock(), TurnedClock()
    later.turn(timedelta(days=40))

    first = await seed_catalogue(settings, clock=clock)
    second = await seed_catalogue(settings, clock=later)

    async with running_client(settings, clock) as catalog:
        data = await catalog.data(
            """{ movies: titles(filter: { kind: [MOVIE] }, first: 100) { totalCount edges { node {
                   images { role width height url } } } }
                 shows: titles(filter: { kind: [SHOW] }, first: 100) { totalCount edges { node { images { role url }
                   ... on Show { seasons { episodes { edges { node { thumbnail { role width height url } } } } } } } } }
               }"""
        )
    assert (first, second) == (503, 0)
    assert (data["movies"]["totalCount"], data["shows"]["totalCount"]) == (400, 100)
    pictures = [image for edge in data["movies"]["edges"] for image in edge["node"]["images"]]
    stills = [
        episode["node"]["thumbnail"]
        for edge in data["shows"]["edges"]
        for season in edge["node"]["seasons"]
        for episode in season["episodes"]["edges"]
    ]
    assert {(image["role"], image["width"], image["height"]) for image in [*pictures, *stills]} == {
        ("SPOTLIGHT", 1920, 800),
        ("POSTER", 400, 600),
        ("THUMBNAIL", 800, 450),
        ("STILL", 800, 450),
    }
    assert (len(pictures), len(stills)) == (300, 1703)
    assert len({image["url"] for image in [*pictures, *stills]}) == 2003


def test_dates_of_episodes_follow_each_other() -> None:
    for show in SHOWS:
        days: list[date] = [e.air_date for s in show.seasons for e in s.episodes if e.air_date is not None]
        assert days == sorted(days)
        assert days[0] == show.release_date
