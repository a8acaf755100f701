"""Search in an OpenSearch or Elasticsearch: it finds candidates by their words, the database says who may see them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from subgraphs.catalog.gateways import search_index
from subgraphs.catalog.gateways.search_cluster import ClusterUnavailableError, SearchCluster
from subgraphs.catalog.repository import search_visible
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.search import Hit, SearchTerms
from subgraphs.catalog.repository.visibility import Audience
from subgraphs.catalog.service import searching
from subgraphs.catalog.service.search_engine import DatabaseCounts
from subgraphs.catalog.service.searching import Found, SearchPlace
from subgraphs.catalog.service.words import SHORTEST_MISSPELT
from subgraphs.shared.errors import InvalidCursorError
from subgraphs.shared.postgres import Database

_ROUNDS = (64, 512, 4_096, search_index.MOST_CANDIDATES)
"""How many candidates are asked for, round by round, until enough of them may be seen. A page whose titles lie further
down than all of them ends there."""


class ClusterSearch(DatabaseCounts):
    """Search over an index of a cluster, which `indexing` feeds."""

    name = "cluster"

    def __init__(self, cluster: SearchCluster, database: Database, *, index: str) -> None:
        super().__init__(database)
        self._cluster = cluster
        self._index = index

    async def find(
        self, query: str, criteria: TitleCriteria, *, audience: Audience, limit: int, after: SearchPlace | None
    ) -> Found:
        """See SearchEngine; takes one statement for each reading that finds something in the index."""
        return await searching.find(self._lookup(criteria, audience), query, limit=limit, after=after)

    async def complete(self, prefix: str, *, audience: Audience, limit: int) -> Found:
        """See SearchEngine; takes one statement when the index has something."""
        return await searching.complete(self._lookup(TitleCriteria(), audience), prefix, limit=limit)

    def _lookup(self, criteria: TitleCriteria, audience: Audience) -> "_ClusterLookup":
        return _ClusterLookup(self._cluster, self._database, self._index, criteria, audience)


@dataclass(frozen=True, slots=True)
class _ClusterLookup:
    cluster: SearchCluster
    database: Database
    index: str
    criteria: TitleCriteria
    audience: Audience
    engine: str = ClusterSearch.name

    async def hits(self, terms: SearchTerms, *, limit: int, after: tuple[float, UUID] | None) -> list[Hit]:
        place = None if after is None else (_units(after[0]), after[1])
        found: list[Hit] = []
        for round_size in _ROUNDS:
            size = max(round_size, limit)
            candidates = await self._candidates(terms, size=size, after=place)
            if candidates:
                place = candidates[-1]
                found += await self._visible(candidates)
            if len(found) >= limit or len(candidates) < size:
                break
        return found[:limit]

    async def words_near(self, words: Collection[str]) -> Mapping[str, Collection[str]]:
        suggestions = await self.cluster.suggest(
            self.index, search_index.words_near_of(words, shortest=SHORTEST_MISSPELT)
        )
        near: dict[str, list[str]] = {word: [] for word in words}
        for each in suggestions:
            near.setdefault(each.text, []).extend(option.text for option in each.options)
        return near

    async def _candidates(
        self, terms: SearchTerms, *, size: int, after: tuple[int, UUID] | None
    ) -> list[tuple[int, UUID]]:
        candidates = await self.cluster.search(self.index, search_index.query_of(terms, size=size, after=after))
        try:
            return [(round(units), UUID(own)) for units, own in (each.sort for each in candidates)]
        except (ValueError, OverflowError) as error:
            raise ClusterUnavailableError from error

    async def _visible(self, candidates: Collection[tuple[int, UUID]]) -> list[Hit]:
        owners = [own for _, own in candidates]
        async with self.database.reading() as session:
            visible = await search_visible.visible_of(session, owners, self.criteria, audience=self.audience)
        return [Hit(own, visible[own], units / search_index.UNITS) for units, own in candidates if own in visible]


def _units(score: float) -> int:
    """Return the score of a cursor as the index counts it."""
    if not 0 <= score <= 1:
        raise InvalidCursorError
    return round(score * search_index.UNITS)
