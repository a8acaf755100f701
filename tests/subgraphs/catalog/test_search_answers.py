"""What a search says besides its hits: suggestions, facets, highlights, corrections; its log; without an index."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.catalog.app import create_app
from subgraphs.catalog.config import Settings
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service.collections import CollectionRequest, upsert_collection
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.search_engine import FacetCount
from subgraphs.catalog.service.searching import Found, SearchPlace
from subgraphs.catalog.service.workflow import Editor
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database
from subgraphs.shared.values import MaturityRating, Tier
from subgraphs.users.models import Role
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, person
from tests.subgraphs.catalog.support import ADULT, KID, NOW, Client, TurnedClock, acted_by, id_of, movie, show

ANALYST = person("analyst", Role.ANALYST)
DRAMA, ACTION = KNOWN_GENRES["drama"], KNOWN_GENRES["action"]
FILMS = (
    movie("Golden River", hindi="सुनहरी नदी", genres=(DRAMA,), audio_languages=("hi", "en"), required_tier=Tier.PREMIUM),
    show("Golden River Nights", genres=(DRAMA, ACTION), audio_languages=("hi",)),
    movie("Rivers & <b>Roads</b>", genres=(ACTION,), maturity_rating=MaturityRating.A),
    movie("Dragon", genres=(ACTION,), credits=acted_by("Riva Sen", "Drashti Rao")),
)
NODE = "... on Title { name } ... on Person { name } ... on Genre { name } ... on Collection { name }"
SEARCH = f"""query($q: String!) {{ search(query: $q) {{
  edges {{ node {{ {NODE} }} highlights }} didYouMean degraded totalCount
  facets {{ field values {{ value count }} }} pageInfo {{ hasNextPage }}
}} }}"""
SUGGEST = f"query($p: String!, $n: Int) {{ searchSuggestions(prefix: $p, first: $n) {{ text hit {{ {NODE} }} }} }}"
REPORT = """query($zero: Boolean, $from: Date) {
  searchAnalytics(onlyZeroResults: $zero, from: $from) { query searches zeroResults } }"""


@pytest.fixture
async def films(catalog: Client) -> Client:
    await catalog.store(*FILMS)
    return catalog


async def searched(client: Client, query: str, **options: Any) -> Any:
    return (await client.data(SEARCH, {"q": query}, **options))["search"]


async def suggested(client: Client, prefix: str, first: int = 8, **options: Any) -> list[str]:
    found = (await client.data(SUGGEST, {"p": prefix, "n": first}, **options))["searchSuggestions"]
    assert all(each["hit"]["name"] == each["text"] for each in found)
    return [each["text"] for each in found]


@pytest.mark.requirement("FR-CMS-003.2")
@pytest.mark.parametrize(
    ("prefix", "texts"),
    [
        ("dra", ["Drama", "Dragon", "Drashti Rao", "Golden River", "Golden River Nights"]),
        ("GOLDEN r", ["Golden River", "Golden River Nights"]),
        ("सुन", ["Golden River"]),
        ("riv", ["Rivers & <b>Roads</b>", "Riva Sen", "Golden River", "Golden River Nights", "Dragon"]),
        ("xyz", []),
        ("!", []),
    ],
)
async def test_suggestions_go_on_from_what_was_typed(films: Client, prefix: str, texts: list[str]) -> None:
    assert sorted(await suggested(films, prefix)) == sorted(texts)


async def test_suggestions_are_few_and_only_what_the_viewer_may_see(films: Client) -> None:
    assert len(await suggested(films, "r", 2)) == 2
    assert "Rivers & <b>Roads</b>" not in await suggested(films, "riv", viewer=KID)


async def test_suggestions_take_four_statements_at_most(films: Client) -> None:
    await suggested(films, "r")  # so that the cards are known
    counts = [(await films.ask(SUGGEST, {"p": "r", "n": size})).statements for size in (2, 8)]

    assert counts == [4, 4]  # hits, genres, which titles are seen, people


@pytest.mark.requirement("FR-CC-006.2", "FR-CMS-003.2")
async def test_collections_are_found_and_suggested_under_the_name_that_the_viewer_reads(films: Client) -> None:
    texts = {"en": Text("Rivers of rain", ""), "hi": Text("बारिश की नदियाँ", "")}
    request = CollectionRequest(id=None, slug="rain", texts=texts, title_ids=[id_of(FILMS[2])], is_published=True)
    async with films.database.writing() as session:
        await upsert_collection(session, Editor("curator", frozenset({"cms:curate"})), request, now=NOW)
    hindi = Viewer(profile_locale="hi")

    found = await searched(films, "rivers of rian")

    [edge] = found["edges"]
    assert (edge["node"], edge["highlights"]) == (
        {"name": "Rivers of rain"},
        ["<em>Rivers</em> <em>of</em> <em>rain</em>"],
    )
    assert (found["didYouMean"], found["totalCount"], found["facets"]) == ("rivers of rain", 1, [])
    assert (await searched(films, "बारिश", viewer=hindi))["edges"][0]["node"] == {"name": "बारिश की नदियाँ"}
    assert await suggested(films, "rivers of") == ["Rivers of rain"]
    assert await suggested(films, "rivers of", viewer=hindi) == ["बारिश की नदियाँ"]
    # Its one title is for adults.
    assert (await searched(films, "rivers of rain", viewer=KID))["edges"] == []
    assert await suggested(films, "rivers of", viewer=KID) == []
    # Hits, genres, which titles are seen, and the collections: none of the hits is a person.
    assert (await films.ask(SUGGEST, {"p": "rivers of", "n": 8})).statements == 4


@pytest.mark.requirement("CL-02")
async def test_facets_count_all_titles_of_the_search_and_nothing_hidden(films: Client) -> None:
    for_adult = (await searched(films, "river"))["facets"]
    for_kid = (await searched(films, "river", viewer=KID))["facets"]

    def shown(facets: Any) -> dict[str, dict[str, int]]:
        return {each["field"]: {value["value"]: value["count"] for value in each["values"]} for each in facets}

    assert shown(for_adult) == {
        "audioLanguage": {"hi": 2, "en": 2},
        "genre": {"drama": 2, "action": 2},
        "kind": {"MOVIE": 2, "SHOW": 1},
        "maturityRating": {"U": 2, "A": 1},
        "tier": {"FREE": 2, "PREMIUM": 1},
    }
    assert shown(for_kid)["kind"] == {"MOVIE": 1, "SHOW": 1}
    assert shown(for_kid)["maturityRating"] == {"U": 2}


async def test_a_facets_value_given_as_a_filter_finds_as_many(films: Client) -> None:
    query = "query($q: String!, $f: TitleFilter) { search(query: $q, filter: $f) { totalCount } }"
    facets = (await searched(films, "river"))["facets"]

    for facet in facets:
        name = {"maturityRating": None, "kind": "kind", "genre": "genre"}.get(facet["field"], facet["field"])
        for value in facet["values"] if name else ():
            given = [value["value"]] if name in ("kind", "genre") else value["value"]
            found = await films.data(query, {"q": "river", "f": {name: given}})
            assert found["search"]["totalCount"] == value["count"]


@pytest.mark.parametrize(
    ("query", "highlights"),
    [
        ("river golden", [["<em>Golden</em> <em>River</em>", "<em>Golden</em> <em>River</em> Nights"]]),
        ("roads", [["<em>Rivers</em> &amp; &lt;b&gt;<em>Roads</em>&lt;/b&gt;".replace("<em>Rivers</em>", "Rivers")]]),
        ("सुनहरी", [["<em>सुनहरी</em> नदी"]]),
        ("golen", [["<em>Golden</em> River", "<em>Golden</em> River Nights"]]),
        ("drama", [[]]),
    ],
)
async def test_highlights_mark_the_words_and_escape_the_rest(
    films: Client, query: str, highlights: list[list[str]]
) -> None:
    edges = (await searched(films, query))["edges"]

    assert sorted(each for edge in edges for each in edge["highlights"]) == sorted(highlights[0])


@pytest.mark.parametrize(
    ("query", "meant"),
    [("golen rivr", "golden river"), ("golden river", None), ("draagon", "dragon"), ("nothingness", None)],
)
async def test_a_typo_is_answered_with_what_was_meant(films: Client, query: str, meant: str | None) -> None:
    assert (await searched(films, query))["didYouMean"] == meant


@pytest.mark.requirement("FF-08")
async def test_what_is_searched_for_is_counted_without_anything_personal(films: Client, clock: TurnedClock) -> None:
    personal = ("asha@example.com", "98765 43210", "x" * 81)
    for query in ("River", "river!", "nowhere land", *personal, "NOWHERE land", "Dragon"):
        await films.data("query($q: String!) { search(query: $q) { edges { score } } }", {"q": query})
    clock.turn(timedelta(days=1))
    await searched(films, "river")

    report = (await films.data(REPORT, viewer=ANALYST))["searchAnalytics"]
    in_vain = (await films.data(REPORT, {"zero": True}, viewer=ADMIN))["searchAnalytics"]
    today = (await films.data(REPORT, {"from": clock.now.date().isoformat()}, viewer=ANALYST))["searchAnalytics"]

    assert [tuple(each.values()) for each in report] == [("river", 3, 0), ("nowhere land", 2, 2), ("dragon", 1, 0)]
    assert [each["query"] for each in in_vain] == ["nowhere land"]
    assert sum(each["searches"] for each in today) == 6  # counted on the day on which they were written


async def test_figures_are_forgotten_after_ninety_days(films: Client, clock: TurnedClock) -> None:
    await searched(films, "river")
    await films.data(REPORT, viewer=ANALYST)
    clock.turn(timedelta(days=91))
    await searched(films, "dragon")

    report = (await films.data(REPORT, {"from": "2026-01-01"}, viewer=ANALYST))["searchAnalytics"]

    assert [each["query"] for each in report] == ["dragon"]


async def test_only_analysts_see_what_is_searched_for(films: Client) -> None:
    for viewer, code in ((ADULT, "UNAUTHENTICATED"), (CREATOR, "FORBIDDEN")):
        answer = await films.ask(REPORT, viewer=viewer)
        assert [error["extensions"]["code"] for error in answer.errors] == [code]
    answer = await films.ask(REPORT, {"from": "2030-01-01"}, viewer=ANALYST)
    assert [error["extensions"]["code"] for error in answer.errors] == ["BAD_USER_INPUT"]


class DeadIndex:
    """An index that does not answer."""

    async def find(
        self, query: str, criteria: TitleCriteria, *, audience: Audience, limit: int, after: SearchPlace | None
    ) -> Found:
        raise ServiceUnavailableError("The index does not answer.")

    async def complete(self, prefix: str, *, audience: Audience, limit: int) -> Found:
        raise ServiceUnavailableError("The index does not answer.")

    async def count(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> int:
        raise ServiceUnavailableError("The index does not answer.")

    async def facets(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> Sequence[FacetCount]:
        raise ServiceUnavailableError("The index does not answer.")


@pytest.fixture
async def without_index(settings: Settings, clock: TurnedClock) -> AsyncIterator[Client]:
    database = Database(settings.database_url, settings.catalog_database, pool_size=1)
    app = create_app(settings, clock=clock, search=DeadIndex())
    async with app.running():
        yield Client(app, database)
    await database.close()


@pytest.mark.requirement("CL-02")
async def test_without_its_index_a_search_gives_what_begins_so_and_says_so(without_index: Client) -> None:
    await without_index.store(*FILMS)

    found = await searched(without_index, "golden riv")
    for_kid = await searched(without_index, "rivers", viewer=KID)

    assert [edge["node"]["name"] for edge in found["edges"]] == ["Golden River", "Golden River Nights"]
    assert {key: found[key] for key in ("didYouMean", "degraded", "totalCount", "facets", "pageInfo")} == {
        "didYouMean": None,
        "degraded": True,
        "totalCount": 2,
        "facets": [],
        "pageInfo": {"hasNextPage": False},
    }
    assert (for_kid["edges"], for_kid["degraded"]) == ([], True)
    assert await suggested(without_index, "dra") == ["Drama"]
