"""Pages of titles: the three ways to one are told apart by what they read, never by time."""

import importlib.util
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from subgraphs.catalog.models import TitleKind
from subgraphs.catalog.repository import search
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.pages import Page
from subgraphs.catalog.repository.search import SearchTerms
from subgraphs.catalog.repository.titles import ORDERS, TitleSort
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service.documents import title_tags
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.records import LicenceRecord, TitleRecord
from subgraphs.shared.postgres import Database, ReadSession
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.catalog.support import NOW, Client, acted_by, movie

AUDIENCE = Audience(NOW, "IN", 18)
RARE = TitleCriteria(audio_language="ta", year_from=1995, year_to=2012)
WAYS = {"near": (1000, 1000), "gathered": (2, 1000), "walked": (2, 0)}
"""How many are looked at first and how many candidates are few, so that a page of rare titles is found this way."""


class Explain(sa.Executable, sa.ClauseElement):
    """EXPLAIN of a select, which it runs."""

    inherit_cache = False

    def __init__(self, statement: sa.Select[Any]) -> None:
        self.statement = statement


@compiles(Explain)
def compile_explain(element: Explain, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (ANALYZE, FORMAT JSON) {compiler.process(element.statement, **options)}"


def films() -> list[TitleRecord]:
    """Return sixty films of which every sixth is heard in Tamil."""
    return [
        movie(
            f"Film {number * 37 % 60:02}",
            release_date=date(1990 + number % 30, 1, 1 + number % 28),
            release_year=1990 + number % 30,
            published_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number * 7 % 60),
            audio_languages=("ta",) if number % 6 == 0 else ("en",),
        )
        for number in range(60)
    ]


def page(sort: TitleSort, *, criteria: TitleCriteria, way: str, limit: int, after: tuple[Any, ...] | None) -> Page:
    columns, ascending = ORDERS[sort]
    nearest, few = WAYS[way]
    return Page(criteria, AUDIENCE, columns, ascending, limit, after, nearest=nearest, few=few)


