"""What viewers ask of a large catalogue: pages of every order and filter at several depths, counts, genres, searches.

The requests are made of what is stored, so that they find something: people, words and names are sampled from it.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import asyncpg

from subgraphs.catalog.repository.titles import TitleSort
from subgraphs.shared.graphql.pagination import encode_cursor
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating

PAGE = 20
DEPTHS = (0, 10, 1000, 10_000)
"""In pages; the last page of all comes besides."""

LIST = """query List($filter: TitleFilter, $sort: TitleSort!, $after: String) {
  titles(filter: $filter, sort: $sort, first: 20, after: $after) {
    edges { cursor node { id name } } pageInfo { hasNextPage endCursor }
  } }"""
COUNT = "query Count($filter: TitleFilter) { titles(filter: $filter, first: 1) { totalCount } }"
GENRES = "{ genres { id name titleCount } }"
SEARCH = """query Search($query: String!, $filter: TitleFilter, $after: String) {
  search(query: $query, filter: $filter, first: 20, after: $after) {
    edges { score node { __typename ... on Movie { id name } ... on Person { id name } } }
    pageInfo { hasNextPage endCursor } didYouMean
  } }"""
FACETS = """query Facets($query: String!, $filter: TitleFilter) {
  search(query: $query, filter: $filter, first: 1) { totalCount facets { field values { value count } } } }"""
SUGGESTIONS = "query Suggest($prefix: String!) { searchSuggestions(prefix: $prefix) { text } }"

KIDS = Viewer(maturity_limit=MaturityRating.UA_7, is_kids=True)
ABROAD = Viewer(country="LK")

_KEYS = {
    TitleSort.TRENDING: "trending_boost, published_at, id",
    TitleSort.RECENTLY_ADDED: "published_at, id",
    TitleSort.NAME_ASC: "sort_name, id",
    TitleSort.RELEASE_DATE_DESC: "release_order, id",
}
_SAMPLE = 400
_SEARCHES_OF_A_KIND = 25


@dataclass(frozen=True)
class Request:
    """An operation of a viewer; `family` is what it is reported with, `depth` the page in the list."""

    family: str
    label: str
    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    viewer: Viewer = ANONYMOUS
    depth: str = "0"


async def requests_for(target: str, *, now: datetime) -> list[Request]:
    """Return the requests for what is stored in the database."""
    connection = await asyncpg.connect(target)
    try:
        filters = await _filters(connection)
        places = await _places(connection, now)
        searches = [request async for request in _searches(connection)]
    finally:
        await connection.close()
    return [*_lists(filters, places), *_counts(filters), *searches]


async def _filters(connection: asyncpg.Connection) -> dict[str, dict[str, Any] | None]:
    sizes = await connection.fetch(
        "SELECT slug, count(*) AS size FROM title_genres JOIN genres ON id = genre_id GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    people = await connection.fetch(
        "SELECT person_id, count(*) AS size FROM credits GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5000"
    )
    common, other, rare = sizes[0]["slug"], sizes[len(sizes) // 2]["slug"], sizes[-1]["slug"]

    def person(place: int) -> str:
        return encode_id("Person", people[min(place, len(people) - 1)]["person_id"])

    return {
        "none": None,
        "kind": {"kind": ["SHOW"]},
        "genre": {"genre": [common]},
        "two genres": {"genre": [common, other]},
        "rare genre": {"genre": [rare]},
        "language": {"audioLanguage": "hi"},
        "rare language": {"audioLanguage": "la"},
        "years": {"yearFrom": 1990, "yearTo": 1999},
        "until a year": {"yearTo": 1930},
        "maturity": {"maturityMax": "UA_7"},
        "tier": {"tier": "FREE"},
        "rentable": {"rentable": True},
        "busiest person": {"personId": person(0)},
        "person": {"personId": person(4999)},
        "few": {"genre": [other], "audioLanguage": "sv", "yearFrom": 1950, "yearTo": 1980, "tier": "FREE"},
        "no hit": {"genre": [rare], "audioLanguage": "sv", "kind": ["SPORTS_EVENT"]},
        "no hit of frequent": {"kind": ["SPORTS_EVENT"], "yearTo": 1925, "maturityMax": "U", "genre": [other]},
    }


async def _places(connection: asyncpg.Connection, now: datetime) -> dict[TitleSort, dict[str, str | None]]:
    """Return for each order the cursors by depth in pages."""
    total = await connection.fetchval("SELECT count(*) FROM titles WHERE published_at <= $1", now)
    offsets = {str(depth): depth * PAGE for depth in DEPTHS if 0 < depth * PAGE < total}
    found: dict[TitleSort, dict[str, str | None]] = {}
    for sort, columns in _KEYS.items():
        direction = "ASC" if sort is TitleSort.NAME_ASC else "DESC"
        order = ", ".join(f"{column} {direction}" for column in columns.split(", "))
        cursors: dict[str, str | None] = {"0": None}
        for depth, offset in {**offsets, "last": max(total - PAGE // 2, 0)}.items():
            place = f"ORDER BY {order} OFFSET {offset} LIMIT 1"
            row = await connection.fetch(
                f"SELECT {columns} FROM titles WHERE published_at <= $1 {place}", now
            )  # names of our own
            cursors[depth] = encode_cursor(f"titles:{sort.value}", *map(_part, row[0]))
        found[sort] = cursors
    return found


def _part(value: Any) -> str | int:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _lists(
    filters: dict[str, dict[str, Any] | None], places: dict[TitleSort, dict[str, str | None]]
) -> Iterator[Request]:
    viewers = {"": ANONYMOUS, ", kids": KIDS, ", abroad": ABROAD}
    for sort, cursors in places.items():
        for name, wanted in filters.items():
            for depth, cursor in cursors.items():
                variables = {"filter": wanted, "sort": sort.value, "after": cursor}
                for who, viewer in viewers.items():
                    if not who or name in ("none", "genre", "no hit"):
                        family = f"list by {sort.value}"
                        yield Request(family, f"{name}{who}, page {depth}", LIST, variables, viewer, depth)


def _counts(filters: dict[str, dict[str, Any] | None]) -> Iterator[Request]:
    for name, wanted in filters.items():
        yield Request("totalCount", name, COUNT, {"filter": wanted})
        yield Request("totalCount", f"{name}, kids", COUNT, {"filter": wanted}, KIDS)
    for who, viewer in (("anybody", ANONYMOUS), ("kids", KIDS), ("abroad", ABROAD)):
        yield Request("genres with counts", who, GENRES, {}, viewer)


async def _searches(connection: asyncpg.Connection) -> Any:
    chance = random.Random("searches")
    rows = await connection.fetch(
        "SELECT t.original_name AS name, hi.name AS hindi FROM titles t "
        "LEFT JOIN translations hi ON hi.owner_id = t.id AND hi.locale = 'hi' ORDER BY t.id LIMIT $1",
        _SAMPLE,
    )
    people = [row["name"] for row in await connection.fetch("SELECT name FROM people ORDER BY id LIMIT 50")]
    names = [row["name"] for row in rows]
    hindi = [(row["name"], row["hindi"]) for row in rows if row["hindi"]]
    frequency = Counter(word for name in names for word in name.lower().split() if word.isalpha())
    common = [word for word, _ in frequency.most_common(6)]
    rare = [word for word, count in frequency.items() if count == 1 and len(word) > 5]
    kinds: dict[str, Sequence[str]] = {
        "exact": names,
        "one typo": [typo for name in names if (typo := _misspelt(name, chance))],
        "rare word": rare,
        "common word": [*common, "drama", "action", f"{common[0]} {common[1]}"],
        "person": people,
        "Devanagari": [each for _, each in hindi],
        "Hinglish": [name.lower().replace("a", "aa", 1).replace("i", "ee", 1) for name, _ in hindi],
        "nothing": [f"{word[::-1]}xq" for word in rare],
    }
    for kind, queries in kinds.items():
        for text in queries[:_SEARCHES_OF_A_KIND]:
            yield Request(f"search: {kind}", text, SEARCH, {"query": text})
    narrowed = (
        {"genre": ["western"]},
        {"audioLanguage": "sv", "yearTo": 1960},
        {"kind": ["SPORTS_EVENT"], "yearTo": 1925},
    )
    for text in (*common[:3], "drama"):
        for wanted in narrowed:
            yield Request("search: narrowed", f"{text} {wanted}", SEARCH, {"query": text, "filter": wanted})
        yield Request("search: narrowed", f"{text}, kids", SEARCH, {"query": text}, KIDS)
        yield Request("search: narrowed", f"{text}, abroad", SEARCH, {"query": text}, ABROAD)
    for text in (*names[:8], *common[:3], "drama"):
        yield Request("totalCount and facets", text, FACETS, {"query": text})
    for name in names[:15]:
        for length in (1, 2, 3, 5, len(name) - 1):
            yield Request("suggestions", name[:length], SUGGESTIONS, {"prefix": name[:length]})


def _misspelt(name: str, chance: random.Random) -> str | None:
    places = [at for at in range(1, len(name) - 1) if name[at - 1 : at + 2].isalpha()]
    if len(name) < 6 or not places:
        return None
    at = chance.choice(places)
    return name[:at] + name[at + 1 :]
