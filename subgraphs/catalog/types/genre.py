"""Genre."""

from collections.abc import Sequence

import strawberry

from subgraphs.catalog.context import CatalogContext
from subgraphs.catalog.repository.cards import GenreCard, text_in
from subgraphs.catalog.types.references import cards_of
from subgraphs.catalog.types.words import AskedLocale, Info
from subgraphs.shared.graphql.kept import keeps_answers, lasting
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import encode_id


@keeps_answers(by=CatalogContext.words_of_viewer)
@strawberry.federation.type(keys=["id"], description="A genre of titles.")
class Genre:
    card: strawberry.Private[GenreCard]

    @strawberry.field(description="Global id.")
    @lasting
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id("Genre", self.card.id))

    @strawberry.field(description="Stable name for URLs and filters: `science-fiction`.")
    @lasting
    def slug(self) -> str:
        return self.card.slug

    @strawberry.field(description="Name in the wanted language.")
    @lasting
    def name(self, info: Info, locale: AskedLocale = None) -> str:
        text = text_in(self.card.texts, info.context.locales(locale))
        return text.name if text else self.card.slug

    @strawberry.field(description="How many titles of this genre the viewer may see; 200 stands for that many or more.")
    async def title_count(self, info: Info) -> int:
        return await info.context.loaders.title_count_by_genre.load(self.card.id) or 0

    @classmethod
    async def resolve_references(cls, references: Sequence[Reference], info: Info) -> list["Genre | None"]:
        """Return the genres in order; None for ids that name none."""
        found = await cards_of(references, info.context.loaders.genre_card_by_id, "Genre")
        return [cls(card=item[1]) if item else None for item in found]
