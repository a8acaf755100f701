"""Importing films from a file into the catalogue, in batches, with progress."""

import gzip
import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO
from uuid import UUID

from subgraphs.catalog.config import Settings
from subgraphs.catalog.service.importing import BadRow, read_films
from subgraphs.catalog.service.legacy import LegacyFormatError, count_films, open_legacy, read_legacy
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.spreadsheet import SpreadsheetFormatError, read_spreadsheet
from subgraphs.catalog.service.writing import (
    StoreReport,
    differing_titles,
    finish_bulk_load,
    preview_titles,
    store_titles,
)
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.postgres import Database

_BATCH = 1000
_LONGEST_LINE_BYTES = 1_000_000
_STATEMENT_TIMEOUT_SECONDS = 60.0
_GZIP_MAGIC = b"\x1f\x8b"
_SQLITE_MAGIC = b"SQLite format 3\x00"


class ImportProblem(Exception):  # noqa: N818  # it is no fault of the program
    """The file cannot be read at all; what was stored before stays stored."""


@dataclass
class ImportReport:
    """What became of the rows of a file.

    `records` holds the digest of every record that was taken, by its title's id. `differing` are the titles that the
    catalogue then has otherwise than they came; None where nothing was stored.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    bad: list[BadRow] = field(default_factory=list)
    records: dict[UUID, str] = field(default_factory=dict)
    differing: list[UUID] | None = None

    @property
    def rows(self) -> int:
        """How many rows were read; empty lines do not count."""
        return self.inserted + self.updated + self.unchanged + len(self.bad)

    @property
    def checksum(self) -> str:
        """Sixteen letters that are the same for the same records, in any order."""
        pairs = sorted(f"{own}:{digest}" for own, digest in self.records.items())
        return hashlib.blake2b("\n".join(pairs).encode(), digest_size=8).hexdigest()

    def add(self, records: list[TitleRecord], stored: StoreReport) -> None:
        """Count a batch."""
        self.records.update((record.id, record.digest) for record in records)
        self.inserted += stored.inserted
        self.updated += stored.updated
        self.unchanged += stored.unchanged


Progress = Callable[[float, ImportReport], None]
"""Told after each batch: which share of the file is read, from 0 to 1, and the report so far."""

_Films = Iterator[TitleRecord | BadRow]


async def import_films(
    path: Path, *, settings: Settings, progress: Progress, clock: Clock = system_clock, dry_run: bool = False
) -> ImportReport:
    """Store the films of a file and return what became of them: JSON lines or CSV, gzip or not, or the SQLite
    catalogue of Cinema Online. A dry run stores nothing and says what would become of them.

    Each batch is one transaction, so a run that was cut short can simply be repeated: films that are known and
    unchanged are left alone, and so are those that editors took over.

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
        with _films_of(path, clock=clock) as (films, share_read):
            while batch := list(islice(films, _BATCH)):
                report.bad += [item for item in batch if isinstance(item, BadRow)]
                records = [item for item in batch if isinstance(item, TitleRecord)]
                async with database.writing() as session:
                    if dry_run:
                        report.add(records, await preview_titles(session, records))
                    else:
                        report.add(records, await store_titles(session, records, now=now))
                progress(share_read(), report)
        if not dry_run:
            await _finish(database, report)
    except (OSError, EOFError, LegacyFormatError, SpreadsheetFormatError, sqlite3.Error) as error:
        raise ImportProblem(f"{path} cannot be read: {error}") from error
    finally:
        await database.close()
    progress(1.0, report)
    return report


async def _finish(database: Database, report: ImportReport) -> None:
    """Let the database know its new sizes, and compare what it has with what was read."""
    own, differing = list(report.records), []
    async with database.writing() as session:
        if report.inserted or report.updated:
            await finish_bulk_load(session)
        for start in range(0, len(own), _BATCH):
            part = {each: report.records[each] for each in own[start : start + _BATCH]}
            differing += await differing_titles(session, part)
    report.differing = differing


@contextmanager
def _films_of(path: Path, *, clock: Clock) -> Iterator[tuple[_Films, Callable[[], float]]]:
    """Give the films of a file, whatever its format, and what tells which share of it is read."""
    with path.open("rb") as file:
        is_legacy = file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    if not is_legacy:
        read = read_spreadsheet if ".csv" in path.suffixes[-2:] else read_films
        with _lines_of(path) as (lines, share_read):
            yield read(lines, published_at=clock()), share_read
        return
    with closing(open_legacy(path.resolve().as_uri())) as connection:
        total, done = max(1, count_films(connection)), 0

        def counted() -> _Films:
            nonlocal done
            for item in read_legacy(connection, published_at=clock()):
                done += isinstance(item, TitleRecord)
                yield item

        yield counted(), lambda: min(1.0, done / total)


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
