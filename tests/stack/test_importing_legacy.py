"""Importing the SQLite catalogue of Cinema Online, with all that is wrong in real files."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from stack.importing import ImportProblem, ImportReport, import_films
from subgraphs.catalog.config import Settings
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from tests.subgraphs.catalog.support import Client, TurnedClock, running_client, settings_for
from tests.support.servers import DatabaseFactory

SCHEMA = """
CREATE TABLE film_work (id TEXT PRIMARY KEY, title TEXT, description TEXT, creation_date DATE, rating REAL, type TEXT,
    file_path TEXT, created_at TEXT, updated_at TEXT);
CREATE TABLE genre (id TEXT PRIMARY KEY, name TEXT, description TEXT, created_at TEXT, updated_at TEXT);
CREATE TABLE person (id TEXT PRIMARY KEY, full_name TEXT, created_at TEXT, updated_at TEXT);
CREATE TABLE genre_film_work (id TEXT PRIMARY KEY, film_work_id TEXT, genre_id TEXT, created_at TEXT);
CREATE TABLE person_film_work (id TEXT PRIMARY KEY, film_work_id TEXT, person_id TEXT, role TEXT, created_at TEXT);
"""


def key(number: int) -> str:
    return str(UUID(int=0x1000 + number))


FILMS: list[tuple[Any, ...]] = [
    (key(1), "The Harbour Light", "A keeper\nwaits.", "1931-05-02", 8.1, "movie"),
    (key(2), "Night Ferry", None, None, None, "tv_show"),
    (key(3), None, "No title.", None, 5.0, "movie"),
    (key(4), "Odd Kind", "", None, 5.0, "short"),
    (key(5), "Odd Day", "", "the spring", 5.0, "movie"),
    ("not a uuid", "Odd Id", "", None, 5.0, "movie"),
    (None, "No Id", "", None, 5.0, "movie"),
    (key(1).upper() + " ", "Same Id Again", "", None, 5.0, "movie"),
    (key(8), "x" * 501, "", None, 5.0, "movie"),
    (key(9), "The Harbour Light", "Another one.", "1931-05-02T00:00:00+00:00", 4.0, "movie"),
]
GENRES = [(key(20), "Drama"), (key(21), "Sci-Fi"), (key(22), None), (key(23), "Drama")]
PEOPLE = [(key(30), "Ada Quill"), (key(31), "Ada Quill"), (key(32), ""), (key(33), "Tom Brandt")]
GENRE_LINKS = [(1, 20), (1, 20), (1, 21), (1, 23), (1, 22), (99, 20), (1, 99)]
PERSON_LINKS = [
    *((1, 30, "actor"), (1, 31, "actor"), (1, 30, "actor"), (1, 33, "writer"), (1, 33, "producer")),
    *((2, 33, "director"), (1, 32, "actor"), (1, 30, "stuntman"), (1, 99, "actor"), (99, 30, "actor")),
]
LEFT_OUT = [
    "genre: `name` is empty.",
    "person: `full_name` is empty.",
    "genre_film_work: `film_work_id` points to no film_work.",
    "genre_film_work: `genre_id` points to no genre.",
    "person_film_work: `film_work_id` points to no film_work.",
    "person_film_work: `person_id` points to no person.",
    "person_film_work: `role` is not known.",
    "film_work: `title` is empty.",
    "film_work: `type` is neither movie nor tv_show.",
    "film_work: `creation_date` is no date.",
    "film_work: `id` is no uuid.",
    "film_work: `id` is no uuid.",
    "film_work: `title` is longer than 500 characters.",
]


def legacy_file(folder: Path, films: Sequence[tuple[Any, ...]] = FILMS, *, schema: str = SCHEMA) -> Path:
    path = folder / "db.sqlite"
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(schema)
    columns = "id, title, description, creation_date, rating, type"
    connection.executemany(f"INSERT INTO film_work ({columns}) VALUES (?, ?, ?, ?, ?, ?)", films)  # ours
    connection.executemany("INSERT INTO genre (id, name) VALUES (?, ?)", GENRES)
    connection.executemany("INSERT INTO person (id, full_name) VALUES (?, ?)", PEOPLE)
    genre_links = [(f"g{n}", key(film), key(genre)) for n, (film, genre) in enumerate(GENRE_LINKS)]
    connection.executemany("INSERT INTO genre_film_work (id, film_work_id, genre_id) VALUES (?, ?, ?)", genre_links)
    person_links = [(f"p{n}", key(film), key(person), role) for n, (film, person, role) in enumerate(PERSON_LINKS)]
    connection.executemany(
        "INSERT INTO person_film_work (id, film_work_id, person_id, role) VALUES (?, ?, ?, ?)", person_links
    )
    connection.commit()
    connection.close()
    return path


@pytest.fixture
async def settings(make_database: DatabaseFactory, tmp_path: Path) -> Settings:
    return settings_for(await make_database("catalog"), tmp_path)


@pytest.fixture
async def catalog(settings: Settings) -> AsyncIterator[Client]:
    async with running_client(settings, TurnedClock()) as client:
        yield client


async def run(settings: Settings, path: Path, *, dry_run: bool = False) -> ImportReport:
    shares: list[float] = []
    report = await import_films(
        path,
        settings=settings,
        progress=lambda share, _: shares.append(share),
        clock=TurnedClock(),
        dry_run=dry_run,
    )
    assert shares[-1] == 1.0
    return report


TITLES = """{ titles(sort: NAME_ASC, first: 50) { edges { node {
  id kind name description releaseDate maturityRating genres { slug } credits { role person { id name } } } } } }"""


async def stored(catalog: Client) -> list[Any]:
    return [edge["node"] for edge in (await catalog.data(TITLES))["titles"]["edges"]]


@pytest.mark.requirement("CL-19", "CL-18")
async def test_films_come_with_genres_and_people_and_keep_their_ids(
    settings: Settings, catalog: Client, tmp_path: Path
) -> None:
    report = await run(settings, legacy_file(tmp_path))

    ferry, *harbours = titles = await stored(catalog)
    assert (report.inserted, report.updated, report.unchanged, report.differing) == (3, 0, 0, [])
    assert {title["id"] for title in titles} == {
        encode_id("Movie", UUID(key(1))),
        encode_id("Movie", UUID(key(9))),
        encode_id("Show", UUID(key(2))),
    }
    (harbour,) = [title for title in harbours if title["genres"]]
    assert harbour == {
        "id": encode_id("Movie", UUID(key(1))),
        "kind": "MOVIE",
        "name": "The Harbour Light",
        "description": "A keeper waits.",
        "releaseDate": "1931-05-02",
        "maturityRating": None,
        "genres": [{"slug": "drama"}, {"slug": "science-fiction"}],
        "credits": [
            {"role": role, "person": {"id": encode_id("Person", UUID(key(person))), "name": name}}
            for role, person, name in (
                ("ACTOR", 30, "Ada Quill"),
                ("ACTOR", 31, "Ada Quill"),
                ("WRITER", 33, "Tom Brandt"),
                ("PRODUCER", 33, "Tom Brandt"),
            )
        ],
    }
    assert (ferry["kind"], ferry["description"], ferry["releaseDate"]) == ("SHOW", "", None)


@pytest.mark.requirement("CL-19")
async def test_every_row_of_no_use_is_named_with_its_reason(settings: Settings, tmp_path: Path) -> None:
    films = [film for film in FILMS if film[1] != "Same Id Again"]

    report = await run(settings, legacy_file(tmp_path, films))

    assert sorted(row.reason for row in report.bad) == sorted(LEFT_OUT)


async def test_two_spellings_of_one_id_are_one_film(settings: Settings, tmp_path: Path) -> None:
    films = [FILMS[0], (key(1).replace("-", ""), "Same Id Again", "", None, 5.0, "movie")]

    report = await run(settings, legacy_file(tmp_path, films))

    assert report.inserted == 1
    assert "film_work: `id` is that of an earlier film." in [row.reason for row in report.bad]


@pytest.mark.requirement("CL-19")
async def test_the_same_file_again_changes_nothing_and_a_changed_film_only_itself(
    settings: Settings, catalog: Client, tmp_path: Path
) -> None:
    first = await run(settings, legacy_file(tmp_path))
    before = await stored(catalog)
    again = await run(settings, legacy_file(tmp_path))
    unchanged = await stored(catalog)
    films = [(*film[:2], "New words.", *film[3:]) if film[0] == key(2) else film for film in FILMS]
    changed = await run(settings, legacy_file(tmp_path, films))

    assert (again.inserted, again.updated, again.unchanged, again.differing) == (0, 0, 3, [])
    assert unchanged == before
    assert first.checksum == again.checksum != changed.checksum
    assert (changed.inserted, changed.updated, changed.unchanged, changed.differing) == (0, 1, 2, [])


@pytest.mark.requirement("CL-19")
async def test_a_dry_run_says_what_an_import_would_do_and_does_nothing(
    settings: Settings, catalog: Client, tmp_path: Path
) -> None:
    before = await run(settings, legacy_file(tmp_path), dry_run=True)
    nothing = await stored(catalog)
    await run(settings, legacy_file(tmp_path, FILMS[:1]))
    films = [(*FILMS[0][:1], "Harbour Lights", *FILMS[0][2:]), *FILMS[1:]]
    after = await run(settings, legacy_file(tmp_path, films), dry_run=True)

    assert nothing == []
    assert (before.inserted, before.updated, before.unchanged, before.differing) == (3, 0, 0, None)
    assert (after.inserted, after.updated, after.unchanged) == (2, 1, 0)
    assert [title["name"] for title in await stored(catalog)] == ["The Harbour Light"]


@pytest.mark.requirement("CL-19")
async def test_the_check_finds_what_the_catalogue_has_otherwise(
    settings: Settings, catalog: Client, tmp_path: Path
) -> None:
    await run(settings, legacy_file(tmp_path))
    films = [(*FILMS[0][:1], "Renamed at the Source", *FILMS[0][2:]), *FILMS[1:]]
    path = legacy_file(tmp_path, films)
    own = encode_id("Movie", UUID(key(1)))
    viewer = Viewer(user_id="admin", scopes=frozenset({"cms:edit", "cms:edit_any"}))
    edit = 'mutation($id: ID!) { titleUpdate(id: $id, expectedVersion: 1, input: {slug: "light"}) { errors { code } } }'
    await catalog.data(edit, {"id": own}, viewer=viewer)

    report = await run(settings, path)

    assert (report.updated, report.unchanged) == (0, 3)  # its editors took it over
    assert report.differing == [UUID(key(1))]


@pytest.mark.parametrize("schema", ["CREATE TABLE film_work (id TEXT);", "CREATE TABLE other (id TEXT);"])
async def test_another_sqlite_file_is_refused(settings: Settings, tmp_path: Path, schema: str) -> None:
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(schema)
    connection.close()

    with pytest.raises(ImportProblem, match="no catalogue of Cinema Online"):
        await run(settings, path)


async def test_a_damaged_file_is_refused(settings: Settings, tmp_path: Path) -> None:
    path = legacy_file(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:2048] + b"\xff" * 2048 + whole[4096:])

    with pytest.raises(ImportProblem):
        await run(settings, path)
