"""Importing films from a file into the catalogue, in batches, with progress. The same from GraphQL is a job of the
worker."""

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from subgraphs.catalog.config import Settings
from subgraphs.catalog.models import ImportFormat
from subgraphs.catalog.service.import_files import format_of, open_rows
from subgraphs.catalog.service.importing import BadRow, ImportFileError
from subgraphs.catalog.service.taking import Taken, compare_rows, take_rows
from subgraphs.catalog.service.writing import finish_bulk_load
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.postgres import Database

_BATCH = 1000
_STATEMENT_TIMEOUT_SECONDS = 60.0


class ImportProblem(Exception):  # noqa: N818  # it is no fault of the program
    """The file cannot be read, or not to its end; nothing was stored."""


@dataclass
class ImportReport:
    """What became of the rows of a file; titles that editors took over count as unchanged.

    After an import, `records` has the digest of every row that was taken, by its title's id, and `differing` are the
    titles that the catalogue has otherwise than they came; None where nothing was stored.
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

    def add(self, taken: Taken) -> None:
        """Count a batch."""
        self.inserted += taken.inserted
        self.updated += taken.updated
        self.unchanged += taken.unchanged + taken.kept
        self.bad += taken.bad


Progress = Callable[[float, ImportReport], None]
"""Told after each batch: which share of the file is read, from 0 to 1, and the report so far."""


async def import_films(
    path: Path, *, settings: Settings, progress: Progress, clock: Clock = system_clock, dry_run: bool = False
) -> ImportReport:
    """Store the titles of a file and return what became of them: JSON lines, CSV or MRSS, gzip or not, or the SQLite
    catalogue of Cinema Online. A dry run stores nothing and says what would become of them.

    The file is read through before anything is stored. Each batch is one transaction, so a run that was cut short can
    simply be repeated: films that are known and unchanged are left alone, and so are those that editors took over.

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
        file_format = format_of(path)
        with open_rows(path, file_format, published_at=now) as (rows, _share_read):
            deque(rows, maxlen=0)
        with open_rows(path, file_format, published_at=now) as (rows, share_read):
            while batch := list(islice(rows, _BATCH)):
                async with database.writing() as session:
                    report.add(await take_rows(session, batch, now=now, dry_run=dry_run))
                progress(share_read(), report)
        if not dry_run:
            await _finish(database, path, file_format, report, now=now)
    except (OSError, ImportFileError) as error:
        raise ImportProblem(f"{path} cannot be read: {error}") from error
    finally:
        await database.close()
    progress(1.0, report)
    return report


async def _finish(
    database: Database, path: Path, file_format: ImportFormat, report: ImportReport, *, now: datetime
) -> None:
    """Let the database know its new sizes, and compare what it has with the file, which is read once more."""
    differing: list[UUID] = []
    async with database.writing() as session:
        if report.inserted or report.updated:
            await finish_bulk_load(session)
    with open_rows(path, file_format, published_at=now) as (rows, _share_read):
        while batch := list(islice(rows, _BATCH)):
            async with database.writing() as session:
                for own, said, stored in await compare_rows(session, batch):
                    report.records[own] = said
                    if said != stored:
                        differing.append(own)
    report.differing = differing
