"""How well search finds, and how fast: `python -m benchmarks.search [--films FILE] [--cluster URL]`.

Stores the demo catalogue, and the films of the file if one is given, in a throw-away PostgreSQL; asks the catalog
subgraph the queries of `search_gold`, and prints Success@1 and MRR@10 by kind, and the time that a search takes. With
the address of an OpenSearch or Elasticsearch, the same again with an index there, `benchmark-search`, deleted later.
"""

import argparse
import asyncio
import gzip
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from statistics import quantiles

from benchmarks.search_gold import GoldQuery, tuned, untuned
from stack.importing import import_films
from stack.seed.catalogue import build_catalogue, seed_catalogue
from stack.servers.postgres import plan_postgres, remove_cluster
from stack.servers.process import free_port, launch, stop, wait_until_ready
from subgraphs.catalog.app import create_app
from subgraphs.catalog.config import Settings
from subgraphs.catalog.gateways.search_cluster import SearchCluster
from subgraphs.catalog.models import TYPE_NAMES
from subgraphs.catalog.service.engines import open_feed
from subgraphs.catalog.service.exchange import read_titles
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.shared.clock import system_clock
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import upgrade_databases

SEARCH = """query Search($query: String!) {
  search(query: $query, first: 10) { degraded edges { node {
    __typename ... on Movie { id } ... on Show { id } ... on SportsEvent { id } ... on Person { id }
  } } }
}"""
_BARS = {"exact": 0.95, "one typo": 0.85, "hinglish": 0.80}
_MRR_BAR = 0.85


@contextmanager
def throwaway_postgres() -> Iterator[str]:
    """Give the URL of a PostgreSQL server that is deleted after the block."""
    folder = Path(tempfile.mkdtemp(prefix="reelgraph-search-"))
    try:
        plan = plan_postgres(folder / "postgres", port=free_port(), password=None, durable=False)
        with (folder / "log").open("ab") as log:
            server = launch(plan, log)
        try:
            wait_until_ready(plan, server, timeout_seconds=60)
            yield plan.url
        finally:
            stop(server, stop_signal=plan.stop_signal, timeout_seconds=plan.stop_timeout_seconds)
    finally:
        remove_cluster(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


async def stock_catalog(url: str, films: Path | None) -> Settings:
    """Store the demo catalogue and the films, and return the catalog's settings."""
    settings = Settings(
        database_url=url,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url="redis://127.0.0.1:1/0",
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
    )
    await seed_catalogue(settings)
    if films is not None:
        await import_films(films, settings=settings, progress=lambda _share, _report: None)
    return settings


@asynccontextmanager
async def indexed_in_cluster(settings: Settings, url: str) -> AsyncIterator[Settings]:
    """Give settings with which the cluster searches, while its index is there."""
    clustered = settings.model_copy(
        update={"search_url": url, "search_index": "benchmark-search", "search_timeout_seconds": 3.0}
    )
    async with open_feed(clustered, clock=system_clock) as feed:
        assert feed is not None
        began = time.perf_counter()
        documents = await feed.rebuild(progress=lambda _done, _of: None)
        print(f"{documents} documents indexed in {time.perf_counter() - began:.1f} s")
    yield clustered
    cluster = SearchCluster(url, timeout_seconds=30, clock=system_clock)
    for index in await cluster.indices_of("benchmark-search"):
        await cluster.delete_index(index)
    await cluster.close()


async def rank_of(app: SubgraphApp, query: GoldQuery) -> tuple[int | None, float]:
    """Return at which place, from 1, a wanted title stands among the first ten, and how many ms the search took.

    An answer in which another engine stood in is an error.
    """
    started = time.perf_counter()
    answer = await app.execute_as(ANONYMOUS, SEARCH, variables={"query": query.text})
    took_ms = (time.perf_counter() - started) * 1000
    if answer["data"]["search"]["degraded"]:
        raise RuntimeError("The index did not answer.")
    found = [edge["node"]["id"] for edge in answer["data"]["search"]["edges"]]
    rank = next((place for place, own in enumerate(found, start=1) if own in query.wanted), None)
    return rank, took_ms


async def report(app: SubgraphApp, name: str, queries: Sequence[GoldQuery], *, misses: bool) -> None:
    """Ask all queries and print the table."""
    ranks: dict[str, list[int | None]] = {}
    times: list[float] = []
    for query in queries:
        rank, took_ms = await rank_of(app, query)
        ranks.setdefault(query.kind, []).append(rank)
        times.append(took_ms)
        if misses and rank != 1:
            print(f"  {query.kind}: {query.text!r} at {rank}")
    print(f"\n{name}: {len(queries)} queries")
    print(f"{'kind':<14}{'queries':>8}{'Success@1':>11}{'MRR@10':>8}  bar")
    for kind, places in ranks.items():
        bar = f">= {_BARS[kind]}" if kind in _BARS else ""
        print(f"{kind:<14}{len(places):>8}{_success(places):>11.3f}{_mrr(places):>8.3f}  {bar}")
    every = [place for places in ranks.values() for place in places]
    print(f"{'all':<14}{len(every):>8}{_success(every):>11.3f}{_mrr(every):>8.3f}  MRR >= {_MRR_BAR}")
    cuts = quantiles(times, n=100)
    print(f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms")


def _success(places: Sequence[int | None]) -> float:
    return sum(place == 1 for place in places) / len(places)


def _mrr(places: Sequence[int | None]) -> float:
    return sum(1 / place for place in places if place) / len(places)


def _ids(titles: Sequence[TitleRecord]) -> list[str]:
    return [encode_id(TYPE_NAMES[title.kind], title.id) for title in titles]


async def measure(url: str, films: Path | None, *, cluster: str | None, misses: bool) -> None:
    """Print the tables of each engine."""
    settings = await stock_catalog(url, films)
    print("PostgreSQL searches.")
    await report_all(settings, films, misses=misses)
    if cluster is not None:
        print("\nThe cluster searches.")
        async with indexed_in_cluster(settings, cluster) as clustered:
            await report_all(clustered, films, misses=misses)


async def report_all(settings: Settings, films: Path | None, *, misses: bool) -> None:
    """Print both tables of the engine that the settings choose."""
    app = create_app(settings)
    async with app.running():
        now = system_clock()
        demo = [title for title in build_catalogue(now) if title.published_at and title.published_at <= now]
        listed = [title for title in demo if title.available_from is None or title.available_from <= now]
        await report(app, "Demo catalogue", list(tuned(listed, _ids(listed))), misses=misses)
        if films is not None:
            imported = _read(films, now)
            await report(app, "Imported films", list(untuned(imported, _ids(imported))), misses=misses)


def _read(films: Path, now: datetime) -> list[TitleRecord]:
    """Return the films of the file, each once; bad rows are left out."""
    opened = gzip.open if films.suffix == ".gz" else open
    with opened(films, "rb") as lines:
        return [row for row in read_titles(lines, published_at=now) if isinstance(row, TitleRecord)]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--films", type=Path, help="films as JSON lines, as for `reelgraph import`")
    parser.add_argument("--cluster", metavar="URL", help="an OpenSearch or Elasticsearch to compare with PostgreSQL")
    parser.add_argument("--misses", action="store_true", help="print the queries that do not find their title first")
    options = parser.parse_args()
    migrations = Path(__file__).parent.parent / "subgraphs" / "catalog" / "migrations"
    with throwaway_postgres() as url:
        upgrade_databases(url, {"catalog": migrations})
        asyncio.run(measure(url, options.films, cluster=options.cluster, misses=options.misses))


if __name__ == "__main__":
    main()
