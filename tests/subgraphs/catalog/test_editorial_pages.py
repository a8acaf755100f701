"""The editors' list of all titles, page by page: complete, in order, and as cheap deep down as at the top."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from subgraphs.catalog.repository.editorial import EditorialCriteria, places_statement
from subgraphs.catalog.service.writing import finish_bulk_load
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, Desk
from tests.subgraphs.catalog.support import NOW, Client, TurnedClock, id_of, movie

PAGE = """query($after: String, $filter: CmsTitleFilter) { cmsTitles(first: 7, after: $after, filter: $filter) {
  totalCount edges { node { id } } pageInfo { endCursor hasNextPage } } }"""


async def walked(client: Client, **criteria: Any) -> tuple[list[str], int]:
    """Return the ids of all pages, and the total that the first one told."""
    ids: list[str] = []
    after, total = None, 0
    while True:
        variables = {"after": after, "filter": criteria or None}
        page = (await client.data(PAGE, variables, viewer=ADMIN))["cmsTitles"]
        ids += [edge["node"]["id"] for edge in page["edges"]]
        total = page["totalCount"]
        if not page["pageInfo"]["hasNextPage"]:
            return ids, total
        after = page["pageInfo"]["endCursor"]


async def test_pages_hold_every_title_once_drafts_and_untouched_ones_mixed(desk: Desk, clock: TurnedClock) -> None:
    films = [movie(f"Film {n}", published_at=NOW - timedelta(hours=n)) for n in range(20)]
    hidden = [movie(f"Hidden {n}", published_at=None) for n in range(3)]
    await desk.catalog.store(*films, *hidden)
    clock.now = NOW - timedelta(hours=5, minutes=30)
    own = await desk.draft()
    await desk.title("titleUpdate", ADMIN, id=id_of(films[9]), expectedVersion=1, input={"rentable": True})

    everything, total = await walked(desk.catalog)
    drafts, _ = await walked(desk.catalog, state=["DRAFT"])

    assert total == len(everything) == len(set(everything)) == 26  # and two of the desk
    assert set(everything[6:8]) == {own, id_of(films[9])}
    assert [each for each in everything if each not in (own, id_of(films[9]))][:19] == [
        id_of(film) for film in films if film is not films[9]
    ]
    assert set(everything[-3:]) == {id_of(film) for film in hidden}
    assert set(drafts) == {own, id_of(films[9])}


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes_of(child)


@pytest.mark.parametrize("share", [None, 0.5, 0.99], ids=["first page", "half way", "last pages"])
async def test_a_page_reads_as_many_rows_however_deep_it_lies(catalog: Client, share: float | None) -> None:
    count = 1200
    await catalog.store(*(movie(f"Film {n}", published_at=NOW - timedelta(minutes=n)) for n in range(count)))
    async with catalog.database.writing() as session:
        await finish_bulk_load(session)
    after = None if share is None else (NOW - timedelta(minutes=int(count * share)), UUID(int=0))
    statement = places_statement(EditorialCriteria(), limit=21, after=after)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects have no annotations
    text = str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))

    async with catalog.database.reading() as session:
        explained = await session.execute(sa.text(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}".replace(":", "\\:")))
        plan = explained.scalar_one()[0]["Plan"]

    scans = [node for node in nodes_of(plan) if node.get("Relation Name") == "titles"]
    assert [node["Index Name"] for node in scans] == ["ix_titles_untouched"]
    assert scans[0]["Actual Rows"] + scans[0].get("Rows Removed by Filter", 0) <= 21


async def test_only_who_reads_drafts_lists_them(desk: Desk) -> None:
    assert (await walked(desk.catalog))[1] == 2
    answer = await desk.catalog.ask(PAGE, {"after": "nonsense"}, viewer=CREATOR)

    assert [error["extensions"]["code"] for error in answer.errors] == ["BAD_USER_INPUT"]
