"""Importing films from a file."""

import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from stack.importing import ImportProblem, ImportReport, import_films
from subgraphs.catalog.config import Settings
from subgraphs.catalog.service.importing import BadRow
from subgraphs.shared.identity import Viewer
from subgraphs.shared.outbox import pending_events
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.catalog.support import Client, TurnedClock, running_client, settings_for
from tests.support.servers import DatabaseFactory

FILMS = (
    {"title": "The Harbour Light", "year": 1931, "cast": ["Ada Quill", "Tom Brandt"], "genres": ["Drama", "Noir"]},
    {"title": "Carmen", "year": 1915, "cast": ["Ada Quill"], "genres": ["Silent"]},
    {"title": "Carmen", "year": 1915, "cast": ["Vera Moss"], "genres": ["Silent"]},
    {"title": "Øst for Solen", "year": 1999, "cast": [], "genres": ["Sport", "Snowbound Tales"]},
)


@pytest.fixture
async def settings(make_database: DatabaseFactory, tmp_path: Path) -> Settings:
    return settings_for(await make_database("catalog"), tmp_path)


@pytest.fixture
async def catalog(settings: Settings) -> AsyncIterator[Client]:
    async with running_client(settings, TurnedClock()) as client:
        yield client


def lines_of(*rows: object) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


async def run(
    settings: Settings, tmp_path: Path, content: bytes, *, clock: TurnedClock | None = None
) -> tuple[ImportReport, list[float]]:
    path = tmp_path / "films.jsonl"
    path.write_bytes(content)
    shares: list[float] = []
    report = await import_films(
        path, settings=settings, progress=lambda share, _report: shares.append(share), clock=clock or TurnedClock()
    )
    return report, shares


async def facts(catalog: Client) -> Any:
    data = await catalog.data(
        """{ titles(sort: RELEASE_DATE_DESC, first: 100) { totalCount edges { node {
             id slug name releaseDate releaseYear maturityRating requiredTier genres { slug name }
             credits { role person { name } }
             images { role } ... on Movie { playable { kind durationSeconds } } } } } }"""
    )
    return data["titles"]


async def test_films_become_free_unrated_movies_with_genres_and_cast(
    settings: Settings, catalog: Client, tmp_path: Path
) -> None:
    report, shares = await run(settings, tmp_path, lines_of(*FILMS))

    assert (report.inserted, report.updated, report.unchanged, report.bad) == (4, 0, 0, [])
    assert shares == [1.0, 1.0]
    titles = await facts(catalog)
    assert titles["totalCount"] == 4
    harbour = titles["edges"][1]["node"]
    harbour.pop("id")
    assert harbour == {
        "slug": "the-harbour-light-1931",
        "name": "The Harbour Light",
        "releaseDate": None,
        "releaseYear": 1931,
        "maturityRating": None,
        "requiredTier": "FREE",
        "genres": [{"slug": "drama", "name": "Drama"}, {"slug": "noir", "name": "Noir"}],
        "credits": [
            {"role": "ACTOR", "person": {"name": "Ada Quill"}},
            {"role": "ACTOR", "person": {"name": "Tom Brandt"}},
        ],
        "images": [{"role": "SPOTLIGHT"}, {"role": "POSTER"}, {"role": "THUMBNAIL"}],
        "playable": {"kind": "FEATURE", "durationSeconds": None},
    }
    slugs = [edge["node"]["slug"] for edge in titles["edges"]]
    assert (slugs[0], sorted(slugs[2:])) == ("øst-for-solen-1999", ["carmen-1915", "carmen-1915-2"])
    # "Sport" is the genre Sports; an unknown genre is created.
    assert [genre["slug"] for genre in titles["edges"][0]["node"]["genres"]] == ["sports", "snowbound-tales"]


async def test_imported_films_are_found_announced_and_hidden_from_limited_profiles(
    settings: Settings, catalog: Client, tmp_path: Path
) -> None:
    await run(settings, tmp_path, lines_of(*FILMS))
    query = '{ search(query: "ada quill") { edges { node { ... on Movie { slug } ... on Person { name } } } } }'

    for_adult = await catalog.data(query)
    for_teenager = await catalog.data(
        query, viewer=Viewer(user_id="u", profile_id="p", maturity_limit=MaturityRating.UA_16)
    )

    nodes = [edge["node"] for edge in for_adult["search"]["edges"]]
    assert nodes[0] == {"name": "Ada Quill"}
    assert sorted(node["slug"] for node in nodes[1:]) == ["carmen-1915", "the-harbour-light-1931"]
    assert for_teenager["search"]["edges"] == []
    async with catalog.database.writing() as session:
        events = await pending_events(session, limit=10)
    assert [(event.topic, event.payload["version"]) for event in events] == [("catalog.title_changed", 1)] * 4


