"""A catalogue behind an HTTP API that answers page by page.

A page is `{"total": 1234, "items": [row…], "next": "/titles?page=2"}`; `next` is null on the last one. All pages name
the same total, and the catalogue is whole when as many rows came.
"""

from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import orjson

from subgraphs.catalog.config import CatalogueSource
from subgraphs.catalog.errors import CatalogueUnavailableError
from subgraphs.catalog.gateways.calls import PartnerCalls
from subgraphs.catalog.gateways.catalogues import MOST_ROWS, Row


class PagedCatalogue:
    """An `ExternalCatalogue` whose address is that of its first page; see the port."""

    def __init__(self, source: CatalogueSource) -> None:
        self._source = source

    async def rows(self) -> list[Row]:
        """Return every row; see the port."""
        rows: list[Row] = []
        totals: set[int] = set()
        url: str | None = self._source.url
        seen: set[str] = set()
        async with PartnerCalls(self._source.token.get_secret_value()) as calls:
            while url is not None:
                if url in seen:
                    raise CatalogueUnavailableError("The pages go in a circle.")
                seen.add(url)
                items, total, following = _page(await calls.read(url))
                rows += items
                totals.add(total)
                if len(totals) > 1:
                    raise CatalogueUnavailableError("The catalogue changed while it was read.")
                if total > MOST_ROWS or len(rows) > total or (following is None and len(rows) < total):
                    raise CatalogueUnavailableError(f"{len(rows)} rows came of {total}.")
                if following is not None and not items:
                    raise CatalogueUnavailableError("A page before the last one is empty.")
                url = None if following is None else self._next(url, following)
        return rows

    def _next(self, url: str, following: str) -> str:
        """Return the address of the next page. It stays with the partner, who else could make us call anybody."""
        try:
            address = urljoin(url, following)
            if _origin(urlsplit(address)) == _origin(urlsplit(self._source.url)):
                return address
        except ValueError:  # brackets or a port that are none
            pass
        raise CatalogueUnavailableError("The next page is somewhere else.")


def _origin(address: SplitResult) -> tuple[str, str | None, int | None]:
    return (address.scheme, address.hostname, address.port)


def _page(content: bytes) -> tuple[list[Row], int, str | None]:
    """Return the rows of a page, how many there are on all pages, and where the next one is."""
    try:
        page: Any = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise CatalogueUnavailableError("A page is not JSON.") from error
    items, total, following = (
        (page.get("items"), page.get("total"), page.get("next")) if isinstance(page, dict) else (None, None, None)
    )
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise CatalogueUnavailableError("A page has no list of rows.")
    if not isinstance(total, int) or isinstance(total, bool) or not isinstance(following, str | None):
        raise CatalogueUnavailableError("A page does not say how many rows there are, or where it goes on.")
    return items, total, following
