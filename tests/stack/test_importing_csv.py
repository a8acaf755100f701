"""Importing films from CSV, as spreadsheets save them."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from stack.importing import ImportProblem, ImportReport, import_films
from subgraphs.catalog.config import Settings
from subgraphs.catalog.service.importing import BadRow
from tests.subgraphs.catalog.support import Client, TurnedClock, running_client, settings_for
from tests.support.servers import DatabaseFactory

HEADER = (
    "ID,title,title_hi,description,release_date,duration_minutes,maturity_rating,genres,cast,directors,"
    "audio_languages,countries,tier"
)
FILM = (
    '7,"Rain, Again",फिर बारिश,"Two lines\nof text",2024-07-01,118,U/A,Drama|Sport|Drama,Asha Rao|Vikram Sen,Nila Das,'
    "hi|en,IN|NP,premium"
)


@pytest.fixture
async def settings(make_database: DatabaseFactory, tmp_path: Path) -> Settings:
    return settings_for(await make_database("catalog"), tmp_path)


@pytest.fixture
async def catalog(settings: Settings) -> AsyncIterator[Client]:
    async with running_client(settings, TurnedClock()) as client:
        yield client


async def run(
    settings: Settings, folder: Path, content: bytes, *, name: str = "films.csv", dry_run: bool = False
) -> ImportReport:
    path = folder / name
    path.write_bytes(content)
    return await import_films(
        path, settings=settings, progress=lambda _share, _report: None, clock=TurnedClock(), dry_run=dry_run
    )


@pytest.mark.requirement("FR-CMS-001.2")
@pytest.mark.parametrize("name", ["films.csv", "films.csv.gz"])
async def test_a_row_becomes_a_film_with_all_its_columns(
    settings: Settings, catalog: Client, tmp_path: Path, name: str
) -> None:
    content = b"\xef\xbb\xbf" + f"{HEADER}\r\n{FILM}\r\n,,,,,,,,,,,,\r\n".encode()

    report = await run(settings, tmp_path, gzip.compress(content) if name.endswith("gz") else content, name=name)

    query = """{ titles(first: 5) { edges { node {
      name hindi: name(locale: "hi") description releaseDate maturityRating requiredTier audioLanguages
      genres { slug } credits { role person { name } } availability { countries }
      ... on Movie { playable { durationSeconds } } } } } }"""
    (edge,) = (await catalog.data(query))["titles"]["edges"]
    assert (report.inserted, report.bad, report.differing) == (1, [], [])
    assert edge["node"] == {
        "name": "Rain, Again",
        "hindi": "फिर बारिश",
        "description": "Two lines of text",
        "releaseDate": "2024-07-01",
        "maturityRating": "UA_13",
        "requiredTier": "PREMIUM",
        "audioLanguages": ["hi", "en"],
        "genres": [{"slug": "drama"}, {"slug": "sports"}],
        "credits": [
            {"role": "DIRECTOR", "person": {"name": "Nila Das"}},
            {"role": "ACTOR", "person": {"name": "Asha Rao"}},
            {"role": "ACTOR", "person": {"name": "Vikram Sen"}},
        ],
        "availability": {"countries": ["IN", "NP"]},
        "playable": {"durationSeconds": 7080},
    }


@pytest.mark.requirement("FR-CMS-001.2")
async def test_rows_that_are_wrong_are_named_and_the_others_taken(settings: Settings, tmp_path: Path) -> None:
    rows = [
        "id,title,release_date,duration_minutes,tier,audio_languages,countries",
        "1,Good,,,,,",
        "1,Twice,,,,,",
        ",No id,,,,,",
        "2,,,,,,",
        "3,Short row",
        "4,Day,1 May,,,,",
        "5,Long,,601,,,",
        "6,Never,,0,,,",
        "7,Tier,,,GOLD,,",
        "8,Language,,,,English!,",
        "9,Country,,,,,India",
        f"10,{'x' * 501},,,,,",
        "11,Nul\x00,,,,,",
        "12,Good too,2024-02-29,600,free,hi,IN",
    ]
    content = "\n".join(rows).encode() + b"\n13,Latin \xe9,,,,,\n"

    report = await run(settings, tmp_path, content)

    assert report.inserted == 2
    assert report.bad == [
        BadRow(3, "`id` is that of an earlier row."),
        BadRow(4, "`id` is empty."),
        BadRow(5, "`title` is empty."),
        BadRow(6, "It has 2 cells for 7 columns."),
        BadRow(7, "`release_date` is no date: 2026-02-28."),
        BadRow(8, "`duration_minutes` is no whole number from 1 to 600."),
        BadRow(9, "`duration_minutes` is no whole number from 1 to 600."),
        BadRow(10, "`tier` is neither FREE nor PREMIUM."),
        BadRow(11, "`audio_languages` holds what is no language tag."),
        BadRow(12, "`countries` holds what is no country code: IN."),
        BadRow(13, "`title` is longer than 500 characters."),
        BadRow(14, "`title` holds a control character."),
        BadRow(16, "`title` is not UTF-8."),
    ]


@pytest.mark.requirement("FR-CMS-001.2")
async def test_a_dry_run_and_a_second_run_change_nothing(settings: Settings, catalog: Client, tmp_path: Path) -> None:
    content = f"{HEADER}\n{FILM}\n".encode()

    tried = await run(settings, tmp_path, content, dry_run=True)
    nothing = await catalog.data("{ titles { totalCount } }")
    await run(settings, tmp_path, content)
    again = await run(settings, tmp_path, content)

    assert (tried.inserted, nothing["titles"]["totalCount"]) == (1, 0)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 1)


@pytest.mark.parametrize("header", ["id,title,titel_hi", "title", "id,title,id", ""])
async def test_a_file_whose_columns_are_not_known_is_refused(settings: Settings, tmp_path: Path, header: str) -> None:
    with pytest.raises(ImportProblem, match="name each column once"):
        await run(settings, tmp_path, f"{header}\n1,Film\n".encode())


async def test_what_is_not_csv_is_a_bad_row(settings: Settings, tmp_path: Path) -> None:
    report = await run(settings, tmp_path, b'id,title\n1,Good\n2,"Bad" quote\n3,"Never closed\n')

    assert report.inserted == 1
    assert [(row.line, row.reason.split(":")[0]) for row in report.bad] == [(3, "It is not CSV"), (4, "It is not CSV")]
