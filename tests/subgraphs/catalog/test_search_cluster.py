"""The adapter for a search cluster: what it asks, what it makes of bad answers, how its index is kept and built."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from subgraphs.catalog.app import create_app
from subgraphs.catalog.config import Settings
from subgraphs.catalog.gateways.search_cluster import SearchCluster
from subgraphs.catalog.repository import search_documents
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.service.cluster_search import ClusterSearch
from subgraphs.catalog.service.engines import open_feed
from subgraphs.catalog.service.genres import KNOWN_GENRES
from subgraphs.catalog.service.indexing import IndexFeed, RebuildBrokenOffError
from subgraphs.catalog.service.search_engine import PostgresSearch, SearchWithStandIn
from subgraphs.catalog.service.searching import Reading, SearchPlace
from subgraphs.catalog.service.words import normal_form
from subgraphs.shared.errors import InvalidCursorError, ServiceUnavailableError
from subgraphs.shared.postgres import Database
from tests.subgraphs.catalog.support import Client, TurnedClock, acted_by, movie
from tests.subgraphs.catalog.test_search_contract import ADULT, EVERYTHING
from tests.support.search_cluster import FakeCluster, Request, fake_cluster

INDEX = "films"
DRAMA = KNOWN_GENRES["drama"]
RIVER = movie("Golden River", credits=acted_by("Golda Mir"))
FILMS = (RIVER, movie("Silver River"), movie("Dragon"))
SEARCH = """query($q: String!, $n: Int! = 20, $after: String) { search(query: $q, first: $n, after: $after) {
  edges { node { ... on Title { name } ... on Person { name } } } degraded totalCount
  facets { field } pageInfo { hasNextPage endCursor }
}}"""


def quietly(_done: int, _of: int) -> None:
    """Nobody is told how far it is."""


@dataclass
class Bench:
    """A cluster with the adapter for it, over a database."""

    fake: FakeCluster
    cluster: SearchCluster
    database: Database
    engine: ClusterSearch
    feed: IndexFeed
    clock: TurnedClock


@pytest.fixture
async def fake() -> AsyncIterator[FakeCluster]:
    async with fake_cluster() as fake:
        yield fake


@pytest.fixture
async def lone(fake: FakeCluster, clock: TurnedClock) -> AsyncIterator[Bench]:
    """An empty index, for what never gets as far as the database."""
    database = Database("postgresql://nobody@127.0.0.1:1", "none")
    cluster = SearchCluster(fake.url, timeout_seconds=30, clock=clock)
    fake.indices["one"], fake.aliases[INDEX] = {}, {"one"}
    engine, feed = ClusterSearch(cluster, database, index=INDEX), IndexFeed(cluster, database, index=INDEX)
    yield Bench(fake, cluster, database, engine, feed, clock)
    await cluster.close()
    await database.close()


@pytest.fixture
async def bench(fake: FakeCluster, catalog: Client, clock: TurnedClock) -> AsyncIterator[Bench]:
    """An index of the films."""
    await catalog.store(*FILMS)
    cluster = SearchCluster(fake.url, timeout_seconds=30, clock=clock)
    database = catalog.database
    feed = IndexFeed(cluster, database, index=INDEX)
    await feed.rebuild(progress=quietly)
    fake.requests.clear()
    yield Bench(fake, cluster, database, ClusterSearch(cluster, database, index=INDEX), feed, clock)
    await cluster.close()


async def found(bench: Bench, query: str, **options: Any) -> list[UUID]:
    options = {"audience": ADULT, "limit": 5, "after": None, **options}
    return [hit.id for hit in (await bench.engine.find(query, EVERYTHING, **options)).hits]


async def test_a_search_asks_for_ids_and_not_for_what_may_be_seen(bench: Bench) -> None:
    await found(bench, "golden riv")

    (request,) = bench.fake.requests
    asked = request.document
    assert (request.method, request.path) == ("POST", f"/{INDEX}/_search")
    assert request.parameters["allow_partial_search_results"] == "false"
    assert {key: value for key, value in asked.items() if key != "query"} == {
        "sort": [{"_score": "desc"}, {"id": "desc"}],
        "size": 64,
        "_source": False,
        "track_total_hits": False,
        "timeout": "30000ms",
    }
    golden, begun = asked["query"]["bool"]["must"]
    assert golden["dis_max"]["queries"][0] == {
        "constant_score": {"filter": {"terms": {"name_words": ["golden"]}}, "boost": 100_000}
    }
    assert begun["dis_max"]["queries"][1] == {
        "constant_score": {"filter": {"prefix": {"people_words": {"value": "riv"}}}, "boost": 30_000}
    }
    fields = set(bench.fake.created[next(iter(bench.fake.indices))]["mappings"]["properties"])
    assert fields == {"id", "names", "name_words", "people_words", "genre_words", "words", "sounds"}


async def test_scores_are_whole_numbers_whose_sum_a_float_holds_exactly(bench: Bench) -> None:
    hits = (await bench.engine.find("golden river", EVERYTHING, audience=ADULT, limit=1, after=None)).hits

    assert [hit.score for hit in hits] == [1.0]

    def boosts(part: Any) -> list[Any]:
        if isinstance(part, list):
            return [each for item in part for each in boosts(item)]
        if isinstance(part, dict):
            own = [part["boost"]] if "boost" in part else []
            return own + [each for item in part.values() for each in boosts(item)]
        return []

    given = boosts(bench.fake.requests[0].document["query"])
    assert given
    assert all(isinstance(boost, int) and 0 < boost <= 800_000 for boost in given)


BAD_ANSWERS: dict[str, tuple[int, bytes] | bytes] = {
    "refused": (400, b'{"error": {"type": "parsing_exception", "reason": "golden river"}}'),
    "not allowed": (401, b"who are you"),
    "index missing": (404, b'{"error": {"type": "index_not_found_exception"}}'),
    "too busy": (429, b'{"error": {"type": "rejected_execution_exception"}}'),
    "broken": (500, b""),
    "redirected": (302, b""),
    "not JSON": (200, b"<html>golden river</html>"),
    "not an object": (200, b"[1, 2]"),
    "nothing": (200, b""),
    "nested without end": (200, b"[" * 100_000),
    "no shards": (200, b'{"timed_out": false}'),
    "timed out inside": (200, b'{"timed_out": true, "_shards": {"failed": 0}}'),
    "a shard failed": (200, b'{"timed_out": false, "_shards": {"failed": 1}, "hits": {"hits": []}}'),
    "no id": (200, b'{"timed_out": false, "_shards": {"failed": 0}, "hits": {"hits": [{"sort": [1.0, "x"]}]}}'),
    "no score": (200, b'{"timed_out": false, "_shards": {"failed": 0}, "hits": {"hits": [{"sort": [null, "x"]}]}}'),
    "not HTTP": b"SSH-2.0-golden river\r\n",
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    "closed": b"",
}


@pytest.mark.requirement("NFR-REL-003")
@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_a_bad_answer_is_no_answer_and_its_words_are_in_no_log(
    lone: Bench, answer: tuple[int, bytes] | bytes
) -> None:
    lone.fake.answer = lambda _request: answer

    with capture_logs() as logs, pytest.raises(ServiceUnavailableError):
        await found(lone, "golden river")

    assert "golden" not in repr(logs)


async def test_a_cluster_that_hangs_is_not_waited_for(lone: Bench) -> None:
    impatient = SearchCluster(lone.fake.url, timeout_seconds=0.05, clock=lone.clock)
    lone.fake.hang = True

    with pytest.raises(ServiceUnavailableError):
        await impatient.search(INDEX, {})
    with pytest.raises(ServiceUnavailableError):
        await impatient.write([({"_index": INDEX}, {})], refresh=False)

    await impatient.close()


async def test_an_answer_that_drips_is_cut_off(clock: TurnedClock) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            writer.close()

    listener = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    cluster = SearchCluster(f"http://127.0.0.1:{port}", timeout_seconds=0.1, clock=clock)
    try:
        with pytest.raises(ServiceUnavailableError):
            await cluster.search(INDEX, {})
    finally:
        await cluster.close()
        listener.close()
        await asyncio.sleep(0.05)  # the server notices


async def test_nobody_there_is_no_answer(clock: TurnedClock) -> None:
    cluster = SearchCluster("http://127.0.0.1:1", timeout_seconds=5, clock=clock)

    with pytest.raises(ServiceUnavailableError):
        await cluster.search(INDEX, {})

    await cluster.close()


async def test_a_cluster_that_failed_is_left_alone_for_a_second(bench: Bench) -> None:
    bench.fake.answer = lambda _request: (503, b"")
    for _ in range(3):
        with pytest.raises(ServiceUnavailableError):
            await found(bench, "golden")
    asked_while_down = len(bench.fake.requests)

    bench.fake.answer = None
    with pytest.raises(ServiceUnavailableError):
        await found(bench, "golden")
    bench.clock.turn(timedelta(seconds=1))

    assert asked_while_down == 1
    assert RIVER.id in await found(bench, "golden")


@pytest.mark.parametrize("score", [-0.5, 1.5, float("nan"), float("inf"), 1e300])
async def test_refuses_a_place_that_no_list_has(lone: Bench, score: float) -> None:
    with pytest.raises(InvalidCursorError):
        await found(lone, "golden", after=SearchPlace("cluster", Reading.EXACT, score, UUID(int=0)))

    assert lone.fake.requests == []


async def test_looks_further_down_where_most_of_what_was_found_is_hidden(bench: Bench, catalog: Client) -> None:
    await catalog.store(*(movie(f"Night {number}", countries=("US",)) for number in range(70)), movie("A Dark Night"))
    await bench.feed.rebuild(progress=quietly)
    bench.fake.requests.clear()

    assert len(await found(bench, "night", limit=1)) == 1

    sizes = [(each.document["size"], "search_after" in each.document) for each in bench.fake.requests]
    assert sizes == [(64, False), (512, True)]


# The index


def sent(request: Request) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    lines = [orjson.loads(line) for line in request.body.splitlines()]
    return [(meta["index"], fields) for meta, fields in zip(lines[::2], lines[1::2], strict=True)]


async def test_documents_are_written_with_their_versions_into_the_index_and_the_next_one(bench: Bench) -> None:
    await bench.feed.put([RIVER.id, RIVER.id, UUID(int=7)])

    (request,) = bench.fake.requests
    assert (request.path, request.headers["content-type"]) == ("/_bulk", "application/x-ndjson")
    assert (request.parameters["require_alias"], request.parameters["refresh"]) == ("true", "true")
    assert [(meta["_index"], meta["_id"], meta["version_type"]) for meta, _ in sent(request)] == [
        (INDEX, str(RIVER.id), "external"),
        (f"{INDEX}-next", str(RIVER.id), "external"),
    ]
    fields = sent(request)[0][1]
    words = [sorted(fields[name]) for name in ("name_words", "people_words", "genre_words")]
    assert words == [["golden", "river"], ["golda", "mir"], sorted(map(normal_form, DRAMA.names.values()))]
    assert fields["names"][0] == "golden river"


async def test_documents_may_come_late_and_twice(bench: Bench, catalog: Client) -> None:
    async with bench.database.reading() as session:
        old = await search_documents.documents_of(session, [RIVER.id])
    await catalog.store(replace(RIVER, original_name="Copper River", texts={}))
    await bench.feed.put([RIVER.id])
    newest = bench.fake.documents(INDEX)[str(RIVER.id)]

    await bench.feed._write(old, (INDEX,), refresh=False)
    again = bench.fake.documents(INDEX)[str(RIVER.id)]
    await bench.feed.put([RIVER.id])

    assert newest[1]["names"][0] == "copper river"
    assert again == newest
    assert bench.fake.documents(INDEX)[str(RIVER.id)][1] == newest[1]


async def test_versions_grow_with_whatever_was_committed_between(bench: Bench, catalog: Client) -> None:
    async def version() -> int:
        async with bench.database.reading() as session:
            return (await search_documents.documents_of(session, [RIVER.id])).version

    async with bench.database.writing() as slow:
        await slow.execute(sa.text("SELECT pg_current_xact_id()"))  # from here on, others see it as running
        before = await version()
        await catalog.store(movie("Another"))
        between = await version()
    after = await version()

    assert before < between < after


@pytest.mark.requirement("CL-18")
async def test_searches_go_on_in_the_old_index_until_the_new_one_is_complete(bench: Bench, catalog: Client) -> None:
    (old,) = bench.fake.aliases[INDEX]
    await catalog.store(movie("Bronze River"))
    told: list[tuple[int, int]] = []
    searched: list[set[str]] = []

    def note(_request: Request) -> None:
        searched.append(set(bench.fake.aliases[INDEX]))

    bench.fake.answer = note
    documents = await bench.feed.rebuild(progress=lambda done, of: told.append((done, of)))
    bench.fake.answer = None

    (new,) = bench.fake.aliases[INDEX]
    assert searched == [{old}] * 8  # the last request moved the alias
    assert (documents, told) == (5, [(0, 5), (5, 5)])
    assert (list(bench.fake.indices), new != old) == ([new], True)
    assert bench.fake.aliases[f"{INDEX}-next"] == set()
    assert len(await found(bench, "river")) == 3


@pytest.mark.requirement("CL-18")
async def test_what_changes_during_a_rebuild_is_in_both_indices(bench: Bench, catalog: Client) -> None:
    renamed = replace(RIVER, original_name="Copper River", texts={})
    changed = asyncio.Event()

    def change_first(request: Request) -> None:
        # The rebuild has read its documents; before they arrive, a newer one does.
        if request.path == "/_bulk" and not changed.is_set() and request.parameters["refresh"] == "false":
            changed.set()
            version, fields = 2**40, {"id": str(RIVER.id), "names": ["copper river"], "name_words": ["copper"]}
            for alias in (INDEX, f"{INDEX}-next"):
                (name,) = bench.fake.aliases[alias]
                bench.fake.indices[name][str(RIVER.id)] = (version, fields)

    bench.fake.answer = change_first
    await catalog.store(renamed)
    await bench.feed.rebuild(progress=quietly)

    assert changed.is_set()
    assert bench.fake.documents(INDEX)[str(RIVER.id)][1]["names"] == ["copper river"]


async def test_what_a_rebuild_left_behind_is_deleted_by_the_next(bench: Bench) -> None:
    bench.fake.answer = lambda request: (503, b"") if request.path == "/_bulk" else None
    with pytest.raises(ServiceUnavailableError):
        await bench.feed.rebuild(progress=quietly)
    left = len(bench.fake.indices)
    still_found = await found(bench, "golden")
    bench.fake.answer = None

    await bench.feed.rebuild(progress=quietly)

    assert (left, len(bench.fake.indices)) == (2, 1)
    assert RIVER.id in still_found


async def test_a_rebuild_that_another_one_took_over_changes_nothing(bench: Bench) -> None:
    class Overtaken(IndexFeed):
        async def _write_all(self, progress: Callable[[int, int], None]) -> int:
            written = await super()._write_all(progress)
            await bench.feed.rebuild(progress=progress)
            return written

    with pytest.raises(RebuildBrokenOffError):
        await Overtaken(bench.cluster, bench.database, index=INDEX).rebuild(progress=quietly)

    assert len(bench.fake.indices) == 1
    assert RIVER.id in await found(bench, "golden")


async def test_an_incomplete_index_is_not_searched(bench: Bench) -> None:
    (old,) = bench.fake.aliases[INDEX]
    bench.fake.answer = lambda request: (200, b'{"count": 2}') if request.path.endswith("/_count") else None

    with pytest.raises(RebuildBrokenOffError):
        await bench.feed.rebuild(progress=quietly)

    assert bench.fake.aliases[INDEX] == {old}


async def test_a_document_that_is_refused_stops_the_writing(bench: Bench) -> None:
    refusal = {"index": {"_index": INDEX, "status": 400, "error": {"type": "mapper_parsing_exception"}}}
    bench.fake.answer = lambda _request: (200, orjson.dumps({"items": [refusal, refusal]}))

    with capture_logs() as logs, pytest.raises(ServiceUnavailableError):
        await bench.feed.put([RIVER.id])

    assert [(each["event"], each["error"]) for each in logs] == [
        ("search_index_refused_document", "mapper_parsing_exception")
    ]


async def test_an_answer_about_fewer_documents_than_were_sent_is_none(bench: Bench) -> None:
    bench.fake.answer = lambda _request: (200, b'{"items": []}')

    with pytest.raises(ServiceUnavailableError):
        await bench.feed.put([RIVER.id])


async def test_without_an_index_nothing_is_written(fake: FakeCluster, catalog: Client, clock: TurnedClock) -> None:
    await catalog.store(RIVER)
    cluster = SearchCluster(fake.url, timeout_seconds=30, clock=clock)

    await IndexFeed(cluster, catalog.database, index=INDEX).put([RIVER.id])

    assert fake.indices == {}
    await cluster.close()


# The platform


@pytest.fixture
def with_cluster(settings: Settings, fake: FakeCluster) -> Settings:
    return settings.model_copy(update={"search_url": fake.url, "search_index": INDEX, "search_timeout_seconds": 3.0})


@pytest.fixture
async def platform(with_cluster: Settings, clock: TurnedClock) -> AsyncIterator[Client]:
    """The catalog, whose settings name the cluster, with the films in its index."""
    database = Database(with_cluster.database_url, with_cluster.catalog_database, pool_size=2)
    app = create_app(with_cluster, clock=clock)
    client = Client(app, database)
    async with app.running():
        await client.store(*FILMS)
        async with open_feed(with_cluster, clock=clock) as feed:
            assert feed is not None
            await feed.rebuild(progress=quietly)
        yield client
    await database.close()


def names(answer: Any) -> list[str]:
    return [edge["node"]["name"] for edge in answer["search"]["edges"]]


@pytest.mark.requirement("CL-02")
async def test_settings_choose_the_cluster(platform: Client, fake: FakeCluster) -> None:
    fake.requests.clear()

    answer = await platform.data(SEARCH, {"q": "golden river"})

    assert names(answer) == ["Golden River"]
    assert (answer["search"]["degraded"], answer["search"]["totalCount"]) == (False, 1)
    assert [request.path for request in fake.requests] == [f"/{INDEX}/_search"]


async def test_a_search_of_the_cluster_takes_one_statement_for_who_may_see_it(platform: Client) -> None:
    query = "query($q: String!) { search(query: $q) { edges { score node { ... on Title { name } } } } }"

    answers = [await platform.ask_again(query, {"q": text}) for text in ("golden river", "dragon", "qwertzuiop")]

    assert [answer.statements for answer in answers] == [2, 2, 0]


@pytest.mark.requirement("NFR-REL-003")
@pytest.mark.requirement("CL-02")
async def test_postgresql_stands_in_for_a_cluster_that_is_down_and_the_answer_says_so(
    platform: Client, fake: FakeCluster
) -> None:
    fake.answer = lambda _request: (503, b"")

    first = await platform.data(SEARCH, {"q": "rivre", "n": 1})
    after = first["search"]["pageInfo"]["endCursor"]
    second = await platform.data(SEARCH, {"q": "rivre", "n": 1, "after": after})
    suggested = await platform.data('{ searchSuggestions(prefix: "drag") { text } }')

    assert sorted(names(first) + names(second)) == ["Golden River", "Silver River"]
    assert [each["search"]["degraded"] for each in (first, second)] == [True, True]
    assert (first["search"]["totalCount"], bool(first["search"]["facets"])) == (2, True)
    assert [each["pageInfo"]["hasNextPage"] for each in (first["search"], second["search"])] == [True, False]
    assert suggested["searchSuggestions"] == [{"text": "Dragon"}]


@pytest.mark.requirement("NFR-REL-003")
async def test_a_list_that_the_cluster_began_ends_while_it_is_down_and_goes_on_when_it_is_back(
    platform: Client, fake: FakeCluster, clock: TurnedClock
) -> None:
    first = await platform.data(SEARCH, {"q": "river", "n": 1})
    after = {"q": "river", "n": 1, "after": first["search"]["pageInfo"]["endCursor"]}

    fake.answer = lambda _request: (503, b"")
    without = await platform.data(SEARCH, after)
    fake.answer = None
    clock.turn(timedelta(seconds=1))
    second = await platform.data(SEARCH, after)

    assert (names(without), without["search"]["degraded"]) == ([], True)
    assert without["search"]["pageInfo"] == {"hasNextPage": False, "endCursor": None}
    assert sorted(names(first) + names(second)) == ["Golden River", "Silver River"]
    assert second["search"]["degraded"] is False


async def test_a_list_that_postgresql_began_is_gone_on_with_by_it(
    platform: Client, fake: FakeCluster, clock: TurnedClock
) -> None:
    fake.answer = lambda _request: (503, b"")
    first = await platform.data(SEARCH, {"q": "river", "n": 1})
    fake.answer = None
    clock.turn(timedelta(seconds=1))
    fake.requests.clear()

    second = await platform.data(SEARCH, {"q": "river", "n": 1, "after": first["search"]["pageInfo"]["endCursor"]})

    assert sorted(names(first) + names(second)) == ["Golden River", "Silver River"]
    assert fake.requests == []


async def test_the_stand_in_counts_what_it_found(bench: Bench) -> None:
    engine = SearchWithStandIn(bench.engine, stand_in=PostgresSearch(bench.database))
    bench.fake.answer = lambda _request: (503, b"")

    found_now = await engine.find("river", EVERYTHING, audience=ADULT, limit=1, after=None)

    assert found_now.is_degraded
    assert await engine.count(found_now, EVERYTHING, audience=ADULT) == 2
    assert len(await engine.facets(found_now, TitleCriteria(), audience=ADULT)) > 0
