"""/metrics and /ready: what is counted, with bounded labels, and whether subgraphs are asked."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from router.config import RouterSettings
from router.execution.memory_transport import InMemoryTransport
from router.execution.metrics import MAX_OPERATIONS, Histogram, RouterMetrics, labels
from router.execution.transport import SubgraphRequest, SubgraphTimeoutError, UnreachableError
from router.http import RouterApp, create_app
from router.http.documents import sha256_of
from router.http.readiness import Readiness
from router.supergraph import Supergraph
from tests.router.http.kit import app_in_memory, client_of, post, shop, supergraph_of

QUERY = "query Me { me { name } }"
SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+')


def app_with(accounts: Any, **settings: Any) -> RouterApp:
    transports = {name: InMemoryTransport(found.call) for name, found in shop().items()}
    transports["accounts"] = InMemoryTransport(accounts)
    return create_app(
        RouterSettings(**settings), transports=transports, supergraph=Supergraph.from_sdl(supergraph_of(shop()))
    )


def samples(text: str, family: str) -> dict[str, str]:
    found = [line.rpartition(" ") for line in text.splitlines() if line.startswith(f"{family}{{")]
    return {name.removeprefix(family): value for name, _, value in found}


async def test_requests_and_calls_are_counted_by_operation_and_subgraph() -> None:
    async with client_of(app_in_memory(shop())) as client:
        for query in (QUERY, QUERY, "{ nobody }"):
            await post(client, query)
        answer = await client.get("/metrics")

    text = answer.text
    me = f'operation="Me",document="{sha256_of(QUERY)[:12]}"'
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert samples(text, "router_requests_total") == {
        f'{{{me},outcome="ok"}}': "2",
        '{operation="",document="unknown",outcome="refused"}': "1",
    }
    assert samples(text, "router_requests_seconds_count")[f"{{{me}}}"] == "2"
    assert samples(text, "router_subgraph_calls_total") == {'{subgraph="accounts",outcome="ok"}': "2"}
    assert samples(text, "router_subgraph_calls_seconds_count")['{subgraph="accounts"}'] == "2"
    assert samples(text, "router_subgraph_circuit")['{subgraph="accounts"}'] == "0.0"
    for line in text.splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or SAMPLE.fullmatch(line), line


@pytest.mark.requirement("NFR-REL-002")
async def test_failures_and_the_open_circuit_are_seen() -> None:
    async def down(request: SubgraphRequest) -> Mapping[str, Any]:
        raise UnreachableError("down")

    async with client_of(app_with(down)) as client:
        for _ in range(6):
            await post(client, QUERY)
        text = (await client.get("/metrics")).text

    assert samples(text, "router_subgraph_calls_total") == {
        '{subgraph="accounts",outcome="SERVICE_UNAVAILABLE"}': "5",
        '{subgraph="accounts",outcome="circuit_open"}': "1",
    }
    assert samples(text, "router_subgraph_circuit")['{subgraph="accounts"}'] == "2.0"
    assert [value for name, value in samples(text, "router_requests_total").items() if "partial" in name] == ["6"]


def test_the_labels_of_operations_are_bounded() -> None:
    metrics = RouterMetrics()
    children = [metrics.of_operation("N" * 10_000, str(number)) for number in range(MAX_OPERATIONS + 5)]

    assert len(set(map(id, children))) == MAX_OPERATIONS + 1
    assert metrics.of_operation("N" * 10_000, "7") is children[7]
    assert max(map(len, (child.labels for child in children))) < 200


def test_a_histogram_counts_up_to_and_with_each_bound() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 9.0):
        histogram.observe(value)

    assert list(histogram.lines("h", 'a="b"')) == [
        'h_bucket{a="b",le="1.0"} 2',
        'h_bucket{a="b",le="2.0"} 3',
        'h_bucket{a="b",le="+Inf"} 4',
        'h_sum{a="b"} 12.0',
        'h_count{a="b"} 4',
    ]


def test_label_values_cannot_break_out() -> None:
    assert labels(a='x"\n\\') == 'a="x\\"\\n\\\\"'


async def test_metrics_can_be_switched_off() -> None:
    async with client_of(app_in_memory(shop(), metrics=False)) as client:
        await post(client, QUERY)
        assert (await client.get("/metrics")).status_code == 404


async def test_ready_asks_the_subgraphs_where_that_is_configured() -> None:
    async def late(request: SubgraphRequest) -> Mapping[str, Any]:
        raise SubgraphTimeoutError("late")

    async with client_of(app_in_memory(shop(), ready_asks_subgraphs=True)) as client:
        good = await client.get("/ready")
    async with client_of(app_with(late, ready_asks_subgraphs=True)) as client:
        bad = await client.get("/ready")
        alive = await client.get("/health")

    ok = {"accounts": "ok", "products": "ok", "reviews": "ok"}
    assert (good.status_code, good.json()) == (200, {"status": "ready", "subgraphs": ok})
    assert (bad.status_code, bad.json()) == (
        503,
        {"status": "unavailable", "subgraphs": {**ok, "accounts": "SERVICE_TIMEOUT"}},
    )
    assert alive.status_code == 200


async def test_subgraphs_are_asked_at_most_every_two_seconds() -> None:
    class Engine:
        asked = 0

        async def ask_subgraphs(self) -> dict[str, str]:
            self.asked += 1
            return {"a": "ok"}

    engine, seconds = Engine(), [0.0]
    readiness = Readiness(asks_subgraphs=True, clock=lambda: seconds[0])
    for moment in (0.0, 1.9, 2.0, 3.9, 4.0):
        seconds[0] = moment
        assert await readiness.answer(engine) == (True, {"status": "ready", "subgraphs": {"a": "ok"}})

    assert engine.asked == 3
