"""What pages and searches cost in a large catalogue: `python -m benchmarks.catalog_scale [--titles N] [--films FILE]`.

Generates N titles (1,000,000 unless said), or imports the films of the file, into a throw-away PostgreSQL; asks the
catalog subgraph what benchmarks/scale_requests.py names, in random order, several rounds; prints how long requests
take by family, wall time and CPU time of the service and the database together, and what pages cost by their depth
in blocks that PostgreSQL reads. Plans of the slowest statement of each family are written to a folder.

CPU time says what a request would take on a machine that does nothing else. `--server` asks a server that is loaded
already; `--keep` leaves the throw-away one running until Ctrl-C and prints its URL.
"""

import argparse
import asyncio
import gc
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa

from benchmarks.scale_catalogue import NOW
from benchmarks.scale_loading import load
from benchmarks.scale_requests import Request, requests_for
from benchmarks.search import throwaway_postgres
from stack.importing import import_films
from subgraphs.catalog.app import create_app
from subgraphs.catalog.config import Settings
from subgraphs.shared.clock import system_clock
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.postgres import upgrade_databases

_MIGRATIONS = Path(__file__).parent.parent / "subgraphs" / "catalog" / "migrations"
_WALL_BAR_MS = 100


@dataclass(frozen=True)
class Statement:
    """A statement as it was sent to the driver."""

    sql: str
    parameters: tuple[Any, ...]


@dataclass(frozen=True)
class Sample:
    """What one request took, in milliseconds, and its slowest statement."""

    request: Request
    wall_ms: float
    cpu_ms: float
    statement: Statement | None


@dataclass(frozen=True)
class Plan:
    """What EXPLAIN says of a statement: blocks of 8 KB that it read, from memory or not."""

    blocks: int
    milliseconds: float
    text: str


def settings_for(url: str, database: str) -> Settings:
    """Return the settings of a catalog without the other stores."""
    return Settings(
        database_url=url,
        catalog_database=database,
        mongodb_url="mongodb://127.0.0.1:1/",
        redis_url="redis://127.0.0.1:1/0",
        viewer_context_key="k" * 32,
        media_signing_key="m" * 32,
        store_timeout_seconds=60,
    )


