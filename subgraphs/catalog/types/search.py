"""SearchHit and SearchConnection; suggestions; what is searched for."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from subgraphs.catalog.repository.search_log import QueryCount
from subgraphs.catalog.service.search_engine import FacetCount
from subgraphs.catalog.types.collection import Collection
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.genre import Genre
from subgraphs.catalog.types.title import Movie, Person, Show, SportsEvent, Title
from subgraphs.shared.graphql.pagination import PageInfo

SearchHit = Annotated[
    Movie | Show | SportsEvent | Person | Genre | Collection,
    strawberry.union("SearchHit", description="Something that a search finds."),
]


@strawberry.type(description="A hit of a search.")
class SearchEdge:
    cursor: str = strawberry.field(description="Place in the list, for `after`.")
    node: SearchHit = strawberry.field(description="What was found.")
    score: float = strawberry.field(
        description="How well it fits, from 0 to 1; a name equal to the query scores above 0.9."
    )
    highlights: list[str] = strawberry.field(
        description="Names in which words of the query stand, as HTML: escaped, the words in `<em>`. Empty where "
        "it was found by somebody's name or by sound."
    )

    @strawberry.field(
        description="`node` where it is a title of any kind, for one card that fits all of them; null where it is not."
    )
    def title(self) -> Title | None:
        return self.node if isinstance(self.node, Title) else None


@strawberry.type(description="How many titles of a search have a value.")
class FacetValue:
    value: str = strawberry.field(description="The value, as a filter takes it.")
    count: int = strawberry.field(description="How many titles have it.")


@strawberry.type(description="Values by which a search can be narrowed.")
class Facet:
    field: str = strawberry.field(description="The field of TitleFilter: kind, genre, audioLanguage, tier …")
    values: list[FacetValue] = strawberry.field(description="At most 20 values, the most frequent first.")


@strawberry.type(description="A page of hits, the best first.")
class SearchConnection:
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    count_facets: strawberry.Private[Callable[[], Awaitable[list[Facet]]]]
    edges: list[SearchEdge] = strawberry.field(description="The hits of this page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")
    did_you_mean: str | None = strawberry.field(
        description="The query with its typos mended, by the best hit; null where it is spelt right or nothing is near."
    )
    degraded: bool = strawberry.field(
        description="Whether the index does not answer. Another one stands in for it then, so hits may come in another "
        "order; without any, what begins with the query is given, on one page, without facets. A list that was begun "
        "before may end early."
    )

    @strawberry.field(
        description="How many hits there are; counted only when asked for. 1000 stands for that many or more."
    )
    async def total_count(self) -> int | None:
        return await self.count()

    @strawberry.field(
        description="What the titles of all pages have in common; counted only when asked for, among 1000 titles at "
        "most."
    )
    async def facets(self) -> list[Facet]:
        return await self.count_facets()


@strawberry.type(description="How a query that was begun may go on.")
class SearchSuggestion:
    text: str = strawberry.field(description="The whole query.")
    hit: SearchHit | None = strawberry.field(description="What it finds first.")


@strawberry.federation.type(tags=ADMIN, description="A query, and how often it was asked. Nobody knows by whom.")
class SearchQueryStats:
    query: str = strawberry.field(description="The query in normal form: lower case, no accents, no punctuation.")
    searches: int = strawberry.field(description="How often it was asked.")
    zero_results: int = strawberry.field(description="How often nothing was found.")


def facets_of(counts: list[FacetCount]) -> list[Facet]:
    """Return the facets in the order in which their first values come."""
    values: dict[str, list[FacetValue]] = {}
    for each in counts:
        values.setdefault(each.facet, []).append(FacetValue(value=each.value, count=each.count))
    return [Facet(field=name, values=found) for name, found in values.items()]


def stats_of(counts: list[QueryCount]) -> list[SearchQueryStats]:
    """Return the GraphQL form."""
    return [
        SearchQueryStats(query=each.query, searches=each.searches, zero_results=each.zero_results) for each in counts
    ]
