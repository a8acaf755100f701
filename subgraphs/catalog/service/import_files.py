"""A file as rows, whatever its format: packed or not, read as a stream, and bounded."""

import gzip
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from subgraphs.catalog.models import ImportFormat
from subgraphs.catalog.service.columns import ColumnAmendment, WithVideoFile
from subgraphs.catalog.service.exchange import WholeTitle, read_titles
from subgraphs.catalog.service.importing import BadRow, ImportFileError
from subgraphs.catalog.service.legacy import count_films, open_legacy, read_legacy
from subgraphs.catalog.service.mrss import read_mrss
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.spreadsheet import read_spreadsheet

Amendment = ColumnAmendment | WholeTitle
"""What a row says of a title that may be there: `applied_to` gives the title as it is to be."""
Row = TitleRecord | Amendment | WithVideoFile | BadRow
ShareRead = Callable[[], float]
"""Says which share of the file is read, from 0 to 1."""

_LONGEST_LINE_BYTES = 1_000_000
_CHUNK_BYTES = 65_536
_GZIP_MAGIC = b"\x1f\x8b"
_SQLITE_MAGIC = b"SQLite format 3\x00"
_XML_SUFFIXES = frozenset({".xml", ".rss", ".mrss"})


def format_of(path: Path) -> ImportFormat:
    """Return what the file is by its first bytes and its name.

    Raises:
        OSError: It is not there.
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC:
            return ImportFormat.SQLITE_LEGACY
    suffixes = {suffix.lower() for suffix in path.suffixes[-2:]}
    if ".csv" in suffixes:
        return ImportFormat.CSV
    return ImportFormat.MRSS if suffixes & _XML_SUFFIXES else ImportFormat.JSON_LINES


@contextmanager
def open_rows(
    path: Path,
    file_format: ImportFormat,
    *,
    published_at: datetime,
    source: str | None = None,
    most_bytes: int | None = None,
) -> Iterator[tuple[Iterator[Row], ShareRead]]:
    """Give the rows of a file, and what tells how much of it is read. The same file gives the same rows every time.

    Args:
        path: The file.
        file_format: What it is to be.
        published_at: When new titles are published.
        source: Keeps ids of a feed, as CSV or MRSS, apart from those of others; films in JSON lines have none.
        most_bytes: How large it may be when it is unpacked; None for any size.

    Raises:
        ImportFileError: It is not there, is not of the format (FILE_FORMAT), breaks off (FILE_DAMAGED), is too large
            (FILE_TOO_LARGE). The rows raise it, too.
    """
    with _translated():
        if file_format is ImportFormat.SQLITE_LEGACY:
            if not path.is_file():
                raise ImportFileError("The file is not there.", code="FILE_MISSING")
            with closing(open_legacy(path.resolve().as_uri())) as connection:
                rows, share = _legacy_rows(connection, published_at=published_at)
                yield _safely(rows), share
            return
        with path.open("rb") as raw, _unpacked(raw) as file:
            size = max(1, path.stat().st_size)
            yield (
                _safely(_rows(file, file_format, published_at=published_at, source=source, most_bytes=most_bytes)),
                lambda: min(1.0, raw.tell() / size),
            )


def _rows(
    file: IO[bytes] | gzip.GzipFile,
    file_format: ImportFormat,
    *,
    published_at: datetime,
    source: str | None,
    most_bytes: int | None,
) -> Iterator[Row]:
    named = {"source": source} if source else {}
    if file_format is ImportFormat.MRSS:
        chunks = _bounded(iter(lambda: file.read(_CHUNK_BYTES), b""), most_bytes)
        return read_mrss(chunks, published_at=published_at, **named)
    lines = _bounded(_bounded_lines(file), most_bytes)
    if file_format is ImportFormat.CSV:
        return read_spreadsheet(lines, published_at=published_at, **named)
    return read_titles(lines, published_at=published_at)


def _legacy_rows(connection: sqlite3.Connection, *, published_at: datetime) -> tuple[Iterator[Row], ShareRead]:
    total, done = max(1, count_films(connection)), 0

    def counted() -> Iterator[Row]:
        nonlocal done
        for item in read_legacy(connection, published_at=published_at):
            done += isinstance(item, TitleRecord)
            yield item

    return counted(), lambda: min(1.0, done / total)


@contextmanager
def _unpacked(raw: IO[bytes]) -> Iterator[IO[bytes] | gzip.GzipFile]:
    is_packed = raw.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    raw.seek(0)
    if not is_packed:
        yield raw
        return
    with gzip.GzipFile(fileobj=raw) as unpacked:
        yield unpacked


def _bounded_lines(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    """Yield the lines; of one beyond a megabyte only its beginning, which is no JSON and so gets reported."""
    while line := file.readline(_LONGEST_LINE_BYTES):
        yield line
        while len(line) == _LONGEST_LINE_BYTES and not line.endswith(b"\n"):
            line = file.readline(_LONGEST_LINE_BYTES)


def _bounded(pieces: Iterator[bytes], most_bytes: int | None) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if most_bytes is not None and size > most_bytes:
            raise ImportFileError(f"It is larger than {most_bytes:,} bytes when unpacked.", code="FILE_TOO_LARGE")
        yield piece


def _safely(rows: Iterator[Row]) -> Iterator[Row]:
    with _translated():
        yield from rows


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ImportFileError("The file is not there.", code="FILE_MISSING") from error
    except (OSError, EOFError, zlib.error, sqlite3.Error) as error:
        raise ImportFileError(f"The file breaks off: {error}.", code="FILE_DAMAGED") from error
