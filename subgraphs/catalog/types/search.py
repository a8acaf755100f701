"""SearchHit and SearchConnection."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from subgraphs.catalog.types.title import Movie, Person, Show, SportsEvent
from subgraphs.shared.graphql.pagination import PageInfo

SearchHit = Annotated[
    Movie | Show | SportsEvent | Person, strawberry.union("SearchHit", description="Something that a search finds.")
]


@strawberry.type(description="A hit of a search.")
class SearchEdge:
    cursor: str = strawberry.field(description="Place in the list, for `after`.")
    node: SearchHit = strawberry.field(description="What was found.")
    score: float = strawberry.field(
        description="How well it fits, from 0 to 1; a name equal to the query scores above 0.9."
    )


@strawberry.type(description="A page of hits, the best first.")
class SearchConnection:
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    edges: list[SearchEdge] = strawberry.field(description="The hits of this page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="How many hits there are; counted only when asked for.")
    async def total_count(self) -> int | None:
        return await self.count()
