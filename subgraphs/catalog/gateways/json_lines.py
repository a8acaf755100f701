"""A catalogue as JSON lines: a row in each, and `{"end": 1234}` in the last one, with how many rows there are.

Without that last line nobody could tell a file that was cut off between two lines from one that is whole.
"""

import asyncio
from pathlib import Path
from urllib.parse import unquote, urlsplit

import orjson

from subgraphs.catalog.config import CatalogueSource
from subgraphs.catalog.errors import CatalogueUnavailableError
from subgraphs.catalog.gateways.catalogues import MOST_BYTES, MOST_ROWS, Row


class JsonLinesCatalogue:
    """An `ExternalCatalogue` at a `file:`, `http:` or `https:` address; see the port."""

    def __init__(self, source: CatalogueSource) -> None:
        self._source = source

    async def rows(self) -> list[Row]:
        """Return every row; see the port."""
        return await asyncio.to_thread(read_rows, await self._content())

    async def _content(self) -> bytes:
        address = urlsplit(self._source.url)
        if address.scheme == "file":
            return await asyncio.to_thread(_read_file, Path(unquote(address.path)))
        from subgraphs.catalog.gateways.calls import PartnerCalls  # the HTTP client: files need none

        async with PartnerCalls(self._source.token.get_secret_value()) as calls:
            return await calls.read(self._source.url)


def read_rows(content: bytes) -> list[Row]:
    """Return the rows of a whole file.

    Raises:
        CatalogueUnavailableError: It is not whole, or not what it should be.
    """
    lines = [line for line in content.splitlines() if line.strip()]
    rows: list[Row] = []
    for number, line in enumerate(lines, start=1):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise CatalogueUnavailableError(f"Line {number} is not JSON.") from error
        if not isinstance(row, dict):
            raise CatalogueUnavailableError(f"Line {number} is not a JSON object.")
        rows.append(row)
    if not rows or rows.pop() != {"end": len(rows)}:
        raise CatalogueUnavailableError("The last line does not say that the file is whole.")
    if len(rows) > MOST_ROWS:
        raise CatalogueUnavailableError(f"There are more than {MOST_ROWS} rows.")
    return rows


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CatalogueUnavailableError(f"The file cannot be read: {type(error).__name__}.") from error
    if len(content) > MOST_BYTES:
        raise CatalogueUnavailableError("The catalogue is larger than may be read.")
    return content
