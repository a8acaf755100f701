"""How long the worker's import of a file takes: `python -m benchmarks.imports FILE`, on a throw-away PostgreSQL.

Counts everything of the job: reading the file through, storing it in batches with events, search documents and the
worker's own place in the file, and comparing afterwards. Then the same file again, when nothing changes.
"""

import argparse
import asyncio
import gc
import resource
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import uvloop

from benchmarks.search import throwaway_postgres
from subgraphs.catalog.repository import imports as statements
from subgraphs.catalog.repository.imports import Import
from subgraphs.catalog.service import imports
from subgraphs.catalog.service.import_files import format_of
from subgraphs.shared.clock import system_clock
from subgraphs.shared.postgres import Database, upgrade_databases

_MIGRATIONS = Path(__file__).parent.parent / "subgraphs" / "catalog" / "migrations"


async def measure(url: str, path: Path, folder: Path) -> None:
    """Import the file twice, and print how long each took."""
    database = Database(url, "catalog", pool_size=1, timeout_seconds=60)
    for turn in ("first", "again"):
        job = Import(
            id=uuid4(),
            created_by=None,
            feed=None,
            file_id=uuid4(),
            format=format_of(path),
            dry_run=False,
            created_at=system_clock(),
            file_digest=None,
        )
        shutil.copy(path, folder / str(job.file_id))
        async with database.writing() as session:
            await statements.insert_import(session, job)
        started, cpu = time.perf_counter(), time.process_time()
        done = await _run(database, job, folder)
        seconds, own = time.perf_counter() - started, time.process_time() - cpu
        counts, comparison = done.counts, done.comparison
        print(
            f"{turn}: {counts.rows_done:,} rows, {counts.inserted:,} new, {counts.unchanged:,} as they were, "
            f"{counts.failed:,} left out, {comparison.matching if comparison else 0:,} match; {seconds:.1f} s, "
            f"{own:.1f} s of them on the worker's CPU"
        )
    await database.close()


async def _run(database: Database, job: Import, folder: Path) -> Import:
    """Do what the worker does, without its news."""
    async with imports.ImportFile(job, folder) as file:
        checked = await asyncio.to_thread(file.check)
        async with database.writing() as session:
            await imports.begin(session, job.id, checked, now=system_clock())
        place = 0
        while rows := await file.read(place, imports.BATCH):
            async with database.writing() as session:
                await imports.store(session, job.id, rows, start=place, now=system_clock())
            place += len(rows)
        comparing, place = imports.Comparing(), 0
        while rows := await file.read(place, imports.BATCH):
            place += len(rows)
            async with database.writing() as session:
                await comparing.add(session, rows)
        async with database.writing() as session:
            await imports.finish(session, job.id, comparing.result(), now=system_clock())
    async with database.reading() as session:
        done = await imports.read_import(session, job.id)
    assert done is not None
    return done


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    with throwaway_postgres() as url, TemporaryDirectory() as folder:
        upgrade_databases(url, {"catalog": _MIGRATIONS})
        # As `reelgraph up` sets a worker up.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        uvloop.run(measure(url, options.file, Path(folder)))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"PostgreSQL, start and migrations included: {used.ru_utime + used.ru_stime:.1f} s of CPU for both")


if __name__ == "__main__":
    main()
