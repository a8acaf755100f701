"""What others offer, as the worker last gathered it: no source is asked here."""

from typing import Annotated

import strawberry

from subgraphs.catalog.models import ExternalSource
from subgraphs.catalog.repository import external
from subgraphs.catalog.service.external_offers import words_to_find
from subgraphs.catalog.types.external import ExternalTitle
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.pagination import First, check_page_size
from subgraphs.shared.graphql.scalars import Locale

Source = Annotated[ExternalSource | None, strawberry.argument(description="Only titles in this catalogue.")]
Words = Annotated[
    str | None, strawberry.argument(description="Only titles whose name has all these words; the last may go on.")
]
Language = Annotated[
    Locale | None, strawberry.argument(description="Only titles offered in this language or a regional form of it.")
]


@strawberry.type
class ExternalQueries:
    @strawberry.field(
        description="Titles in the catalogues of others, by name, as they were when the worker last read them. "
        "What they did not rate is hidden from profiles with a limit."
    )
    async def external_titles(
        self, info: Info, source: Source = None, query: Words = None, language: Language = None, first: First = 20
    ) -> list[ExternalTitle] | None:
        words = words_to_find(query) if query is not None else []
        async with info.context.database.reading() as session:
            cards = await external.titles(
                session,
                source=source,
                words=words,
                language=language,
                audience=info.context.audience,
                limit=check_page_size(first),
            )
        return [ExternalTitle.of(card) for card in cards]
