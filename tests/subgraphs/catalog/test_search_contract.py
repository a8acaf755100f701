"""What every engine of search must do: PostgreSQL, and the adapter for OpenSearch and Elasticsearch on a cluster of
memory. The same on a real cluster, whose indices `contract-…` are made and deleted:

    SEARCH_CONTRACT_URL=http://127.0.0.1:9200 ./reelgraph test tests/subgraphs/catalog/test_search_contract.py
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from subgraphs.catalog.errors import EmptyQueryError
from subgraphs.catalog.gateways.search_cluster import SearchCluster
from subgraphs.catalog.models import TitleKind
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.repository.collections import CollectionCard, with_rule
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service.cluster_search import ClusterSearch
from subgraphs.catalog.service.collections import (
    CollectionRequest,
    delete_collection,
    upsert_collection,
)
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.indexing import IndexFeed
from subgraphs.catalog.service.records import LicenceRecord, TitleRecord
from subgraphs.catalog.service.search_engine import FacetCount, PostgresSearch, SearchEngine
from subgraphs.catalog.service.searching import Found, Reading, SearchPlace, corrected, highlighted
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.service.writing import publish_titles, withdraw_title
from subgraphs.shared.clock import system_clock
from subgraphs.shared.errors import InvalidCursorError
from subgraphs.shared.postgres import Database
from subgraphs.shared.values import MaturityRating, Tier
from tests.subgraphs.catalog.support import NOW, acted_by, id_of, movie, show
from tests.support.search_cluster import fake_cluster
from tests.support.servers import DatabaseFactory

_REAL = os.environ.get("SEARCH_CONTRACT_URL")
ENGINES = ["postgresql", "cluster of memory", *(["real cluster"] if _REAL else [])]

CURATOR = Editor("curator", frozenset({"cms:curate"}))
ADULT = Audience(NOW, "IN", 18)
CHILD = Audience(NOW, "IN", 7)
EVERYTHING = TitleCriteria()
DRAMA, ACTION = KNOWN_GENRES["drama"], KNOWN_GENRES["action"]

FILMS = (
    movie("Spider-Man", genres=(ACTION,), credits=acted_by("Kavya Pathania")),
    movie("Amélie's Garden", genres=(KNOWN_GENRES["romance"],), maturity_rating=MaturityRating.A),
    movie("Golden River", hindi="सुनहरी नदी", genres=(DRAMA,), required_tier=Tier.PREMIUM, audio_languages=("hi", "en")),
    show("Golden River Nights", genres=(DRAMA, ACTION), audio_languages=("hi",)),
    movie("The River", genres=(KNOWN_GENRES["science-fiction"],), credits=acted_by("Kavya Pathania", "Golda Mir")),
)


@dataclass
class Bench:
    """An engine over a database, and how its index hears of what is stored."""

    engine: SearchEngine
    database: Database
    feed: IndexFeed | None
    names: dict[UUID, str] = field(default_factory=dict)

    async def store(self, *records: TitleRecord, tell_index: bool = True) -> None:
        """Publish the records; unless it is told, an index goes on as it was."""
        async with self.database.writing() as session:
            await publish_titles(session, records, now=NOW)
        people = {credit.person_id: credit.name for record in records for credit in record.credits}
        self.names |= people | {record.id: record.original_name for record in records}
        if self.feed is not None and tell_index:
            await self.feed.put([*people, *(record.id for record in records)])

    async def collect(
        self,
        *members: TitleRecord,
        name: str = "Picks",
        known: CollectionCard | None = None,
        tell_index: bool = True,
        **content: Any,
    ) -> CollectionCard:
        """Publish a new collection of the titles, or change a known one; `content` says what else it is."""
        given = {"texts": {"en": Text(name, "")}, "title_ids": [id_of(each) for each in members], "is_published": True}
        own = {} if known is None else {"expected_version": known.version, "slug": known.slug}
        request = CollectionRequest(**{"id": known and known.id, "slug": uuid4().hex, **given, **own, **content})
        async with self.database.writing() as session:
            card = await upsert_collection(session, CURATOR, request, now=NOW)
        self.names[card.id] = card.texts["en"].name
        if self.feed is not None and tell_index:
            await self.feed.put([card.id])
        return card

    async def find(
        self,
        query: str,
        criteria: TitleCriteria = EVERYTHING,
        *,
        audience: Audience = ADULT,
        limit: int = 20,
        after: SearchPlace | None = None,
    ) -> Found:
        """Return what the engine finds."""
        return await self.engine.find(query, criteria, audience=audience, limit=limit, after=after)

    async def named(self, query: str, criteria: TitleCriteria = EVERYTHING, *, audience: Audience = ADULT) -> list[str]:
        """Return the names of what the engine finds."""
        return self.names_of(await self.find(query, criteria, audience=audience))

    def names_of(self, found: Found) -> list[str]:
        """Return the names of the hits."""
        return [self.names[hit.id] for hit in found.hits]


def place_behind(found: Found) -> SearchPlace:
    """Return where the next page begins."""
    last = found.hits[-1]
    return SearchPlace(found.engine, found.reading, last.score, last.id)


@asynccontextmanager
async def running_bench(name: str, databases: DatabaseFactory) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        fresh = await databases("catalog")
        database = Database(fresh.server_url, fresh.name, pool_size=2, timeout_seconds=30)
        stack.push_async_callback(database.close)
        if name == "postgresql":
            yield Bench(PostgresSearch(database), database, None)
            return
        url = _REAL if name == "real cluster" else (await stack.enter_async_context(fake_cluster())).url
        assert url is not None
        cluster = SearchCluster(url, timeout_seconds=30, clock=system_clock)
        stack.push_async_callback(cluster.close)
        index = f"contract-{uuid4().hex}"
        feed = IndexFeed(cluster, database, index=index)
        await feed.rebuild(progress=lambda _done, _of: None)
        yield Bench(ClusterSearch(cluster, database, index=index), database, feed)
        for each in await cluster.indices_of(index):
            await cluster.delete_index(each)


@pytest.fixture(scope="session", params=ENGINES)
async def films(request: pytest.FixtureRequest, make_session_database: DatabaseFactory) -> AsyncIterator[Bench]:
    """The films; for reading only."""
    async with running_bench(request.param, make_session_database) as bench:
        await bench.store(*FILMS)
        yield bench


@pytest.fixture(params=ENGINES)
async def bench(request: pytest.FixtureRequest, make_database: DatabaseFactory) -> AsyncIterator[Bench]:
    """Nothing yet, for a test that stores."""
    async with running_bench(request.param, make_database) as bench:
        yield bench


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
        pytest.param("gardne amelise", ["Amélie's Garden"], id="a typo in each word"),
        pytest.param("spder", ["Spider-Man"], id="a letter dropped"),
        pytest.param("spiider", ["Spider-Man"], id="a letter doubled"),
        pytest.param("spyder", ["Spider-Man"], id="a letter exchanged"),
        pytest.param("pider", ["Spider-Man"], id="the first letter dropped"),
        pytest.param("kavya pathania", ["Kavya Pathania", "Spider-Man", "The River"], id="a person, then the films"),
        pytest.param("pathanai", ["Kavya Pathania", "Spider-Man", "The River"], id="a person with a typo"),
        pytest.param("romance", ["Amélie's Garden"], id="a genre"),
        pytest.param("रोमांस", ["Amélie's Garden"], id="a genre in Hindi"),
        pytest.param("science fiction river", ["The River"], id="genre and name"),
        pytest.param("river", ["The River", "Golden River", "Golden River Nights"], id="without its article first"),
        pytest.param("sp", ["Spider-Man"], id="two letters"),
        pytest.param("s", ["Spider-Man"], id="one letter begins names only"),
        pytest.param("golden r", ["Golden River", "Golden River Nights"], id="a name goes on by one letter"),
        pytest.param("qwertzuiop", [], id="nothing"),
        pytest.param("golden man", [], id="words of different films"),
        pytest.param("riv'); DROP TABLE titles; --", [], id="not SQL"),
        pytest.param("a | b & !c:*", [], id="not a tsquery"),
        pytest.param('*:* OR "match_all"', [], id="not a Lucene query"),
    ],
)
async def test_finds(films: Bench, query: str, expected: list[str]) -> None:
    names = await films.named(query)

    # Behind the first one, hits may share a score and then come by id.
    assert (names[:1], sorted(names)) == (expected[:1], sorted(expected))


@pytest.mark.parametrize("query", ["", "   ", "!?", "—"])
async def test_refuses_a_query_without_a_letter(films: Bench, query: str) -> None:
    with pytest.raises(EmptyQueryError):
        await films.find(query)
    with pytest.raises(EmptyQueryError):
        await films.engine.complete(query, audience=ADULT, limit=8)


@pytest.mark.requirement("FR-CC-006.2")
async def test_scores_fall_from_equal_names_to_mentions(films: Bench) -> None:
    hits = (await films.find("kavya pathania")).hits

    assert [hit.is_person for hit in hits] == [True, False, False]
    assert 0.9 < hits[0].score <= 1
    assert all(0 < hit.score < 0.3 for hit in hits[1:])
    assert [(hit.score, hit.id) for hit in hits] == sorted(((hit.score, hit.id) for hit in hits), reverse=True)


@pytest.mark.requirement("FR-CC-006.3")
async def test_criteria_narrow_a_search_to_titles(films: Bench) -> None:
    premium = await films.named("golden", TitleCriteria(tier=Tier.PREMIUM))
    shows = await films.named("golden", TitleCriteria(kinds=(TitleKind.SHOW,)))
    with_her = await films.named("kavya", TitleCriteria(kinds=(TitleKind.MOVIE,)))
    in_hindi = await films.named("river", TitleCriteria(audio_language="hi", year_from=2020))

    assert (premium, shows) == (["Golden River"], ["Golden River Nights"])
    assert sorted(with_her) == ["Spider-Man", "The River"]
    assert sorted(in_hindi) == ["Golden River", "Golden River Nights"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("gol", ["Golda Mir", "Golden River", "Golden River Nights", "The River"]),
        ("GOLDEN r", ["Golden River", "Golden River Nights"]),
        ("सुन", ["Golden River"]),
        ("goldn", []),
    ],
)
async def test_completes_what_was_begun_and_forgives_nothing(films: Bench, prefix: str, expected: list[str]) -> None:
    found = await films.engine.complete(prefix, audience=ADULT, limit=8)

    assert sorted(films.names_of(found)) == expected
    assert len((await films.engine.complete(prefix, audience=ADULT, limit=1)).hits) == min(1, len(expected))


@pytest.mark.parametrize("query", ["river", "kavya", "golden rivre", "sunehri nadi", "qwertzuiop"])
async def test_counts_what_all_pages_have(films: Bench, query: str) -> None:
    found = await films.find(query)
    for_child = await films.find(query, audience=CHILD, limit=1)

    assert await films.engine.count(found, EVERYTHING, audience=ADULT) == len(found.hits)
    assert await films.engine.count(for_child, EVERYTHING, audience=CHILD) == len(found.hits)


@pytest.mark.requirement("CL-02")
async def test_facets_count_the_titles_of_all_pages(films: Bench) -> None:
    found = await films.find("river", limit=1)

    facets = await films.engine.facets(found, EVERYTHING, audience=ADULT)

    assert facets == [
        FacetCount("audioLanguage", "en", 2),
        FacetCount("audioLanguage", "hi", 2),
        FacetCount("genre", "drama", 2),
        FacetCount("genre", "action", 1),
        FacetCount("genre", "science-fiction", 1),
        FacetCount("kind", "MOVIE", 2),
        FacetCount("kind", "SHOW", 1),
        FacetCount("maturityRating", "U", 3),
        FacetCount("tier", "FREE", 2),
        FacetCount("tier", "PREMIUM", 1),
    ]


@pytest.mark.parametrize(
    ("query", "name", "shown", "meant"),
    [
        ("river golden", "Golden River", "<em>Golden</em> <em>River</em>", None),
        ("golen rivr", "Golden River", "<em>Golden</em> <em>River</em>", "golden river"),
        ("सुनहरि नदी", "सुनहरी नदी", "<em>सुनहरी</em> <em>नदी</em>", "सुनहरी नदी"),
        ("sunehri nadi", "Golden River", None, None),
        ("drama", "Golden River", None, None),
    ],
)
async def test_tells_which_words_were_found_and_what_was_meant(
    films: Bench, query: str, name: str, shown: str | None, meant: str | None
) -> None:
    found = await films.find(query)

    assert "Golden River" in films.names_of(found)
    assert (highlighted(name, found), corrected(found, [name])) == (shown, meant)


@pytest.mark.parametrize(("query", "reading"), [("title", Reading.EXACT), ("titel", Reading.TOLERANT)])
async def test_pages_give_every_hit_once_while_titles_are_added(bench: Bench, query: str, reading: Reading) -> None:
    await bench.store(*(movie(f"Title {number}") for number in range(5)))
    pages: list[Found] = []

    for number in range(3):
        after = place_behind(pages[-1]) if pages else None
        pages.append(await bench.find(query, limit=2, after=after))
        await bench.store(movie(f"Other {number}"), movie(f"The Tile {number}"))

    assert [(page.reading, len(page.hits)) for page in pages] == [(reading, 2), (reading, 2), (reading, 1)]
    assert sorted(name for page in pages for name in bench.names_of(page)) == [f"Title {each}" for each in range(5)]


@pytest.mark.parametrize(("query", "pages"), [("river", 3), ("sunehri nadi", 1)])
async def test_a_list_ends(films: Bench, query: str, pages: int) -> None:
    found = [await films.find(query, limit=1)]

    while found[-1].hits:
        found.append(await films.find(query, limit=1, after=place_behind(found[-1])))

    assert len(found) == pages + 1


@pytest.mark.parametrize("place", [SearchPlace("another", Reading.EXACT, 0.5, UUID(int=0))])
async def test_refuses_a_place_in_the_list_of_another_engine(films: Bench, place: SearchPlace) -> None:
    with pytest.raises(InvalidCursorError):
        await films.find("river", after=place)


WITHDRAWN = movie("Secret River One")
Change = Callable[[TitleRecord], TitleRecord]
HIDDEN: dict[str, Change] = {
    "withdrawn": lambda record: replace(record, published_at=None),
    "published later": lambda record: replace(record, published_at=NOW + timedelta(seconds=1)),
    "window not begun": lambda record: replace(record, available_from=NOW + timedelta(seconds=1)),
    "window over": lambda record: replace(record, available_until=NOW),
    "another country": lambda record: replace(record, countries=("US",)),
    "too old for the viewer": lambda record: replace(record, maturity_rating=MaturityRating.A),
    "unrated": lambda record: replace(record, maturity_rating=None),
    "licensed elsewhere": lambda record: replace(record, licences=(_licence(countries=("US",)),)),
    "licence over": lambda record: replace(record, licences=(_licence(ends_at=NOW),)),
}


def _licence(**changes: Any) -> LicenceRecord:
    fields: dict[str, Any] = {
        "countries": None,
        "starts_at": datetime(2026, 1, 1, tzinfo=UTC),
        "ends_at": None,
        "tier": Tier.FREE,
        "rentable": False,
    }
    return LicenceRecord(**{**fields, **changes})


@pytest.mark.requirement("CL-02")
@pytest.mark.requirement("FR-CMS-002.1")
async def test_an_index_that_is_behind_shows_and_counts_nothing_hidden(bench: Bench) -> None:
    hidden = {how: movie(f"River {how}", credits=acted_by(f"River {how} person")) for how in HIDDEN}
    await bench.store(movie("River to see"), *hidden.values())
    assert len((await bench.find("river", audience=CHILD, limit=50)).hits) == 1 + 2 * len(HIDDEN)

    await bench.store(*(HIDDEN[how](record) for how, record in hidden.items()), tell_index=False)
    found = await bench.find("river", audience=CHILD, limit=50)

    assert bench.names_of(found) == ["River to see"]
    assert await bench.engine.count(found, EVERYTHING, audience=CHILD) == 1
    facets = await bench.engine.facets(found, EVERYTHING, audience=CHILD)
    assert {each.count for each in facets} == {1}
    completed = await bench.engine.complete("riv", audience=CHILD, limit=50)
    assert bench.names_of(completed) == ["River to see"]


async def test_hidden_titles_that_fit_better_leave_their_places_to_others(bench: Bench) -> None:
    for_adults = [movie(f"River {number}", maturity_rating=MaturityRating.A) for number in range(90)]
    await bench.store(*for_adults, movie("A Long Way to the River"), movie("Down by the River"))

    found = await bench.find("river", audience=CHILD, limit=1)
    rest = await bench.find("river", audience=CHILD, limit=5, after=place_behind(found))

    assert sorted(bench.names_of(found) + bench.names_of(rest)) == ["A Long Way to the River", "Down by the River"]


async def test_a_changed_name_is_found_and_the_old_one_is_not(bench: Bench) -> None:
    await bench.store(FILMS[0])

    await bench.store(movie("Spider-Man", texts={"en": FILMS[2].texts["en"]}, original_name="Tarantula"))

    assert await bench.named("spiderman") == []
    assert await bench.named("tarantula") == ["Tarantula"]


async def test_what_is_taken_down_is_not_found_and_what_comes_back_is(bench: Bench) -> None:
    film = movie("Golden River", credits=acted_by("Golda Mir"))
    await bench.store(film)

    async with bench.database.writing() as session:
        await withdraw_title(session, film, now=NOW)
    without = await bench.named("golda")
    await bench.store(film)

    assert (without, sorted(await bench.named("golda"))) == ([], ["Golda Mir", "Golden River"])


async def collected(bench: Bench, **content: Any) -> TitleCriteria:
    """Return what narrows a search to a new, published collection, as a search is asked for it."""
    card = await bench.collect(**{"title_ids": None, **content})
    async with bench.database.reading() as session:
        return await with_rule(session, TitleCriteria(collection_id=card.id))


@pytest.mark.requirement("FR-CC-006.3")
async def test_a_collection_narrows_a_search_by_hand_and_by_rule(bench: Bench) -> None:
    await bench.store(*FILMS)
    river, nights, other = FILMS[2], FILMS[3], FILMS[0]
    by_hand = await collected(bench, title_ids=[id_of(nights), id_of(other)])
    by_rule = await collected(bench, rule=TitleCriteria(genre_slugs=("drama",), kinds=(TitleKind.MOVIE,)))
    hidden = await collected(bench, title_ids=[id_of(river)], is_published=False)
    nothing = TitleCriteria(collection_id=uuid4())

    assert sorted(await bench.named("river")) == ["Golden River", "Golden River Nights", "The River"]
    assert await bench.named("river", by_hand) == ["Golden River Nights"]
    assert await bench.named("river", by_rule) == ["Golden River"]
    assert await bench.named("rivr", by_hand) == ["Golden River Nights"]
    assert [await bench.named("river", each) for each in (hidden, nothing)] == [[], []]
    # A person is in no collection.
    assert await bench.named("kavya", by_hand) == ["Spider-Man"]
    found = await bench.find("river", by_hand)
    assert await bench.engine.count(found, by_hand, audience=ADULT) == 1
    assert FacetCount("kind", "SHOW", 1) in await bench.engine.facets(found, by_hand, audience=ADULT)


@pytest.mark.requirement("FR-CC-006.2", "IN-API-08")
async def test_finds_collections_by_their_names_in_every_language(bench: Bench) -> None:
    await bench.store(*FILMS)
    await bench.collect(
        FILMS[0], texts={"en": Text("Rainy Day Watches", "For wet days."), "hi": Text("बारिश के दिन", "")}
    )
    await bench.collect(title_ids=None, rule=TitleCriteria(genre_slugs=("drama",)), name="Golden Tears")
    queries = {
        "rainy day watches": ["Rainy Day Watches"],
        "day RAINY": ["Rainy Day Watches"],
        "rain": ["Rainy Day Watches"],
        "rainny day": ["Rainy Day Watches"],
        "बारिश के दिन": ["Rainy Day Watches"],
        "barish ke din": ["Rainy Day Watches"],
        "wet": [],
        "golden": ["Golden River", "Golden River Nights", "Golden Tears"],
        "golden tears": ["Golden Tears"],
    }

    found = {query: await bench.named(query) for query in queries}

    assert {query: sorted(names) for query, names in found.items()} == queries
    [whole] = (await bench.find("Rainy Day Watches")).hits
    assert (0.9 < whole.score <= 1, whole.is_person) == (True, False)
    begun = await bench.engine.complete("rai", audience=ADULT, limit=8)
    assert bench.names_of(begun) == ["Rainy Day Watches"]
    golden = await bench.find("golden", limit=1)
    assert await bench.engine.count(golden, EVERYTHING, audience=ADULT) == 3
    kinds = [each for each in await bench.engine.facets(golden, EVERYTHING, audience=ADULT) if each.facet == "kind"]
    assert kinds == [FacetCount("kind", "MOVIE", 1), FacetCount("kind", "SHOW", 1)]
    # Where titles are narrowed, titles alone are found.
    assert await bench.named("golden", TitleCriteria(kinds=(TitleKind.MOVIE,))) == ["Golden River"]


@pytest.mark.requirement("FR-CMS-002.1", "FR-CC-007.1")
async def test_an_index_that_is_behind_shows_no_collection_that_the_viewer_does_not_get(bench: Bench) -> None:
    hidden = {how: movie(f"River {how}") for how in HIDDEN}
    await bench.store(movie("To see"), *hidden.values())
    for how, record in hidden.items():
        await bench.collect(record, name=f"Picks {how}")
    withdrawn = await bench.collect(movie("To see"), name="Picks withdrawn altogether")
    deleted = await bench.collect(movie("To see"), name="Picks deleted")
    ruled = TitleCriteria(genre_slugs=("drama",))
    await bench.collect(title_ids=None, rule=ruled, name="Picks by rule")
    never = await bench.collect(movie("To see"), name="Picks of the future", is_published=False)
    await bench.collect(name="Picks of nothing")
    shown = sorted(await bench.named("picks", audience=CHILD))

    await bench.store(*(HIDDEN[how](record) for how, record in hidden.items()), tell_index=False)
    await bench.collect(movie("To see"), known=withdrawn, is_published=False, tell_index=False)
    async with bench.database.writing() as session:
        await delete_collection(session, CURATOR, deleted.id, expected_version=1, now=NOW)
    found = await bench.find("picks", audience=CHILD)

    assert len(shown) == len(HIDDEN) + 3
    assert never.id not in {hit.id for hit in found.hits}
    assert bench.names_of(found) == ["Picks by rule"]
    assert await bench.engine.count(found, EVERYTHING, audience=CHILD) == 1
    completed = await bench.engine.complete("pic", audience=CHILD, limit=50)
    assert bench.names_of(completed) == ["Picks by rule"]


async def test_a_collection_that_is_renamed_or_comes_back_is_found_by_what_it_is_called_now(bench: Bench) -> None:
    await bench.store(*FILMS)
    made = await bench.collect(FILMS[0], name="Rainy days")

    hidden = await bench.collect(FILMS[0], name="Wet days", known=made, is_published=False)
    while_hidden = [await bench.named("rainy"), await bench.named("wet")]
    await bench.collect(FILMS[0], known=hidden, texts={"hi": Text("बारिश", "")})

    assert while_hidden == [[], []]
    assert [await bench.named(query) for query in ("rainy", "wet", "बारिश")] == [[], ["Wet days"], ["Wet days"]]
