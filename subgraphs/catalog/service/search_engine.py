"""The port to the index of search, and its adapter for PostgreSQL. Another index is another class of this shape."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import UUID

from subgraphs.catalog.repository import search, search_counts
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.search import MOST_CANDIDATES, Hit, SearchTerms
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service import searching
from subgraphs.catalog.service.searching import Found, SearchPlace
from subgraphs.catalog.service.words import spellings
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.postgres import Database, ReadSession

MOST_VALUES = 20
"""Values of one facet: the most frequent ones."""
_MOST_COMPLETIONS = 300
"""How many documents PostgreSQL scores for suggestions, which are asked for with every letter."""


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many titles of a search have a value; facets are named as fields of TitleFilter."""

    facet: str
    value: str
    count: int


class SearchEngine(Protocol):
    """What finds titles, people and collections.

    Whoever implements it keeps to this; tests/subgraphs/catalog/test_search_contract.py holds every engine to it:

    * What the audience may not see is neither given nor counted, however old the index is: the database decides.
    * A score lies between 0 and 1; that of a name equal to the query is above 0.9. Hits come by score and then by id,
      both descending, and a page goes on behind its place: what is stored meanwhile neither repeats nor hides a hit.
    * An engine may score the likeliest thousands of hits only, so a list of very many may end before its last one.
    * The words of a query may stand in names, people and genres; all must. Only where nothing has them all, words one
      typo away are taken, and words that sound alike (`searching.find`).
    * Every method raises ServiceUnavailableError, in bounded time, when the index does not answer or answers nonsense.
    """

    async def find(
        self, query: str, criteria: TitleCriteria, *, audience: Audience, limit: int, after: SearchPlace | None
    ) -> Found:
        """Return at most `limit` hits that follow the place, the best first.

        Raises:
            EmptyQueryError: The query holds no letter and no digit.
            InvalidCursorError: The place is of no list of this engine.
        """
        ...

    async def complete(self, prefix: str, *, audience: Audience, limit: int) -> Found:
        """Return at most `limit` hits whose words go on from the prefix; no typo is forgiven.

        Raises:
            EmptyQueryError: The prefix holds no letter and no digit.
        """
        ...

    async def count(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> int:
        """Return how many hits there are on all pages of what was found, at most MOST_COUNTED."""
        ...

    async def facets(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> Sequence[FacetCount]:
        """Return the most frequent values of each facet among all titles found, or MOST_COUNTED of them, the most
        frequent first."""
        ...


class DatabaseCounts:
    """The numbers of a search, by the terms that found its hits: the database's for every engine, because only what the
    audience may see is counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> int:
        """See SearchEngine."""
        async with self._database.reading() as session:
            return await search_counts.count_hits(session, found.terms, criteria, audience=audience)

    async def facets(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> Sequence[FacetCount]:
        """See SearchEngine."""
        async with self._database.reading() as session:
            counts = await search_counts.count_facets(session, found.terms, criteria, audience=audience)
        kept: dict[str, list[FacetCount]] = {}
        for facet, value, count in counts:
            values = kept.setdefault(facet, [])
            if len(values) < MOST_VALUES:
                values.append(FacetCount(facet, value, count))
        return [each for values in kept.values() for each in values]


class PostgresSearch(DatabaseCounts):
    """Search over the catalog's own tables: what is published can be found at once."""

    name = "postgresql"

    async def find(
        self, query: str, criteria: TitleCriteria, *, audience: Audience, limit: int, after: SearchPlace | None
    ) -> Found:
        """See SearchEngine; takes one statement when documents have all words, else up to four."""
        async with self._database.reading() as session:
            lookup = _PostgresLookup(session, criteria, audience)
            return await searching.find(lookup, query, limit=limit, after=after)

    async def complete(self, prefix: str, *, audience: Audience, limit: int) -> Found:
        """See SearchEngine; takes one statement."""
        async with self._database.reading() as session:
            lookup = _PostgresLookup(session, TitleCriteria(), audience, most_candidates=_MOST_COMPLETIONS)
            return await searching.complete(lookup, prefix, limit=limit)


@dataclass(frozen=True, slots=True)
class _PostgresLookup:
    session: ReadSession
    criteria: TitleCriteria
    audience: Audience
    most_candidates: int = MOST_CANDIDATES
    engine: str = PostgresSearch.name

    async def hits(self, terms: SearchTerms, *, limit: int, after: tuple[float, UUID] | None) -> list[Hit]:
        return await search.hits(
            self.session,
            terms,
            self.criteria,
            audience=self.audience,
            limit=limit,
            after=after,
            most_candidates=self.most_candidates,
        )

    async def words_near(self, words: Collection[str]) -> Mapping[str, Collection[str]]:
        return await search.words_sharing(self.session, {word: spellings(word) for word in words})


class SearchWithStandIn:
    """An engine for which another one stands in while it does not answer. What that one finds is marked degraded.

    A list is gone on with by the engine that began it: their scores are not the same. Where that one does not answer,
    what follows raises ServiceUnavailableError.
    """

    def __init__(self, engine: SearchEngine, *, stand_in: PostgresSearch) -> None:
        self._engine = engine
        self._stand_in = stand_in

    async def find(
        self, query: str, criteria: TitleCriteria, *, audience: Audience, limit: int, after: SearchPlace | None
    ) -> Found:
        """See SearchEngine."""
        if after is None or after.engine != self._stand_in.name:
            try:
                return await self._engine.find(query, criteria, audience=audience, limit=limit, after=after)
            except ServiceUnavailableError:
                if after is not None:
                    raise
        found = await self._stand_in.find(query, criteria, audience=audience, limit=limit, after=after)
        return replace(found, is_degraded=True)

    async def complete(self, prefix: str, *, audience: Audience, limit: int) -> Found:
        """See SearchEngine."""
        try:
            return await self._engine.complete(prefix, audience=audience, limit=limit)
        except ServiceUnavailableError:
            found = await self._stand_in.complete(prefix, audience=audience, limit=limit)
            return replace(found, is_degraded=True)

    async def count(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> int:
        """See SearchEngine."""
        return await self._counting(found).count(found, criteria, audience=audience)

    async def facets(self, found: Found, criteria: TitleCriteria, *, audience: Audience) -> Sequence[FacetCount]:
        """See SearchEngine."""
        return await self._counting(found).facets(found, criteria, audience=audience)

    def _counting(self, found: Found) -> SearchEngine:
        return self._stand_in if found.is_degraded else self._engine
