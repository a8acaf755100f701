"""The port to the index of search, and its adapter for PostgreSQL. Another index is another class of this shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from subgraphs.catalog.repository import search
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service import searching
from subgraphs.catalog.service.searching import Found, SearchPlace
from subgraphs.shared.postgres import Database

MOST_VALUES = 20
"""Values of one facet: the most frequent ones."""


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many titles of a search have a value; facets are named as fields of TitleFilter."""

    facet: str
    value: str
    count: int


class SearchEngine(Protocol):
    """What finds titles and people. Every method raises ServiceUnavailableError when the index does not answer, and
    counts and gives only what the audience may see."""

    async def find(
        self, query: str, criteria: TitleCriteria, *, audience: Audience, limit: int, after: SearchPlace | None
    ) -> Found:
        """Return at most `limit` hits that follow the place, the best first; EmptyQueryError for no word."""
        ...

    async def complete(self, prefix: str, *, audience: Audience, limit: int) -> Found:
        """Return at most `limit` hits whose words go on from the prefix; no typo is forgiven."""
        ...

    async def count(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> int:
        """Return how many hits there are on all pages of what was found."""
        ...

    async def facets(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> Sequence[FacetCount]:
        """Return the most frequent values of each facet among all titles found, the most frequent first."""
        ...


class PostgresSearch:
    """Search over the catalog's own tables: what is published can be found at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(
        self, query: str, criteria: TitleCriteria, *, audience: Audience, limit: int, after: SearchPlace | None
    ) -> Found:
        """See SearchEngine."""
        async with self._database.reading() as session:
            return await searching.find(session, query, criteria, audience=audience, limit=limit, after=after)

    async def complete(self, prefix: str, *, audience: Audience, limit: int) -> Found:
        """See SearchEngine."""
        async with self._database.reading() as session:
            return await searching.complete(session, prefix, audience=audience, limit=limit)

    async def count(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> int:
        """See SearchEngine."""
        async with self._database.reading() as session:
            return await searching.count(session, found.terms, criteria, audience=audience)

    async def facets(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> Sequence[FacetCount]:
        """See SearchEngine."""
        async with self._database.reading() as session:
            counts = await search.count_facets(session, found.terms, criteria, audience=audience)
        kept: dict[str, list[FacetCount]] = {}
        for facet, value, count in counts:
            values = kept.setdefault(facet, [])
            if len(values) < MOST_VALUES:
                values.append(FacetCount(facet, value, count))
        return [each for values in kept.values() for each in values]
