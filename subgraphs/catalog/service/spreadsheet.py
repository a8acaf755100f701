"""Films as CSV, as a spreadsheet saves them: one film in a row, the first row names the columns, in any order.

`id` and `title` must be there; lists have bars between their entries (`Drama|Romance`). A film is known again by its
`id`, the source's own or ours (columns says what each means). A column that is not known refuses the file, because a
misspelt one would be lost in silence.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from subgraphs.catalog.service.columns import (
    COLUMNS,
    ColumnAmendment,
    Columns,
    WithVideoFile,
    checked_columns,
    columns_of,
    film_of_columns,
    naming_video,
)
from subgraphs.catalog.service.importing import UNREADABLE, BadRow, ImportFileError, RowError
from subgraphs.catalog.service.records import TitleRecord

_SOURCE = "csv"
_REQUIRED = ("id", "title")
_FORMULA = re.compile(r"'?[=+\-@]")
"""How a cell begins that spreadsheets would compute. We put an apostrophe before it, and take one away again."""


class SpreadsheetFormatError(ImportFileError):
    """The file's first row does not name the columns."""


def read_spreadsheet(
    lines: Iterable[bytes], *, published_at: datetime, source: str = _SOURCE
) -> Iterator[TitleRecord | ColumnAmendment | WithVideoFile | BadRow]:
    """Yield for each row that is not empty a film's record, what it amends, or what is wrong with it. `source` keeps
    ids of one partner apart from those of another.

    Raises:
        SpreadsheetFormatError: A column is not known, comes twice, or is missing.
    """
    texts = (line.decode("utf-8", "surrogateescape").removeprefix("\ufeff") for line in lines)
    reader = csv.reader(texts, strict=True)
    try:
        columns = _columns(next(reader, []))
    except csv.Error as error:
        raise SpreadsheetFormatError(f"It is not CSV: {error}.") from error
    seen: set[str] = set()
    while True:
        cells: list[str] | None = None
        try:
            cells = next(reader, None)
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                row = _row(columns, cells)
                line = reader.line_num
                film = film_of_columns(row, line=line, source=source, seen=seen, published_at=published_at)
                yield naming_video(film, row, line=line)
        except csv.Error as error:
            yield BadRow(reader.line_num, f"It is not CSV: {error}.", UNREADABLE)
        except RowError as error:
            yield BadRow(reader.line_num, str(error), error.code, _key(columns, cells or []))


def spreadsheet_head() -> bytes:
    """Return the first row of a file that we write."""
    return _line(COLUMNS)


def spreadsheet_row(record: TitleRecord) -> bytes:
    """Return a title as a row."""
    columns = columns_of(record)
    return _line([columns[name] for name in COLUMNS])


def _line(cells: Iterable[str]) -> bytes:
    output = io.StringIO()
    csv.writer(output).writerow([f"'{cell}" if _FORMULA.match(cell) else cell for cell in cells])
    return output.getvalue().encode()


def _key(columns: list[str], cells: list[str]) -> str | None:
    """Return the row's id as far as it can be shown."""
    place = columns.index("id")
    key = cells[place].strip() if place < len(cells) else ""
    return key[:100] if key.isprintable() and key else None


def _columns(cells: list[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in cells]
    unknown = sorted(set(columns) - set(COLUMNS))
    missing = [name for name in _REQUIRED if name not in columns]
    if unknown or missing or len(set(columns)) < len(columns):
        raise SpreadsheetFormatError(
            f"The first row must name each column once. Not known: {', '.join(unknown) or 'none'}; "
            f"missing: {', '.join(missing) or 'none'}; there are {', '.join(sorted(COLUMNS))}."
        )
    return columns


def _row(columns: list[str], cells: list[str]) -> Columns:
    if len(cells) != len(columns):
        raise RowError(f"It has {len(cells)} cells for {len(columns)} columns.")
    plain = (cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell for cell in cells)
    return checked_columns(dict(zip(columns, plain, strict=True)))
