"""Prominent documents: which they are, and that searches find the same whichever they are."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from subgraphs.catalog.models import SearchDocument, table
from subgraphs.catalog.repository import search, search_counts
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.prominence import choose_prominent
from subgraphs.catalog.repository.search import SearchTerms
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service.records import TitleRecord, person_id
from subgraphs.catalog.service.writing import record_trending
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.catalog.support import NOW, Client, acted_by, id_of, movie

AUDIENCE = Audience(NOW, "IN", 18)
NOTHING_ELSE = TitleCriteria()
_documents = table(SearchDocument)


def published(name: str, *, days_ago: int, **changes: Any) -> TitleRecord:
    return movie(name, published_at=NOW - timedelta(days=days_ago), **changes)


def terms(*words: str, prefix: bool = True) -> SearchTerms:
    name = " ".join(words)
    return SearchTerms((name,), (f"~{name}",), name, tuple((word,) for word in words), prefix=prefix)


async def choose(catalog: Client, **options: int) -> int:
    async with catalog.database.writing() as session:
        return await choose_prominent(session, **options)


async def prominent(catalog: Client) -> set[UUID]:
    async with catalog.database.reading() as session:
        rows = await session.execute(sa.select(_documents.c.owner_id).where(_documents.c.is_prominent))
        return {row.owner_id for row in rows}


async def let_be_prominent(catalog: Client, *records: TitleRecord) -> None:
    async with catalog.database.writing() as session:
        ids = [record.id for record in records]
        await session.execute(sa.update(_documents).values(is_prominent=_documents.c.owner_id.in_(ids)))


async def found(catalog: Client, wanted: SearchTerms, *, limit: int = 20, most: int = 1000) -> list[UUID]:
    async with catalog.database.reading() as session:
        hits = await search.hits(
            session, wanted, NOTHING_ELSE, audience=AUDIENCE, limit=limit, after=None, most_candidates=most
        )
    return [hit.id for hit in hits]


async def test_all_documents_of_a_small_catalogue_are_prominent(catalog: Client) -> None:
    film = published("Film", days_ago=1, credits=acted_by("Kavya Rao"))
    await catalog.store(film)
    await let_be_prominent(catalog)

    changed = await choose(catalog, titles=1, small=2)

    assert changed == 2
    assert await prominent(catalog) == {film.id, person_id("Kavya Rao")}


async def test_what_is_watched_most_and_the_newest_are_prominent_with_who_is_named_first(catalog: Client) -> None:
    trending = published("Trending", days_ago=9, credits=acted_by("Asha Lal", "Dev Roy"))
    newest, older = published("Newest", days_ago=1), published("Older", days_ago=2)
    await catalog.store(trending, newest, older)
    async with catalog.database.writing() as session:
        await record_trending(session, [id_of(trending)], computed_at=NOW)

    first = await choose(catalog, titles=2, small=1)
    again = await choose(catalog, titles=2, small=1)

    assert (first, again) == (2, 0)
    assert await prominent(catalog) == {trending.id, newest.id, person_id("Asha Lal")}


async def test_no_more_documents_change_at_once_than_are_wanted(catalog: Client) -> None:
    await catalog.store(*(published(f"Film {number}", days_ago=number) for number in range(5)))

    changes = [await choose(catalog, titles=1, small=1, most_changes=3) for _ in range(3)]

    assert changes == [3, 1, 0]


@pytest.mark.parametrize("query", [("golden", "riv"), ("golden", "river")])
async def test_finds_what_is_not_prominent_too(catalog: Client, query: tuple[str, ...]) -> None:
    films = [published(f"Golden River {number}", days_ago=number) for number in range(3)]
    await catalog.store(*films)
    await let_be_prominent(catalog, films[1])

    assert set(await found(catalog, terms(*query))) == {film.id for film in films}


async def test_prominent_documents_suffice_where_they_are_enough(catalog: Client) -> None:
    films = [published(f"Some River {number}", days_ago=number) for number in range(6)]
    await catalog.store(*films)
    await let_be_prominent(catalog, *films[:3])

    assert set(await found(catalog, terms("river"), most=3)) == {film.id for film in films[:3]}


async def test_a_name_that_is_the_query_is_found_though_prominent_documents_suffice(catalog: Client) -> None:
    films, wanted = [published(f"Some River {number}", days_ago=number) for number in range(4)], movie("River")
    await catalog.store(*films, wanted)
    await let_be_prominent(catalog, *films)

    assert (await found(catalog, terms("river"), most=3))[0] == wanted.id


async def test_prominent_documents_that_nobody_may_see_hide_no_others(catalog: Client) -> None:
    over = [
        published(f"River {number}", days_ago=number, available_until=NOW - timedelta(hours=1)) for number in range(4)
    ]
    shown = [published(f"A River {number}", days_ago=number) for number in range(4)]
    await catalog.store(*over, *shown)
    await let_be_prominent(catalog, *over)

    assert set(await found(catalog, terms("river"), most=3, limit=3)) <= {film.id for film in shown}
    assert len(await found(catalog, terms("river"), most=3, limit=3)) == 3


async def test_counts_are_the_same_whatever_is_prominent(catalog: Client) -> None:
    films = [published(f"River {number}", days_ago=number) for number in range(4)]
    hidden = published("River of Others", days_ago=1, maturity_rating=MaturityRating.A)
    await catalog.store(*films, hidden, published("Rivers", days_ago=1))
    kid, counts = Audience(NOW, "IN", 7), set()

    for some in ([], films[:2], [*films, hidden]):
        await let_be_prominent(catalog, *some)
        async with catalog.database.reading() as session:
            number = await search_counts.count_hits(session, terms("river"), NOTHING_ELSE, audience=kid)
            facets = await search_counts.count_facets(session, terms("river"), NOTHING_ELSE, audience=kid)
        counts.add((number, tuple(facets)))
        total = await catalog.data("{ titles(filter: {kind: [MOVIE]}) { totalCount } }")
        assert total == {"titles": {"totalCount": 6}}

    [(hits, values)] = counts
    assert hits == 5
    assert ("kind", "MOVIE", 5) in values
