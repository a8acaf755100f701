"""Search over GraphQL: filters, pages, refusals, statements. What is found is in test_search_contract.py."""

import pytest

from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.shared.values import Tier
from tests.subgraphs.catalog.support import Client, acted_by, movie, show

NAMES = """
query($query: String!, $filter: TitleFilter, $first: Int! = 20, $after: String) {
  search(query: $query, filter: $filter, first: $first, after: $after) {
    edges { cursor score node { ... on Movie { name } ... on Show { name } ... on Person { name } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""

FILMS = (
    movie("Spider-Man", genres=(KNOWN_GENRES["action"],), credits=acted_by("Kavya Pathania")),
    movie("Amélie's Garden", genres=(KNOWN_GENRES["romance"],)),
    movie("Golden River", hindi="सुनहरी नदी", genres=(KNOWN_GENRES["drama"],), required_tier=Tier.PREMIUM),
    show("Golden River Nights", genres=(KNOWN_GENRES["drama"],)),
    movie("The River", genres=(KNOWN_GENRES["science-fiction"],), credits=acted_by("Kavya Pathania", "Golda Mir")),
)


@pytest.fixture
async def films(catalog: Client) -> Client:
    await catalog.store(*FILMS)
    return catalog


async def found(catalog: Client, query: str, **variables: object) -> list[str]:
    data = await catalog.data(NAMES, {"query": query, **variables})
    return [edge["node"]["name"] for edge in data["search"]["edges"]]


@pytest.mark.requirement("IN-API-08")
@pytest.mark.parametrize("query", ["", "   ", "!?", "—"])
async def test_refuses_a_query_without_a_letter(films: Client, query: str) -> None:
    answer = await films.ask(NAMES, {"query": query})

    assert answer.data == {"search": None}
    assert [error["extensions"] for error in answer.errors] == [{"code": "BAD_USER_INPUT", "cause": "EMPTY_QUERY"}]
    assert answer.statements == 0


async def test_a_hit_says_which_title_it_is_unless_it_is_none(films: Client) -> None:
    query = """query($query: String!) {
      search(query: $query) { edges { node { __typename ... on Title { id } } title { __typename id kind } } }
    }"""

    titles = (await films.data(query, {"query": "golden"}))["search"]["edges"]
    people = (await films.data(query, {"query": "golda"}))["search"]["edges"]

    assert sorted(edge["title"].pop("kind") for edge in titles) == ["MOVIE", "SHOW"]
    assert all(edge["title"] == edge["node"] for edge in titles)
    assert {"node": {"__typename": "Person"}, "title": None} in people


@pytest.mark.requirement("FR-CC-006.3")
async def test_filters_narrow_a_search_to_titles(films: Client) -> None:
    premium = await found(films, "golden", filter={"tier": "PREMIUM"})
    shows = await found(films, "golden", filter={"kind": ["SHOW"]})
    films_with_her = await found(films, "kavya", filter={"kind": ["MOVIE"]})

    assert (premium, shows, sorted(films_with_her)) == (
        ["Golden River"],
        ["Golden River Nights"],
        ["Spider-Man", "The River"],
    )


@pytest.mark.parametrize("query", ["title", "titel"])
async def test_pages_give_every_hit_once_while_titles_are_added(catalog: Client, query: str) -> None:
    await catalog.store(*(movie(f"Title {number}") for number in range(5)))
    pages, after = [], None

    for number in range(3):
        page = (await catalog.data(NAMES, {"query": query, "first": 2, "after": after}))["search"]
        pages.append([edge["node"]["name"] for edge in page["edges"]])
        after = page["pageInfo"]["endCursor"]
        await catalog.store(movie(f"Other {number}"))

    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(name for page in pages for name in page) == [f"Title {number}" for number in range(5)]


async def test_refuses_the_cursor_of_another_search(films: Client) -> None:
    page = (await films.data(NAMES, {"query": "golden", "first": 1}))["search"]

    answer = await films.ask(NAMES, {"query": "river", "after": page["pageInfo"]["endCursor"]})

    assert answer.data == {"search": None}
    assert [error["extensions"]["cause"] for error in answer.errors] == ["INVALID_CURSOR"]


@pytest.mark.parametrize(
    ("query", "total", "statements"),
    [
        # The hits and the titles; the people only where some were found.
        ("golden river", 2, 2),
        ("kavya", 3, 3),
        # The exact reading finds nothing; then the known words, the tolerant reading, and the one by sound unless a
        # name is what the query must have meant.
        ("goldne river", 2, 4),
        ("qwertzuiop", 0, 3),
    ],
)
async def test_a_search_takes_few_statements_and_one_more_for_the_total(
    films: Client, query: str, total: int, statements: int
) -> None:
    without = await films.ask_again(NAMES, {"query": query})
    with_total = await films.ask_again(
        "query($query: String!) { search(query: $query) { totalCount } }", {"query": query}
    )

    assert without.errors == []
    assert with_total.data == {"search": {"totalCount": total}}
    assert (without.statements, with_total.statements) == (statements, statements + 1)