def executed(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the nodes of a plan that ran."""
    if plan["Actual Loops"]:
        yield plan
    for part in plan.get("Plans", []):
        yield from executed(part)


async def rows_of(session: ReadSession, wanted: Page) -> list[Any]:
    return list(await session.execute(wanted.statement(), wanted.values()))


async def nodes_of(database: Database, wanted: Page) -> list[dict[str, Any]]:
    async with database.reading() as session:
        await session.execute(sa.text("SET enable_seqscan = off"))
        [plan] = (await session.execute(Explain(wanted.statement()), wanted.values())).scalar_one()
    return list(executed(plan["Plan"]))


def reads_of_titles(nodes: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Return by which index titles were read, and how many."""
    return [
        (node["Index Name"], node["Actual Rows"] * node["Actual Loops"])
        for node in nodes
        if node.get("Relation Name") == "titles"
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sort", TitleSort)
async def test_every_way_gives_all_titles_that_fit_once_and_in_order(
    catalog: Client, sort: TitleSort, way: str
) -> None:
    stored = films()
    await catalog.store(*stored)
    fitting = [film for film in stored if "ta" in film.audio_languages and 1995 <= (film.release_year or 0) <= 2012]

    found: list[Any] = []
    after: tuple[Any, ...] | None = None
    async with catalog.database.reading() as session:
        while rows := await rows_of(session, page(sort, criteria=RARE, way=way, limit=2, after=after)):
            found += rows
            after = tuple(rows[-1])

    assert {row[-1] for row in found} == {film.id for film in fitting}
    assert [tuple(row) for row in found] == sorted((tuple(r) for r in found), reverse=sort is not TitleSort.NAME_ASC)
    assert len(found) == len(fitting) == 6


async def test_a_deep_page_reads_what_the_first_one_reads(catalog: Client) -> None:
    await catalog.store(*films())
    everything = TitleCriteria()
    async with catalog.database.reading() as session:
        wanted = page(TitleSort.RECENTLY_ADDED, criteria=everything, way="near", limit=50, after=None)
        deep = tuple((await rows_of(session, wanted))[-1])

    reads = [
        reads_of_titles(
            await nodes_of(
                catalog.database,
                page(TitleSort.RECENTLY_ADDED, criteria=everything, way="near", limit=5, after=after),
            )
        )
        for after in (None, deep)
    ]

    assert reads == [[("ix_titles_recent", 5.0)]] * 2


@pytest.mark.parametrize("way", WAYS)
async def test_no_table_of_titles_is_read_as_a_whole(catalog: Client, way: str) -> None:
    await catalog.store(*films())

    nodes = await nodes_of(catalog.database, page(TitleSort.NAME_ASC, criteria=RARE, way=way, limit=3, after=None))

    whole = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    indexes = {node["Index Name"] for node in nodes if "Index Name" in node}
    assert whole <= {"licences"}
    assert ("ix_search_documents_all" in indexes) == (way != "near")


async def test_a_name_that_is_the_query_is_found_among_more_candidates_than_are_scored(catalog: Client) -> None:
    wanted = movie("River")
    await catalog.store(*(movie(f"Some River {number}") for number in range(9)), wanted, movie("River Bank"))
    terms = SearchTerms(("river",), ("~river",), "river", (("river",),), prefix=True)

    async with catalog.database.reading() as session:
        found = await search.hits(
            session, terms, TitleCriteria(), audience=AUDIENCE, limit=2, after=None, most_candidates=3
        )

    assert [hit.id for hit in found] == [wanted.id, movie("River Bank").id]


async def test_titles_of_a_genre_are_counted_up_to_two_hundred(catalog: Client) -> None:
    await catalog.store(*(movie(f"Film {number}") for number in range(201)))

    data = await catalog.data("{ genres { slug titleCount } titles(first: 1) { totalCount } }")

    assert data == {"genres": [{"slug": "drama", "titleCount": 200}], "titles": {"totalCount": 201}}


def test_tags_hold_the_terms_of_every_licence() -> None:
    licences = (
        LicenceRecord(("IN",), None, None, Tier.FREE),
        LicenceRecord(("US",), None, None, Tier.PREMIUM, rentable=True),
    )

    tags = title_tags(movie("Film", licences=licences, countries=("IN", "US"), maturity_rating=MaturityRating.UA_13))

    assert tags == [
        *("age:13", "audio:en", "decade:202", "genre:drama", "in:IN", "in:US", "kind:MOVIE", "rentable"),
        *("subtitle:hi", "tier:FREE", "tier:PREMIUM", "year:2020"),
    ]


def migration() -> ModuleType:
    found = Path(search.__file__).parent.parent / "migrations" / "versions" / "0015_tags.py"
    spec = importlib.util.spec_from_file_location("tags_migration", found)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_the_migration_fills_in_what_publishing_writes(catalog: Client) -> None:
    licence = LicenceRecord(("IN",), None, None, Tier.PREMIUM, rentable=True)
    await catalog.store(
        movie("The Long River", hindi="लंबी नदी", credits=acted_by("Vikram Sen"), release_year=1750, release_date=None),
        movie("Licensed", licences=(licence,), countries=("IN",), genres=(KNOWN_GENRES["war"],)),
        movie("Unrated", maturity_rating=None, rentable=True, kind=TitleKind.SPORTS_EVENT),
    )
    read = sa.text("SELECT owner_id, tags, words::text FROM search_documents ORDER BY owner_id")
    keys = "ARRAY(SELECT lexeme FROM unnest(words) WHERE left(lexeme, 1) IN ('|', '.'))"
    emptied = f"UPDATE search_documents SET tags = '{{}}', words = ts_delete(words, {keys})"
    filling = migration()

    async with catalog.database.writing() as session:
        written = (await session.execute(read)).all()
        await session.execute(sa.text(emptied))
        for statement in (filling._FILL_TITLES, filling._FILL_PEOPLE, filling._FILL_KEYS):
            await session.execute(sa.text(statement))
        filled = (await session.execute(read)).all()

    assert filled == written


def test_lists_that_are_narrowed_by_the_same_fields_have_one_statement() -> None:
    tamil, hindi = (
        TitleCriteria(audio_language="ta", kinds=(TitleKind.MOVIE,)),
        TitleCriteria(audio_language="hi", kinds=(TitleKind.SHOW, TitleKind.MOVIE)),
    )

    first, second, other = (
        page(TitleSort.NAME_ASC, criteria=criteria, way="near", limit=limit, after=None)
        for criteria, limit in ((tamil, 5), (hindi, 20), (TitleCriteria(audio_language="ta"), 5))
    )

    assert first.statement() is second.statement()
    assert first.statement() is not other.statement()
    assert [each.values()["audio_language"] for each in (first, second)] == ["ta", "hi"]
