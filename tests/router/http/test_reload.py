"""A changed supergraph file is served without a restart; a bad one changes nothing and says why."""

import asyncio
import gc
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from router.config import RouterSettings
from router.execution.memory_transport import InMemoryTransport
from router.execution.transport import SubgraphRequest
from router.http import RouterApp, create_app
from router.http.reload import SupergraphFile
from tests.router.http.kit import PythonSubgraph, client_of, post, shop, supergraph_of

LONGER = "type Query { me: User hello: String }"
OLD_QUERY = "{ me { name } }"


class Served:
    """A router that watches a file, over subgraphs in memory of which `accounts` can be held up."""

    def __init__(self, folder: Path, *, poll_seconds: float = 60.0, **settings: Any) -> None:
        self.subgraphs = shop()
        self.path = folder / "supergraph.graphql"
        self.path.write_text(supergraph_of(self.subgraphs), encoding="utf-8")
        self.hold: asyncio.Event | None = None
        self.asked = asyncio.Event()
        transports = {name: InMemoryTransport(found.call) for name, found in self.subgraphs.items()}
        transports["accounts"] = InMemoryTransport(self._accounts)
        self.app: RouterApp = create_app(
            RouterSettings(supergraph=self.path, supergraph_poll_seconds=poll_seconds, **settings),
            transports=transports,
        )

    async def _accounts(self, request: SubgraphRequest) -> Mapping[str, Any]:
        self.asked.set()
        if self.hold is not None:
            await self.hold.wait()
        return {"data": {"me": {"name": "Ann"}, "hello": "Hello"}} if "hello" in request.document else {
            "data": {"me": {"name": "Ann"}}
        }  # fmt: skip

    @property
    def file(self) -> SupergraphFile:
        assert self.app._file is not None
        return self.app._file

    def change(self) -> None:
        """Add a field to the supergraph."""
        accounts = PythonSubgraph(
            "accounts", f'{LONGER} type User @key(fields: "id") {{ id: ID! name: String }}', resolvers={}, entities={}
        )
        self.path.write_text(supergraph_of({**self.subgraphs, "accounts": accounts}), encoding="utf-8")

    async def ask(self, query: str) -> dict[str, Any]:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app), base_url="http://router.test"
        ) as http:
            return await post(http, query)


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path)


