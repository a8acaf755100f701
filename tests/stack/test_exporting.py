"""Exporting the published titles; a file that comes back as it was changes nothing."""

import gzip
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa

from stack.exporting import ExportProblem, export_films
from stack.importing import ImportReport, import_films
from subgraphs.catalog.config import Settings
from subgraphs.catalog.models import CreditRole, MarkerKind, PlayableKind
from subgraphs.catalog.service.genres import KNOWN_GENRES, genre_named
from subgraphs.catalog.service.records import CreditRecord, FormattedText, LicenceRecord, MarkerRecord, TitleRecord
from subgraphs.catalog.service.writing import publish_titles, store_titles
from subgraphs.shared.postgres import Database
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.catalog.support import NOW, TurnedClock, acted_by, event, id_of, movie, settings_for, show
from tests.support.servers import DatabaseFactory

_NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
_OWN_GENRE = genre_named("Monsoon | Noir")
assert _OWN_GENRE is not None
TITLES = (
    movie(
        "=SUM of a Film",
        hindi="एक फ़िल्म",
        original_name="Ek | Film & <Sohn>",
        maturity_rating=MaturityRating.UA_13,
        required_tier=Tier.PREMIUM,
        audio_languages=("hi", "en-IN"),
        genres=(KNOWN_GENRES["comedy"], _OWN_GENRE),
        credits=(
            *acted_by("Asha Rao", "Vikram Sen"),
            CreditRecord("Nila Das", CreditRole.DIRECTOR),
            CreditRecord("Asha Rao", CreditRole.COMPOSER),
        ),
        markers=(MarkerRecord(MarkerKind.INTRO, 1000, 9000, "Titles"),),
        countries=("IN", "NP"),
        available_from=datetime(2026, 1, 1, tzinfo=UTC),
        available_until=_NEXT_YEAR,
        duration_seconds=6001,
        trailer_url="https://trailers.example/one",
    ),
    movie(
        "Licensed",
        licences=(LicenceRecord(("IN",), None, _NEXT_YEAR, Tier.FREE), LicenceRecord(None, None, None, Tier.PREMIUM)),
        texts={"hi": FormattedText("केवल हिन्दी", "दो\nपंक्तियाँ", "<p>दो</p><p>पंक्तियाँ</p>")},
        maturity_rating=None,
        genres=(),
    ),
    movie("Year Alone", release_date=None, release_year=1931, duration_seconds=None),
    show("Series", episodes=(2, 1), strict=(1, 2), credits=acted_by("Asha Rao")),
    event("Cup", starts_at=NOW, ends_at=_NEXT_YEAR, kind=PlayableKind.LIVE_EVENT),
)
UNPUBLISHED = (
    movie("Hidden", published_at=None),
    movie("Later", published_at=_NEXT_YEAR),
)


@pytest.fixture
async def settings(make_database: DatabaseFactory, tmp_path: Path) -> Settings:
    return settings_for(await make_database("catalog"), tmp_path)


async def stocked(settings: Settings, *records: TitleRecord) -> None:
    database = Database(settings.database_url, settings.catalog_database, pool_size=1)
    async with database.writing() as session:
        await store_titles(session, records, now=NOW)
    await database.close()


async def everything(settings: Settings) -> Any:
    database = Database(settings.database_url, settings.catalog_database, pool_size=1)
    names = ("titles", "credits", "translations", "licences", "markers", "episodes", "playables", "outbox")
    async with database.reading() as session:
        found = [sorted(map(repr, (await session.execute(sa.text(f"SELECT * FROM {name}"))).all())) for name in names]
    await database.close()
    return found


async def export(settings: Settings, path: Path) -> int:
    return await export_films(path, settings=settings, progress=lambda _count: None, clock=TurnedClock())


async def load(settings: Settings, path: Path) -> ImportReport:
    return await import_films(path, settings=settings, progress=lambda _share, _report: None, clock=TurnedClock())


@pytest.mark.requirement("FF-10")
@pytest.mark.parametrize("name", ["titles.jsonl", "titles.csv", "titles.mrss", "titles.jsonl.gz"])
async def test_what_was_exported_and_comes_back_changes_nothing(settings: Settings, tmp_path: Path, name: str) -> None:
    await stocked(settings, *TITLES, *UNPUBLISHED)
    before = await everything(settings)

    count = await export(settings, tmp_path / name)
    report = await load(settings, tmp_path / name)

    assert count == len(TITLES)
    assert (report.inserted, report.updated, report.unchanged, report.bad) == (0, 0, len(TITLES), [])
    assert report.differing == []
    assert await everything(settings) == before


async def test_whole_titles_move_to_another_catalogue(
    settings: Settings, make_database: DatabaseFactory, tmp_path: Path
) -> None:
    await stocked(settings, *TITLES, *UNPUBLISHED)
    other = settings_for(await make_database("catalog"), tmp_path)
    await export(settings, tmp_path / "titles.jsonl")

    report = await load(other, tmp_path / "titles.jsonl")
    await export(other, tmp_path / "again.jsonl")

    assert (report.inserted, report.bad) == (len(TITLES), [])
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "titles.jsonl").read_bytes()