class _Recorder:
    """Notes the statements that SQLAlchemy sends, with their times."""

    def __init__(self) -> None:
        self.sent: list[tuple[float, Statement]] = []
        self._started = 0.0

    @contextmanager
    def listening(self) -> Iterator[None]:
        sa.event.listen(sa.Engine, "before_cursor_execute", self._begin)
        sa.event.listen(sa.Engine, "after_cursor_execute", self._end)
        try:
            yield
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", self._begin)
            sa.event.remove(sa.Engine, "after_cursor_execute", self._end)

    def _begin(self, *_arguments: Any) -> None:
        self._started = time.perf_counter()

    def _end(self, _connection: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        self.sent.append((time.perf_counter() - self._started, Statement(sql, tuple(parameters))))


async def measure(app: SubgraphApp, target: str, requests: Sequence[Request], *, rounds: int) -> list[Sample]:
    """Ask everything in random order, once to warm up and then so many rounds, one request at a time."""
    recorder, samples = _Recorder(), []
    order = [*requests] * rounds
    random.Random("order").shuffle(order)
    watcher = await asyncpg.connect(target)
    with recorder.listening():
        for request in requests:
            await app.execute_as(request.viewer, request.query, variables=request.variables)
        gc.collect()
        gc.freeze()  # as servers do; else the collector would walk through all that the benchmark remembers
        for index, request in enumerate(order):
            if index % 50 == 0:
                rows = await watcher.fetch("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
                backends = [row["pid"] for row in rows]
            recorder.sent.clear()
            cpu, started = _cpu_ms(backends), time.perf_counter()
            answer = await app.execute_as(request.viewer, request.query, variables=request.variables)
            wall_ms, cpu_ms = (time.perf_counter() - started) * 1000, _cpu_ms(backends) - cpu
            if "errors" in answer:
                raise SystemExit(f"{request.label}: {answer['errors']}")
            slowest = max(recorder.sent, key=lambda sent: sent[0], default=(0.0, None))[1]
            samples.append(Sample(request, wall_ms, cpu_ms, slowest))
    await watcher.close()
    return samples


def _cpu_ms(backends: Sequence[int]) -> float:
    """Return the CPU time that this process and the database's processes have had; of those only where /proc tells."""
    total = time.process_time() * 1000
    for pid in backends:
        try:
            total += int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6
        except (OSError, ValueError):
            continue
    return total


def report(samples: Sequence[Sample]) -> None:
    """Print the table by family."""
    by_family: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_family[sample.request.family].append(sample)
    print(f"\n{'family':<28}{'requests':>9}{'wall p50':>10}{'p95':>8}{'p99':>8}{'CPU p50':>10}{'p95':>8}{'p99':>8} ms")
    for family, some in by_family.items():
        wall, cpu = _percentiles([each.wall_ms for each in some]), _percentiles([each.cpu_ms for each in some])
        cells = f"{wall[0]:>10.1f}{wall[1]:>8.1f}{wall[2]:>8.1f}{cpu[0]:>10.1f}{cpu[1]:>8.1f}{cpu[2]:>8.1f}"
        print(f"{family:<28}{len(some):>9}{cells}{'' if cpu[1] < _WALL_BAR_MS else '  over the bar'}")


def _percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    cuts = quantiles(values, n=100, method="inclusive") if len(values) > 1 else [values[0]] * 99
    return cuts[49], cuts[94], cuts[98]


def report_slowest(samples: Sequence[Sample], count: int) -> None:
    """Print the requests that take most CPU time."""
    by_request: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in samples:
        by_request[each.request.family, each.request.label].append(each.cpu_ms)
    print("\nmost CPU time, median ms")
    for (family, label), times in sorted(by_request.items(), key=lambda item: -median(item[1]))[:count]:
        print(f"{median(times):>8.1f}  {family}: {label}")


async def record_plans(target: str, samples: Sequence[Sample], folder: Path) -> None:
    """Write the plan of the slowest request of each family; print what it reads, and what pages read by depth."""
    connection = await asyncpg.connect(target, server_settings={"jit": "off", "enable_seqscan": "off"})
    print(f"\n{'slowest of each family':<28}{'blocks':>9}{'ms':>8}  request")
    slowest: dict[str, Sample] = {}
    for sample in samples:
        known = slowest.get(sample.request.family)
        if sample.statement is not None and (known is None or sample.cpu_ms > known.cpu_ms):
            slowest[sample.request.family] = sample
    for family, sample in slowest.items():
        assert sample.statement is not None
        plan = await explain(connection, sample.statement)
        name = re.sub(r"\W+", "-", family.lower()).strip("-")
        heading = f"{family}: {sample.request.label}\n\n{sample.statement.sql}\n\n{sample.statement.parameters}\n\n"
        (folder / f"{name}.txt").write_text(f"{heading}{plan.text}\n", encoding="utf-8")
        print(f"{family:<28}{plan.blocks:>9}{plan.milliseconds:>8.1f}  {sample.request.label}")
    await _report_depths(connection, samples)
    await connection.close()


async def _report_depths(connection: asyncpg.Connection, samples: Sequence[Sample]) -> None:
    wanted: dict[tuple[str, str], dict[str, Statement]] = defaultdict(dict)
    for sample in samples:
        if sample.request.family.startswith("list by") and sample.statement is not None:
            name = sample.request.label.split(", page")[0]
            wanted[sample.request.family, name][sample.request.depth] = sample.statement
    depths = list(next(iter(wanted.values()), {}))
    depths.sort(key=lambda depth: (depth == "last", int(depth) if depth.isdigit() else 0))
    print(f"\n{'blocks of a page, by depth':<52}{''.join(f'{depth:>8}' for depth in depths)}")
    for (family, name), statements in wanted.items():
        blocks = [(await explain(connection, statements[depth])).blocks for depth in depths if depth in statements]
        print(f"{f'{family}: {name}':<52}{''.join(f'{each:>8}' for each in blocks)}")


async def explain(connection: asyncpg.Connection, statement: Statement) -> Plan:
    """Return what PostgreSQL did for the statement."""
    options = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"
    [[row]] = await connection.fetch(f"{options} {statement.sql}", *statement.parameters)
    found = orjson.loads(row)[0]
    blocks = found["Plan"]["Shared Hit Blocks"] + found["Plan"]["Shared Read Blocks"]
    lines = await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {statement.sql}", *statement.parameters)
    return Plan(blocks, found["Execution Time"], "\n".join(executed(line[0] for line in lines)))


def executed(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a plan but for those of nodes that did not run."""
    skipped: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if skipped is not None and indent > skipped:
            continue
        skipped = indent if "(never executed)" in line else None
        if skipped is None:
            yield line


async def _run(url: str, database: str, options: argparse.Namespace, now: datetime | None) -> None:
    target = f"{url}/{database}"
    clock = system_clock if now is None else lambda: now
    requests = await requests_for(target, now=clock())
    app = create_app(settings_for(url, database), clock=clock)
    async with app.running():
        samples = await measure(app, target, requests, rounds=options.rounds)
    report(samples)
    report_slowest(samples, options.slowest)
    await record_plans(target, samples, options.plans)
    print(f"\nplans: {options.plans}")


def _fill(url: str, options: argparse.Namespace) -> None:
    upgrade_databases(url, {"catalog": _MIGRATIONS})
    started = time.perf_counter()
    if options.films is None:
        load(url, options.titles, said=lambda what: print(f"{time.perf_counter() - started:.0f} s: {what}", flush=True))
        return
    settings = settings_for(url, "catalog")
    report = asyncio.run(import_films(options.films, settings=settings, progress=lambda _share, _report: None))
    print(f"{report.inserted:,} films imported in {time.perf_counter() - started:.1f} s")


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catalog_scale", description=__doc__)
    parser.add_argument("--titles", type=int, default=1_000_000, help="how many titles are generated")
    parser.add_argument("--films", type=Path, help="films to import instead, as for `reelgraph import`")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slowest", type=int, default=12, help="how many of the slowest requests are printed")
    parser.add_argument("--plans", type=Path, help="where plans are written; a new folder unless given")
    parser.add_argument("--server", help="URL of a server that is loaded already, instead of a throw-away one")
    parser.add_argument("--database", default="catalog", help="its database")
    parser.add_argument("--keep", action="store_true", help="leave the throw-away server running until Ctrl-C")
    options = parser.parse_args()
    options.plans = options.plans or Path(tempfile.mkdtemp(prefix="reelgraph-plans-"))
    options.plans.mkdir(parents=True, exist_ok=True)
    now = None if options.films else NOW
    if options.server:
        asyncio.run(_run(options.server, options.database, options, now))
        return
    with throwaway_postgres() as url:
        _fill(url, options)
        asyncio.run(_run(url, "catalog", options, now))
        if options.keep:
            print(f"still running: {url}")
            while True:
                time.sleep(3600)


if __name__ == "__main__":
    main()
