"""Importing films from a file into the catalogue, in batches, with progress."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

from subgraphs.catalog.config import Settings
from subgraphs.catalog.service.importing import BadRow, read_films
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.writing import finish_bulk_load, store_titles
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.postgres import Database

_BATCH = 1000
_LONGEST_LINE_BYTES = 1_000_000
_STATEMENT_TIMEOUT_SECONDS = 60.0
_GZIP_MAGIC = b"\x1f\x8b"


class ImportProblem(Exception):  # noqa: N818  # it is no fault of the program
    """The file cannot be read at all; what was stored before stays stored."""


@dataclass
class ImportReport:
    """What became of the rows of a file."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were read; empty lines do not count."""
        return self.inserted + self.updated + self.unchanged + len(self.bad)


Progress = Callable[[float, ImportReport], None]
"""Told after each batch: which share of the file is read, from 0 to 1, and the report so far."""


async def import_films(
    path: Path, *, settings: Settings, progress: Progress, clock: Clock = system_clock
) -> ImportReport:
    """Store the films of a file of JSON lines, gzip or not, and return what became of them.

    Each batch is one transaction, so a run that was cut short can simply be repeated: films that are known and
    unchanged are left alone.

    Raises:
        ImportProblem: The file does not exist, or is not what it seems.
        ServiceUnavailableError: The database does not answer.
    """
    database = Database(
        settings.database_url, settings.catalog_database, pool_size=1, timeout_seconds=_STATEMENT_TIMEOUT_SECONDS
    )
    report = ImportReport()
    now = clock()
    try:
        with _lines_of(path) as (lines, share_read):
            films = read_films(lines, published_at=now)
            while batch := list(islice(films, _BATCH)):
                report.bad += [item for item in batch if isinstance(item, BadRow)]
                async with database.writing() as session:
                    records = [item for item in batch if isinstance(item, TitleRecord)]
                    stored = await store_titles(session, records, now=now)
                report.inserted += stored.inserted
                report.updated += stored.updated
                report.unchanged += stored.unchanged
                progress(share_read(), report)
        if report.inserted or report.updated:
            async with database.writing() as session:
                await finish_bulk_load(session)
    except (OSError, EOFError) as error:
        raise ImportProblem(f"{path} cannot be read: {error}") from error
    finally:
        await database.close()
    progress(1.0, report)
    return report


@contextmanager
def _lines_of(path: Path) -> Iterator[tuple[Iterator[bytes], Callable[[], float]]]:
    """Give the lines of a file and what tells which share of it is read."""
    with path.open("rb") as raw:
        size = max(1, path.stat().st_size)
        packed = raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        if not packed:
            yield _bounded_lines(raw), lambda: raw.tell() / size
            return
        with gzip.GzipFile(fileobj=raw) as unpacked:
            yield _bounded_lines(unpacked), lambda: raw.tell() / size


def _bounded_lines(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """Yield the lines; of one beyond a megabyte only its beginning, which is no JSON and so gets reported."""
    while line := file.readline(_LONGEST_LINE_BYTES):
        yield line
        while len(line) == _LONGEST_LINE_BYTES and not line.endswith(b"\n"):
            line = file.readline(_LONGEST_LINE_BYTES)
