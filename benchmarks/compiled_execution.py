"""Compiled execution against graphql-core, in one process: `python -m benchmarks.compiled_execution`.

Starts a seeded platform, records what the home page asks of each subgraph, and sends the same requests to the same
subgraphs in interleaved rounds: compiled, and on graphql-core with the same caches of documents, the same GC tuning and
Strawberry's own loaders. CPU time of this process per request; that of the stores is not in it. Then the same with the
replies of the stores recorded, so that the share of GraphQL, resolvers and services is seen without statements and
rows. At last the three largest `_entities` calls in the styles in which such code is written, see `styles`.
"""

import argparse
import asyncio
import contextlib
import dataclasses
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MethodType
from typing import Any

import httpx
import uvloop
from rich.console import Console
from strawberry.dataloader import DataLoader

from benchmarks import styles
from benchmarks.home import HOME
from benchmarks.platforms import started
from benchmarks.recorded import RecordedStores
from compiled_execution import loader
from stack.attach import stores_at_hand
from stack.demo import demo_headers
from stack.edge import together_app
from stack.environment import DEMO_VARIABLE
from stack.home import Home
from stack.services import SUBGRAPHS
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.telemetry import configure_logging


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a subgraph, as the router sent it."""

    app: SubgraphApp
    viewer: Viewer
    query: str
    options: dict[str, Any]
    stores: RecordedStores | None = None
    number: int = 0

    async def send(self) -> dict[str, Any]:
        if self.stores is not None:
            self.stores.begin(self.number)
        return await self.app.execute_as(self.viewer, self.query, **self.options)

    def label(self) -> str:
        counts = [len(value) for value in (self.options["variables"] or {}).values() if isinstance(value, list)]
        return f"{self.app.name} " + (f"_entities × {'+'.join(map(str, counts))}" if counts else "root")


@contextlib.contextmanager
def on_graphql_core(app: SubgraphApp) -> Iterator[None]:
    """Leave the subgraph's operations to graphql-core, and its loads to Strawberry, for the time of the block."""
    compiled = app.schema.compiled_operations
    own = loader.loader_of
    app.schema.__dict__["compiled_operations"] = None
    loader.loader_of = lambda owner, function: DataLoader(MethodType(function, owner))  # type: ignore[assignment, return-value]  # alike
    try:
        yield
    finally:
        app.schema.__dict__["compiled_operations"] = compiled
        loader.loader_of = own


async def recorded_calls(apps: list[SubgraphApp], client: httpx.AsyncClient, headers: dict[str, str]) -> list[Call]:
    """Return what one home page asks of the subgraphs."""
    calls: list[Call] = []
    originals = [(app, app.execute) for app in apps]

    def recording(app: SubgraphApp, original: Callable[..., Any]) -> Callable[..., Any]:
        async def execute(query: str, **options: Any) -> Any:
            # The signed context would expire while we measure.
            viewer = app._verifier.verify(options["viewer_context"])  # noqa: SLF001  # as the app does
            kept = {name: options.get(name) for name in ("variables", "operation_name")}
            calls.append(Call(app, viewer, query, kept))
            return await original(query, **options)

        return execute

    for app, original in originals:
        app.execute = recording(app, original)  # type: ignore[method-assign]  # for one request
    reply = await client.post("/graphql", json={"query": HOME}, headers=headers)
    assert not reply.json().get("errors"), reply.json()["errors"]
    for app, original in originals:
        app.execute = original  # type: ignore[method-assign]  # as it was
    return calls


async def measure(call: Call, *, rounds: int, requests: int) -> tuple[float, float]:
    """Return the medians of CPU-ms per request: on graphql-core, compiled."""
    spent: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(4):  # the second compiles, in a thread
        compiled = await call.send()
        await asyncio.sleep(0.05)
    with on_graphql_core(call.app):
        assert compiled == await call.send(), "the answers differ"
    for number in range(rounds):
        for stock in (True, False) if number % 2 else (False, True):
            with on_graphql_core(call.app) if stock else contextlib.nullcontext():
                gc.collect()
                start = time.process_time()
                for _ in range(requests):
                    await call.send()
                spent[stock].append(1000 * (time.process_time() - start) / requests)
    return statistics.median(spent[True]), statistics.median(spent[False])


async def benchmark(*, rounds: int, requests: int) -> None:
    apps = [import_module(subgraph.app_module).create_app() for subgraph in SUBGRAPHS]
    edge = together_app(apps)
    headers = dict((demo_headers() or dict)())
    transport = httpx.ASGITransport(edge)
    async with edge.running(), httpx.AsyncClient(transport=transport, base_url="http://platform", timeout=60) as client:
        for _ in range(3):  # warm: plans, documents, read models
            calls = await recorded_calls(apps, client, headers)
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        await _print_table("real stores", calls, rounds=rounds, requests=requests)
        stores = RecordedStores(subgraph.name for subgraph in SUBGRAPHS if subgraph.name != "relay")
        with stores.in_use():
            replayed = [dataclasses.replace(call, stores=stores, number=each) for each, call in enumerate(calls)]
            await _print_table("recorded replies", replayed, rounds=rounds, requests=requests)
    await styles.print_table(rounds=rounds, requests=requests)


async def _print_table(title: str, calls: list[Call], *, rounds: int, requests: int) -> None:
    print(f"\n{title + ', CPU-ms per request':<40}{'graphql-core':>14}{'compiled':>10}{'ratio':>8}")
    total = [0.0, 0.0]
    for call in sorted(calls, key=Call.label):
        stock, compiled = await measure(call, rounds=rounds, requests=requests)
        total[0] += stock
        total[1] += compiled
        print(f"{call.label():<40}{stock:>14.2f}{compiled:>10.2f}{stock / compiled:>8.1f}")
    print(f"{'home page, all of them':<40}{total[0]:>14.2f}{total[1]:>10.2f}{total[0] / total[1]:>8.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=20, help="in a round")
    given = parser.parse_args()
    configure_logging(level="ERROR")
    with (
        tempfile.TemporaryDirectory(prefix="reelgraph-benchmark-") as folder,
        started("platform", Path(folder), "--workers", "1") as platform,
        stores_at_hand(Home(platform.home), Console(stderr=True)),
    ):
        os.environ[DEMO_VARIABLE] = "1"
        uvloop.run(benchmark(rounds=given.rounds, requests=given.requests))


if __name__ == "__main__":
    main()