async def test_a_row_of_ours_changes_only_what_its_columns_say(settings: Settings, tmp_path: Path) -> None:
    await stocked(settings, *TITLES)
    path = tmp_path / "titles.csv"
    rows = [
        "id,title,tier,cast,countries",
        f"{id_of(TITLES[0])},'=SUM of a Film,free,Asha Rao|Ravi,IN|NP",
        f"{id_of(TITLES[1])},,,,IN",
        f"{id_of(TITLES[1])},केवल हिन्दी,,,IN",
        f"{id_of(movie('Nobody'))},Nobody,,,",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")

    report = await load(settings, path)
    await export(settings, tmp_path / "titles.jsonl")

    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 0)
    assert [(bad.line, bad.code) for bad in report.bad] == [
        (3, "ROW_INVALID"), (4, "ROW_LICENSED"), (5, "TITLE_UNKNOWN"),
    ]  # fmt: skip
    lines = [json.loads(line) for line in (tmp_path / "titles.jsonl").read_text().splitlines()]
    (title,) = [line["title"] for line in lines if line["id"] == id_of(TITLES[0])]
    assert "required_tier" not in title
    assert [(each["name"], each["role"], each.get("character")) for each in title["credits"]] == [
        ("Asha Rao", "ACTOR", "Role of Asha Rao"),
        ("Ravi", "ACTOR", None),
        ("Asha Rao", "COMPOSER", None),
        ("Nila Das", "DIRECTOR", None),
    ]
    assert sorted(title["texts"]) == ["en", "hi"]
    assert (title["duration_seconds"], title["release_date"]) == (6001, date(2020, 5, 17).isoformat())


async def test_a_feed_says_in_the_words_of_media_rss_what_a_title_is(settings: Settings, tmp_path: Path) -> None:
    await stocked(settings, TITLES[0])

    await export(settings, tmp_path / "titles.xml")

    media, terms = "{http://search.yahoo.com/mrss/}", "{http://purl.org/dc/terms/}"
    item = ET.parse(tmp_path / "titles.xml").getroot().find("channel/item")  # our own file
    assert item is not None
    said = [(each.tag, each.text, sorted(each.attrib.items())) for each in item]
    assert said == [
        ("guid", id_of(TITLES[0]), [("isPermaLink", "false")]),
        ("title", "=SUM of a Film", []),
        ("description", "About =SUM of a Film.", []),
        (f"{terms}issued", "2020-05-17", []),
        (
            f"{terms}valid",
            "start=2026-01-01T00:00:00+00:00; end=2027-01-01T00:00:00+00:00; scheme=W3C-DTF",
            [],
        ),
        (f"{media}category", "Comedy", []),
        (f"{media}category", "Monsoon / Noir", []),
        (f"{media}credit", "Asha Rao", [("role", "actor")]),
        (f"{media}credit", "Vikram Sen", [("role", "actor")]),
        (f"{media}credit", "Nila Das", [("role", "director")]),
        (f"{media}rating", "UA_13", [("scheme", "urn:cbfc")]),
        (f"{media}restriction", "IN NP", [("relationship", "allow"), ("type", "country")]),
        (f"{media}price", None, [("type", "subscription")]),
        (f"{media}subTitle", None, [("lang", "hi")]),
        (f"{media}content", None, [("duration", "6001"), ("lang", "hi"), ("medium", "video")]),
        (f"{media}content", None, [("duration", "6001"), ("lang", "en-IN"), ("medium", "video")]),
    ]


async def test_a_name_that_says_no_format_is_refused_and_leaves_nothing(settings: Settings, tmp_path: Path) -> None:
    for name in ("titles", "titles.sqlite", "titles.gz", "nowhere/titles.csv"):
        with pytest.raises(ExportProblem):
            await export(settings, tmp_path / name)

    assert sorted(each for each in os.listdir(tmp_path) if each.startswith(("titles", "."))) == []  # noqa: PTH208  # at once


async def test_a_title_that_changed_in_an_export_is_published_as_it_says(settings: Settings, tmp_path: Path) -> None:
    await stocked(settings, *TITLES)
    await export(settings, tmp_path / "titles.jsonl.gz")
    lines = [json.loads(line) for line in gzip.decompress((tmp_path / "titles.jsonl.gz").read_bytes()).splitlines()]
    for line in lines:
        line["title"]["texts"].setdefault("en", {"name": "New"})["description"] = "Another text."
    first = lines[0]
    broken = [
        {**first, "reelgraph": 2},
        {**first, "extra": 1},
        {**first, "title": {"kind": "MOVIE"}},
        {**first, "id": "TW92aWU6MQ"},
        {**first, "publishedAt": "2026-01-01T00:00:00"},
        {**first, "title": {**first["title"], "available_from": "2026-01-01T00:00:00"}},
        {**first, "title": {**first["title"], "countries": ["India"]}},
        {**first, "title": {**first["title"], "trailer_url": "http://127.0.0.1/"}},
        {**first, "title": {**first["title"], "audio_languages": ["English!"]}},
        {**first, "genres": [{"slug": "Not a slug", "names": {"en": "A"}}]},
        {**first, "genres": [{"slug": "nameless", "names": {}}]},
    ]
    (tmp_path / "changed.jsonl").write_text("\n".join(map(json.dumps, [*broken, *lines])), encoding="utf-8")

    report = await load(settings, tmp_path / "changed.jsonl")
    again = await load(settings, tmp_path / "changed.jsonl")

    assert (report.updated, report.unchanged, [bad.line for bad in report.bad]) == (
        len(TITLES),
        0,
        list(range(1, len(broken) + 1)),
    )
    assert (again.updated, again.unchanged, report.differing) == (0, len(TITLES), [])


async def test_what_editors_published_is_exported_and_comes_back(settings: Settings, tmp_path: Path) -> None:
    await stocked(settings, TITLES[0])
    database = Database(settings.database_url, settings.catalog_database, pool_size=1)
    async with database.writing() as session:
        await publish_titles(session, [movie("=SUM of a Film", rentable=True)], now=NOW)
    await database.close()

    await export(settings, tmp_path / "titles.jsonl")
    report = await load(settings, tmp_path / "titles.jsonl")

    assert (report.unchanged, report.updated, report.bad) == (1, 0, [])
