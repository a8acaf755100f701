"""ExternalTitle: a title in somebody else's catalogue."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.catalog.models import ExternalSource
from subgraphs.catalog.repository.external import ExternalCard
from subgraphs.catalog.types.title import Title, title_of
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.enums import describe_enum
from subgraphs.shared.graphql.money import Money
from subgraphs.shared.graphql.scalars import URL, Locale
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating

describe_enum(
    ExternalSource,
    "Whose catalogue a title is in.",
    NETFLIX="Netflix.",
    PRIME="Prime Video.",
    OTHER="Anybody else's: `sourceName` says whose.",
)


@strawberry.type(description="A title in somebody else's catalogue, as it was when we last read it.")
class ExternalTitle:
    card: strawberry.Private[ExternalCard]
    source: ExternalSource = strawberry.field(description="Whose catalogue it is in.")
    source_name: str = strawberry.field(description="What that catalogue is called.")
    name: str = strawberry.field(description="Its name there.")
    language: Locale | None = strawberry.field(description="Language in which it is offered; null when nobody said.")
    cost: Money | None = strawberry.field(description="What watching it costs there; null when nobody said.")
    deep_link: URL | None = strawberry.field(description="Where it can be watched, http or https.")
    maturity_rating: MaturityRating | None = strawberry.field(
        description="As its catalogue rates it; null is unrated: hidden from profiles with a limit."
    )
    fetched_at: datetime = strawberry.field(description="When we last read it there.")

    @strawberry.field(description="Global id.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id("ExternalTitle", self.card.id))

    @strawberry.field(description="The same title with us, by its external ids; null when the viewer sees none.")
    async def matched(self, info: Info) -> Title | None:
        if not self.card.has_external_ids:
            return None
        loaders = info.context.loaders
        own = await loaders.matched_id_by_external_title.load(self.card.id)
        card = await loaders.title_card_by_id.load(own) if own is not None else None
        return title_of(card, now=info.context.now) if card else None

    @classmethod
    def of(cls, card: ExternalCard) -> Self:
        """Return the GraphQL form."""
        return cls(
            card=card,
            source=card.source,
            source_name=card.source_name,
            name=card.name,
            language=Locale(card.language) if card.language else None,
            cost=Money.of(card.cost.amount_minor, card.cost.currency) if card.cost else None,
            deep_link=URL(card.deep_link) if card.deep_link else None,
            maturity_rating=card.maturity_rating,
            fetched_at=card.fetched_at,
        )
