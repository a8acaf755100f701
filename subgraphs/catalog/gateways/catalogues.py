"""The port to catalogues of others, what every adapter promises, and which class a configured adapter is."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Protocol

from subgraphs.catalog.config import CatalogueSource
from subgraphs.catalog.errors import CatalogueUnavailableError

MOST_BYTES = 32 * 1024 * 1024
"""What is read of one catalogue, all of its pages together."""
MOST_ROWS = 50_000

Row = Mapping[str, object]
"""One title in a catalogue, in our words. Whoever reads it checks it.

id              what the catalogue calls it; needed, and each once
name            needed
source          whose it is: a name, or a legacy code 1, 2, 3; the catalogue's own name unless given
language        BCP 47
cost            {"amountMinor": 14900, "currency": "INR"}
deepLink        where it can be watched, http or https
maturityRating  one of ours; unrated without one
externalIds     {"imdb": "tt0054215"}: what others call it
"""


class ExternalCatalogue(Protocol):
    """Reads one catalogue of somebody else. An adapter is made with its configuration and asked again and again."""

    async def rows(self) -> list[Row]:
        """Return every title of the catalogue, and never a part of them: who is missing is taken for gone.

        Raises:
            CatalogueUnavailableError: It did not answer, not with what was agreed, or not to the end.
        """
        ...


_ADAPTERS = {
    "jsonl": "subgraphs.catalog.gateways.json_lines:JsonLinesCatalogue",
    "pages": "subgraphs.catalog.gateways.pages:PagedCatalogue",
}


def adapter_of(source: CatalogueSource) -> ExternalCatalogue:
    """Return the adapter that the configuration names: one of ours, or any class as `package.module:Class`.

    Raises:
        CatalogueUnavailableError: There is no such class.
    """
    module, _, name = _ADAPTERS.get(source.adapter, source.adapter).partition(":")
    try:
        made: Callable[[CatalogueSource], ExternalCatalogue] = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise CatalogueUnavailableError(f"There is no adapter '{source.adapter}'.") from error
    return made(source)
