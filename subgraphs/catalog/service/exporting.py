"""The published titles as a file: JSON lines that leave out nothing but pictures and marks in texts, CSV, or MRSS.
Imported again, none of them changes anything.

Drafts are no part of it: what is exported is what viewers' tables have.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from subgraphs.catalog.models import ImportFormat
from subgraphs.catalog.repository.exporting import published_ids
from subgraphs.catalog.service.exchange import line_of
from subgraphs.catalog.service.mrss import mrss_head, mrss_item, mrss_tail
from subgraphs.catalog.service.spreadsheet import spreadsheet_head, spreadsheet_row
from subgraphs.catalog.service.taking import StoredForm, stored_forms
from subgraphs.shared.postgres import Database

FORMATS = (ImportFormat.JSON_LINES, ImportFormat.CSV, ImportFormat.MRSS)

BATCH = 500


async def export_titles(
    database: Database, file_format: ImportFormat, *, now: datetime, link: str
) -> AsyncIterator[tuple[int, bytes]]:
    """Yield the file piece by piece, each with the number of titles in it.

    Args:
        database: The catalog's.
        file_format: One of `FORMATS`.
        now: What is published later is no part of it.
        link: Where the catalogue can be looked at, for MRSS.
    """
    if file_format not in FORMATS:
        raise ValueError(f"There is no export as {file_format.value}.")
    yield 0, head_of(file_format, link=link)
    after: UUID | None = None
    while True:
        async with database.reading() as session:
            ids = await published_ids(session, now=now, after=after, limit=BATCH)
            stored = await stored_forms(session, ids) if ids else {}
        if not ids:
            break
        after = ids[-1]
        titles = [stored[own] for own in ids if own in stored]
        yield len(titles), b"".join(piece_of(file_format, title) for title in titles)
    yield 0, tail_of(file_format)


def head_of(file_format: ImportFormat, *, link: str) -> bytes:
    """Return what comes before the titles; `link` is where the catalogue can be looked at, for MRSS."""
    if file_format is ImportFormat.MRSS:
        return mrss_head(title="Titles", link=link)
    return spreadsheet_head() if file_format is ImportFormat.CSV else b""


def tail_of(file_format: ImportFormat) -> bytes:
    """Return what comes after the titles."""
    return mrss_tail() if file_format is ImportFormat.MRSS else b""


def piece_of(file_format: ImportFormat, title: StoredForm) -> bytes:
    """Return a title as the file has it."""
    if file_format is ImportFormat.JSON_LINES:
        return line_of(title.record, title.draft)
    return spreadsheet_row(title.record) if file_format is ImportFormat.CSV else mrss_item(title.record)
