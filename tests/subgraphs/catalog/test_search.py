"""Search: by name in any script, person and genre; typos, scores, pages."""

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


@pytest.mark.requirement("FR-CC-006.2")
@pytest.mark.requirement("IN-API-08")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("golden river", ["Golden River", "Golden River Nights"], id="whole name before longer name"),
        pytest.param("GOLDEN  river!", ["Golden River", "Golden River Nights"], id="case and punctuation"),
        pytest.param("river golden", ["Golden River", "Golden River Nights"], id="any order of words"),
        pytest.param("golden riv", ["Golden River", "Golden River Nights"], id="a word begun"),
        pytest.param("सुनहरी नदी", ["Golden River"], id="Devanagari"),
        pytest.param("सुनह", ["Golden River"], id="a Devanagari word begun"),
        pytest.param("सुनहरि नदी", ["Golden River"], id="a typo in Devanagari"),
        pytest.param("sunehri nadi", ["Golden River"], id="Hindi in Latin letters"),
        pytest.param("sunahree nadee", ["Golden River"], id="Hindi in other Latin letters"),
        pytest.param("काव्या पठानिया", ["Kavya Pathania"], id="a Latin name in Devanagari"),
        pytest.param("spider man", ["Spider-Man"], id="hyphen as space"),
        pytest.param("spiderman", ["Spider-Man"], id="hyphen left out"),
        pytest.param("amelies garden", ["Amélie's Garden"], id="accent and apostrophe left out"),
        pytest.param("gardne", ["Amélie's Garden"], id="letters swapped"),
        pytest.param("spder", ["Spider-Man"], id="a letter dropped"),
        pytest.param("spiider", ["Spider-Man"], id="a letter doubled"),
        pytest.param("spyder", ["Spider-Man"], id="a letter exchanged"),
        pytest.param("kavya pathania", ["Kavya Pathania", "Spider-Man", "The River"], id="a person, then the films"),
        pytest.param("pathanai", ["Kavya Pathania", "Spider-Man", "The River"], id="a person with a typo"),
        pytest.param("romance", ["Amélie's Garden"], id="a genre"),
        pytest.param("रोमांस", ["Amélie's Garden"], id="a genre in Hindi"),
        pytest.param("science fiction river", ["The River"], id="genre and name"),
        pytest.param("sp", ["Spider-Man"], id="two letters"),
        pytest.param("qwertzuiop", [], id="nothing"),
        pytest.param("golden man", [], id="words of different films"),
        pytest.param("riv'); DROP TABLE titles; --", [], id="not SQL"),
        pytest.param("a | b & !c:*", [], id="not a tsquery"),
    ],
)
async def test_finds(films: Client, query: str, expected: list[str]) -> None:
    names = await found(films, query)

    # Behind the first one, hits may share a score and then come by id.
    assert (names[:1], sorted(names)) == (expected[:1], sorted(expected))


@pytest.mark.requirement("IN-API-08")
@pytest.mark.parametrize("query", ["", "   ", "!?", "—"])
async def test_refuses_a_query_without_a_letter(films: Client, query: str) -> None:
    answer = await films.ask(NAMES, {"query": query})

    assert answer.data == {"search": None}
    assert [error["extensions"] for error in answer.errors] == [{"code": "BAD_USER_INPUT", "cause": "EMPTY_QUERY"}]
    assert answer.statements == 0


@pytest.mark.requirement("FR-CC-006.2")
async def test_scores_fall_from_equal_names_to_mentions(films: Client) -> None:
    data = await films.data(NAMES, {"query": "kavya pathania"})

    scores = [edge["score"] for edge in data["search"]["edges"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.9
    assert all(0 < score < 0.3 for score in scores[1:])


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


async def test_a_changed_name_is_found_and_the_old_one_is_not(films: Client) -> None:
    renamed = movie("Spider-Man", texts={"en": FILMS[2].texts["en"]}, original_name="Tarantula")
    await films.store(renamed)

    assert await found(films, "spiderman") == []
    assert await found(films, "tarantula") == ["Golden River"]
