"""Exporting the published titles into a file."""

import gzip
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from subgraphs.catalog.config import Settings
from subgraphs.catalog.models import ImportFormat
from subgraphs.catalog.service.exporting import export_titles
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.postgres import Database

_STATEMENT_TIMEOUT_SECONDS = 60.0
_FORMATS = {
    ".jsonl": ImportFormat.JSON_LINES,
    ".csv": ImportFormat.CSV,
    ".mrss": ImportFormat.MRSS,
    ".rss": ImportFormat.MRSS,
    ".xml": ImportFormat.MRSS,
}


class ExportProblem(Exception):  # noqa: N818  # it is no fault of the program
    """The file cannot be written; one of its name is as it was."""


async def export_films(
    path: Path, *, settings: Settings, progress: Callable[[int], None], clock: Clock = system_clock
) -> int:
    """Write the published titles and return how many. The name says what it is: .jsonl, .csv, .mrss, each also .gz.

    Raises:
        ExportProblem: The name says nothing, or the file cannot be written.
        ServiceUnavailableError: The database does not answer.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    plain = suffixes[:-1] if suffixes[-1:] == [".gz"] else suffixes
    file_format = _FORMATS.get(plain[-1]) if plain else None
    if file_format is None:
        raise ExportProblem(f"{path} ends in none of {', '.join(_FORMATS)}.")
    database = Database(
        settings.database_url, settings.catalog_database, pool_size=1, timeout_seconds=_STATEMENT_TIMEOUT_SECONDS
    )
    count = 0
    try:
        with _written(path, packed=plain != suffixes) as file:
            async for titles, piece in export_titles(database, file_format, now=clock(), link=settings.public_url):
                file.write(piece)
                count += titles
                progress(count)
    except OSError as error:
        raise ExportProblem(f"{path} cannot be written: {error}") from error
    finally:
        await database.close()
    return count


@contextmanager
def _written(path: Path, *, packed: bool) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Give a file that gets the name when it is complete."""
    partial = path.with_name(f".{path.name}.part")
    try:
        with partial.open("wb") as raw:
            if packed:
                with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as file:
                    yield file
            else:
                yield raw
        os.replace(partial, path)  # noqa: PTH105  # the atomic one
    finally:
        partial.unlink(missing_ok=True)
