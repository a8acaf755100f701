"""Collection: titles that editors put together, as viewers get them."""

from collections.abc import Sequence
from uuid import UUID

import strawberry

from subgraphs.catalog.loaders import MembersKey
from subgraphs.catalog.repository import titles as title_repository
from subgraphs.catalog.repository.cards import text_in
from subgraphs.catalog.repository.collections import CollectionCard
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.types.filters import CURSOR_PARSERS
from subgraphs.catalog.types.references import cards_of
from subgraphs.catalog.types.title import TitleConnection, connection_of
from subgraphs.catalog.types.words import AskedLocale, Info
from subgraphs.shared.graphql.pagination import After, First, check_page_size, cursor_integer, decode_cursor
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import encode_id


@strawberry.federation.type(keys=["id"], description="Titles that editors put together, by hand or by a rule.")
class Collection:
    card: strawberry.Private[CollectionCard]

    @strawberry.field(description="Global id.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id("Collection", self.card.id))

    @strawberry.field(description="Its name in URLs.")
    def slug(self) -> str:
        return self.card.slug

    @strawberry.field(description="Name in the wanted language.")
    def name(self, info: Info, locale: AskedLocale = None) -> str:
        text = text_in(self.card.texts, info.context.locales(locale))
        return text.name if text else self.card.slug

    @strawberry.field(description="What it is about, in the wanted language; empty when nobody wrote it.")
    def description(self, info: Info, locale: AskedLocale = None) -> str:
        text = text_in(self.card.texts, info.context.locales(locale))
        return text.description if text else ""

    @strawberry.field(description="Its titles that can be watched now, in the order of its editors.")
    async def titles(self, info: Info, first: First = 20, after: After = None) -> TitleConnection:
        card, audience, limit = self.card, info.context.audience, check_page_size(first) + 1
        scope = f"collection:{card.id}:{card.sort.value if card.rule else 'HAND'}"
        if card.rule is None:
            criteria = TitleCriteria(collection_id=card.id)
            key = decode_cursor(after, scope, cursor_integer, UUID)
            members = MembersKey(card.id, limit, key[0] if key else None)
            places = await info.context.loaders.places_by_collection.load(members)
        else:
            criteria = card.rule
            key = decode_cursor(after, scope, *CURSOR_PARSERS[card.sort])
            async with info.context.database.reading() as session:
                places = await title_repository.places_of_titles(
                    session, criteria, audience=audience, order=card.sort, limit=limit, after=key
                )

        async def count() -> int:
            async with info.context.database.reading() as session:
                return await title_repository.count_titles(session, criteria, audience=audience)

        return await connection_of(places, first, scope=scope, after=after, count=count, info=info)

    @classmethod
    async def resolve_references(cls, references: Sequence[Reference], info: Info) -> list["Collection | None"]:
        """Return the published collections in order; None for ids that name none."""
        found = await cards_of(references, info.context.loaders.collection_card_by_id, "Collection")
        return [cls(card=item[1]) if item else None for item in found]
