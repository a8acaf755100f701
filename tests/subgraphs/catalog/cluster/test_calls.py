"""What the adapter asks of a search cluster, and what it makes of bad answers."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from subgraphs.catalog.gateways.search_cluster import SearchCluster
from subgraphs.catalog.service.searching import Reading, SearchPlace
from subgraphs.shared.errors import InvalidCursorError, ServiceUnavailableError
from tests.subgraphs.catalog.cluster.support import INDEX, RIVER, Bench, found, quietly
from tests.subgraphs.catalog.support import Client, TurnedClock, movie
from tests.subgraphs.catalog.test_search_contract import ADULT, EVERYTHING


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
    lone.fake.hangs = True

    with pytest.raises(ServiceUnavailableError):
        await impatient.search(INDEX, {})
    with pytest.raises(ServiceUnavailableError):
        await impatient.write([({"_index": INDEX}, {})], refresh=False)

    await impatient.close()


async def test_an_answer_that_drips_is_cut_off(lone: Bench) -> None:
    impatient = SearchCluster(lone.fake.url, timeout_seconds=0.1, clock=lone.clock)
    lone.fake.drips = True

    with pytest.raises(ServiceUnavailableError):
        await impatient.search(INDEX, {})

    await impatient.close()


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