async def test_serves_the_new_supergraph_once_the_file_has_changed(tmp_path: Path) -> None:
    served = Served(tmp_path, poll_seconds=0.01)
    async with client_of(served.app) as client:
        before = await post(client, "{ hello }")
        served.change()
        answers = [before]
        while "errors" in answers[-1] and len(answers) < 1_000:
            await asyncio.sleep(0.01)
            answers.append(await post(client, "{ hello }"))
        ready = (await client.get("/ready")).json()

    assert before["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert answers[-1] == {"data": {"hello": "Hello"}}
    assert ready == {"status": "ready", "supergraph": {"sha256": served.file._served}}


async def test_requests_under_way_end_on_the_old_supergraph(served: Served) -> None:
    served.hold = asyncio.Event()
    old_engine = served.app.engine
    under_way = asyncio.create_task(served.ask("{ me { name } product(id: 1) { kind } }"))
    await served.asked.wait()
    served.path.write_text(
        supergraph_of({name: found for name, found in served.subgraphs.items() if name == "accounts"}), encoding="utf-8"
    )

    assert await served.file.look(served.app)
    gone = await served.ask("{ product(id: 1) { kind } }")
    served.hold.set()

    assert await under_way == {"data": {"me": {"name": "Ann"}, "product": {"kind": "BOOK"}}}
    assert gone["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert served.app.engine is not old_engine
    await served.app.aclose()


async def test_nothing_holds_the_old_supergraph_after_the_change(served: Served) -> None:
    await served.ask(OLD_QUERY)
    engine, supergraph = weakref.ref(served.app.engine), weakref.ref(served.app.engine.supergraph)
    schema = weakref.ref(served.app.engine.supergraph.api_schema)
    served.change()

    assert await served.file.look(served.app)
    for _ in range(200):
        gc.collect()
        if (engine(), supergraph(), schema()) == (None, None, None):
            break
        await asyncio.sleep(0.01)  # the thread that made the new engine may not have let go of its arguments yet

    assert (engine(), supergraph(), schema()) == (None, None, None)
    await served.app.aclose()


async def test_the_most_used_operations_are_prepared_before_the_change(tmp_path: Path) -> None:
    served = Served(tmp_path, supergraph_warm_operations=2)
    for query, count in (("{ me { id } }", 1), (OLD_QUERY, 4), ("{ topProducts { id } }", 3)):
        for _ in range(count):
            await served.ask(query)
    served.change()

    await served.file.look(served.app)

    assert [(text, uses) for text, _, _, uses in served.app.engine._cache.hottest(9)] == [
        (OLD_QUERY, 1),
        ("{ topProducts { id } }", 1),
    ]
    await served.app.aclose()


async def test_operations_that_are_no_longer_valid_are_left_out(served: Served) -> None:
    for query in ("{ topProducts { id } }", OLD_QUERY):
        await served.ask(query)
    served.path.write_text(
        supergraph_of({name: found for name, found in served.subgraphs.items() if name == "accounts"}), encoding="utf-8"
    )

    assert await served.file.look(served.app)
    assert [text for text, *_ in served.app.engine._cache.hottest(9)] == [OLD_QUERY]
    await served.app.aclose()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"type Query {", "INVALID_SUPERGRAPH: The supergraph does not parse"),
        (b"\xff", "INVALID_SUPERGRAPH: The file is not UTF-8."),
        (b"type Query { a: Int }", "INVALID_SUPERGRAPH: "),
    ],
)
async def test_a_bad_file_keeps_the_old_supergraph_and_says_why_once(
    served: Served, content: bytes, reason: str
) -> None:
    engine = served.app.engine
    good = served.path.read_bytes()
    served.path.write_bytes(content)

    with capture_logs() as logs:
        changes = [await served.file.look(served.app) for _ in range(3)]

    rejected = served.file.report()["rejected"]
    assert changes == [False] * 3
    assert served.app.engine is engine
    assert rejected["reason"].startswith(reason)
    assert [(entry["event"], entry["reason"]) for entry in logs] == [("supergraph_rejected", rejected["reason"])]
    assert await served.ask(OLD_QUERY) == {"data": {"me": {"name": "Ann"}}}

    served.path.write_bytes(good)
    assert not await served.file.look(served.app)
    assert "rejected" not in served.file.report()
    await served.app.aclose()


async def test_a_supergraph_with_an_unknown_address_is_rejected(served: Served) -> None:
    more = PythonSubgraph("more", "type Query { more: Int }", resolvers={}, entities={})
    served.path.write_text(supergraph_of({**served.subgraphs, "more": more}), encoding="utf-8")

    assert not await served.file.look(served.app)
    assert served.file.report()["rejected"]["reason"].startswith(
        "INVALID_CONFIGURATION: The subgraph more has no usable"
    )
    await served.app.aclose()


async def test_a_lost_file_keeps_the_old_supergraph(served: Served) -> None:
    served.path.unlink()

    assert not await served.file.look(served.app)
    assert served.file.report()["rejected"] == {
        "sha256": None,
        "reason": "The file cannot be read: No such file or directory.",
    }
    assert await served.ask(OLD_QUERY) == {"data": {"me": {"name": "Ann"}}}
    await served.app.aclose()


async def test_a_file_that_was_only_touched_changes_nothing(served: Served) -> None:
    engine = served.app.engine
    served.path.write_bytes(served.path.read_bytes())

    assert not await served.file.look(served.app)
    assert served.app.engine is engine
    await served.app.aclose()


async def test_what_a_circuit_breaker_learned_outlives_a_change(served: Served) -> None:
    transport = served.app.engine._transports["accounts"]
    served.change()

    await served.file.look(served.app)

    assert served.app.engine._transports["accounts"] is transport
    await served.app.aclose()


async def test_the_file_is_not_watched_where_that_is_switched_off(tmp_path: Path) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text(supergraph_of(shop()), encoding="utf-8")
    transports = {name: InMemoryTransport(found.call) for name, found in shop().items()}
    app = create_app(RouterSettings(supergraph=path, supergraph_poll_seconds=0), transports=transports)
    async with client_of(app) as client:
        assert (await client.get("/ready")).json() == {"status": "ready"}
    assert app._watching is None