async def test_a_second_run_changes_nothing(settings: Settings, catalog: Client, tmp_path: Path) -> None:
    await run(settings, tmp_path, lines_of(*FILMS))
    before = await facts(catalog)
    later = TurnedClock()
    later.turn(timedelta(days=5))

    report, _ = await run(settings, tmp_path, lines_of(*FILMS), clock=later)

    assert (report.inserted, report.updated, report.unchanged, report.bad) == (0, 0, 4, [])
    assert await facts(catalog) == before
    async with catalog.database.writing() as session:
        assert len(await pending_events(session, limit=10)) == 4


async def test_a_changed_row_updates_its_film_alone(settings: Settings, catalog: Client, tmp_path: Path) -> None:
    await run(settings, tmp_path, lines_of(*FILMS))
    changed = {**FILMS[0], "cast": ["Tom Brandt"]}

    report, _ = await run(settings, tmp_path, lines_of(changed, *FILMS[1:]))

    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 3)
    film = (await facts(catalog))["edges"][1]["node"]
    assert film["credits"] == [{"role": "ACTOR", "person": {"name": "Tom Brandt"}}]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"{not json", "It is not JSON: "),
        (b"\xff\xfe", "It is not UTF-8."),
        (b'{"title": "Caf\xe9", "year": 1931}', "It is not UTF-8."),
        (b"[1, 2]", "It is not a JSON object."),
        (b'{"year": 1931}', "`title` must be a text that is not empty."),
        (b'{"title": "  ", "year": 1931}', "`title` must be a text that is not empty."),
        (b'{"title": "A", "year": "1931"}', "`year` must be a whole number from 1870 to 2100."),
        (b'{"title": "A", "year": true}', "`year` must be a whole number from 1870 to 2100."),
        (b'{"title": "A", "year": 19311}', "`year` must be a whole number from 1870 to 2100."),
        (b'{"title": "A", "year": 1931, "cast": "Ada"}', "`cast` must be a list of texts."),
        (b'{"title": "A", "year": 1931, "genres": [1]}', "`genres` must be a list of texts."),
        (b'{"title": "A\\u0000", "year": 1931}', "`title` holds a control character."),
        (b'{"title": "' + b"A" * 301 + b'", "year": 1931}', "`title` is longer than 300 characters."),
        (b'{"title": "' + b"A" * 1_000_100 + b'", "year": 1931}', "It is not JSON: "),
        (lines_of(FILMS[0]).strip(), "It repeats line 1."),
    ],
)
async def test_a_bad_row_is_reported_and_does_not_stop_the_rest(
    settings: Settings, catalog: Client, tmp_path: Path, row: bytes, reason: str
) -> None:
    report, _ = await run(settings, tmp_path, lines_of(FILMS[0]) + b"\n" + row + b"\n" + lines_of(FILMS[1]))

    assert (report.inserted, report.rows) == (2, 3)
    (bad,) = report.bad
    assert bad.line == 3
    assert bad.reason.startswith(reason)
    assert (await facts(catalog))["totalCount"] == 2


async def test_a_packed_file_is_unpacked(settings: Settings, catalog: Client, tmp_path: Path) -> None:
    report, _ = await run(settings, tmp_path, gzip.compress(lines_of(*FILMS)))

    assert report.inserted == 4


async def test_more_rows_than_one_batch(settings: Settings, catalog: Client, tmp_path: Path) -> None:
    rows = [{"title": f"Film {n}", "year": 1950, "cast": [f"Star {n % 7}"], "genres": ["War"]} for n in range(1200)]

    report, shares = await run(settings, tmp_path, lines_of(*rows, "odd"))

    assert (report.inserted, report.bad) == (1200, [BadRow(1201, "It is not a JSON object.")])
    assert len(shares) == 3
    async with catalog.database.reading() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM titles"))).scalar_one() == 1200


async def test_an_empty_file_gives_an_empty_report(settings: Settings, catalog: Client, tmp_path: Path) -> None:
    report, shares = await run(settings, tmp_path, b"")

    assert (report.rows, shares) == (0, [1.0])


async def test_refuses_a_file_that_is_not_there_or_breaks_off(
    settings: Settings, catalog: Client, tmp_path: Path
) -> None:
    with pytest.raises(ImportProblem):
        await import_films(
            tmp_path / "none.jsonl", settings=settings, progress=lambda _share, _report: None, clock=TurnedClock()
        )
    rows = [{"title": f"Film {n}", "year": 1950} for n in range(1100)]
    with pytest.raises(ImportProblem):
        await run(settings, tmp_path, gzip.compress(lines_of(*rows))[:-12])

    assert (await facts(catalog))["totalCount"] == 0
