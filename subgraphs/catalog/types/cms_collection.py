"""CmsCollection: a collection as its editors see it, and what they hand in."""

from datetime import datetime

import strawberry

from subgraphs.catalog.models import TitleKind
from subgraphs.catalog.repository import collections
from subgraphs.catalog.repository.collections import CollectionCard
from subgraphs.catalog.repository.criteria import TitleCriteria
from subgraphs.catalog.repository.titles import TitleSort
from subgraphs.catalog.service import editing
from subgraphs.catalog.types.collection import Collection
from subgraphs.catalog.types.editorial import ADMIN, CmsTitle, CmsTitleConnection, CmsTitleEdge
from subgraphs.catalog.types.filters import TitleFilter
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.pagination import (
    After,
    First,
    PageInfo,
    check_page_size,
    cursor_integer,
    decode_cursor,
    encode_cursor,
    make_page,
)
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.graphql.scalars import Locale
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import MaturityRating, Tier


@strawberry.federation.type(tags=ADMIN, description="Name and description of a collection in one language.")
class CollectionText:
    locale: Locale = strawberry.field(description="Their language.")
    name: str = strawberry.field(description="Name.")
    description: str = strawberry.field(description="What it is about; empty when nobody wrote it.")


@strawberry.federation.type(
    tags=ADMIN, description="What finds the titles of a collection; every part that is not null must hold."
)
class CollectionRule:
    kind: list[TitleKind] | None = strawberry.field(description="Any of these kinds.")
    genre: list[str] | None = strawberry.field(description="Any of these genres, by slug.")
    audio_language: Locale | None = strawberry.field(description="Can be heard in it.")
    subtitle_language: Locale | None = strawberry.field(description="Can be read in it.")
    year_from: int | None = strawberry.field(description="Released in this year or later.")
    year_to: int | None = strawberry.field(description="Released in this year or earlier.")
    maturity_max: MaturityRating | None = strawberry.field(description="Rated no stricter than this.")
    tier: Tier | None = strawberry.field(description="Exactly this tier.")
    person_id: strawberry.ID | None = strawberry.field(description="Credits this person, by global id.")
    rentable: bool | None = strawberry.field(description="Can, or cannot, be rented.")

    @classmethod
    def of(cls, rule: TitleCriteria) -> "CollectionRule":
        """Return the rule with these parts."""
        return cls(
            kind=list(rule.kinds) or None,
            genre=list(rule.genre_slugs) or None,
            audio_language=None if rule.audio_language is None else Locale(rule.audio_language),
            subtitle_language=None if rule.subtitle_language is None else Locale(rule.subtitle_language),
            year_from=rule.year_from,
            year_to=rule.year_to,
            maturity_max=rule.maturity_max,
            tier=rule.tier,
            person_id=None if rule.person_id is None else strawberry.ID(encode_id("Person", rule.person_id)),
            rentable=rule.rentable,
        )


@strawberry.federation.type(tags=ADMIN, description="A collection as its editors see it, published or not.")
class CmsCollection:
    card: strawberry.Private[CollectionCard]
    id: strawberry.ID = strawberry.field(description="Global id of the collection.")
    slug: str = strawberry.field(description="Its name in URLs.")
    version: int = strawberry.field(description="How often it was changed, from 1; give it back as `expectedVersion`.")
    published: bool = strawberry.field(description="Whether viewers get it.")
    sort: TitleSort = strawberry.field(description="Order of what a rule finds; by hand, titles stand as put in.")
    updated_at: datetime = strawberry.field(description="When it was changed last.")

    @classmethod
    def of(cls, card: CollectionCard) -> "CmsCollection":
        """Return the collection with these facts."""
        return cls(
            card=card,
            id=strawberry.ID(encode_id("Collection", card.id)),
            slug=card.slug,
            version=card.version,
            published=card.is_published,
            sort=card.sort,
            updated_at=card.updated_at,
        )

    @strawberry.field(description="Its names and descriptions, by language.")
    def translations(self) -> list[CollectionText]:
        return [
            CollectionText(locale=Locale(locale), name=text.name, description=text.description)
            for locale, text in sorted(self.card.texts.items())
        ]

    @strawberry.field(description="What finds its titles; null when they were put in by hand.")
    def rule(self) -> CollectionRule | None:
        return None if self.card.rule is None else CollectionRule.of(self.card.rule)

    @strawberry.field(description="It as a viewer like you would get it now, were it published.")
    def preview(self) -> Collection:
        return Collection(card=self.card)

    @strawberry.field(description="The titles put in by hand, in order, those that viewers do not see among them.")
    async def titles(self, info: Info, first: First = 20, after: After = None) -> CmsTitleConnection:
        own, database, scope = self.card.id, info.context.database, f"cmsCollection:{self.card.id}"
        key = decode_cursor(after, scope, cursor_integer)
        async with database.reading() as session:
            members = await collections.members_of(
                session, own, limit=check_page_size(first) + 1, after=key[0] if key else None
            )
            found = await editing.read_titles(session, [member.title_id for _, member in members[:first]])

        async def count() -> int:
            async with database.reading() as session:
                return await collections.count_members(session, own)

        page = make_page(members, first, lambda placed: encode_cursor(scope, placed[0]), after=after)
        return CmsTitleConnection(
            count=count,
            edges=[
                CmsTitleEdge(cursor=cursor, node=CmsTitle.of(found[member.title_id]))
                for (_, member), cursor in zip(page.rows, page.cursors, strict=True)
                if member.title_id in found
            ],
            page_info=page.page_info,
        )


@strawberry.federation.type(tags=ADMIN, description="A collection in a page of editors' collections.")
class CmsCollectionEdge:
    cursor: str = strawberry.field(description="Where it stands; give it as `after`.")
    node: CmsCollection = strawberry.field(description="The collection.")


@strawberry.federation.type(tags=ADMIN, description="A page of collections as their editors see them.")
class CmsCollectionConnection:
    edges: list[CmsCollectionEdge] = strawberry.field(description="The collections, by slug.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")


@strawberry.federation.input(tags=ADMIN, description="Name and description of a collection in one language.")
class CollectionTextInput:
    locale: Locale = strawberry.field(description="Their language.")
    name: str = strawberry.field(description="1 to 500 characters.")
    description: str = strawberry.field(default="", description="At most 10,000 characters.")


@strawberry.federation.input(
    tags=ADMIN, description="What a collection is to be. In a change, what is left out stays as it is."
)
class CollectionInput:
    id: strawberry.ID | None = strawberry.field(default=None, description="Global id; none makes a collection.")
    expected_version: int | None = strawberry.field(
        default=None, description="The version that you have seen; a change needs it."
    )
    slug: str | None = strawberry.field(default=None, description="Its name in URLs; a new one needs it.")
    translations: list[CollectionTextInput] | None = strawberry.field(
        default=None, description="Names and descriptions to set, by language; other languages stay."
    )
    title_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Exactly these titles in this order, at most 500; hidden ones may be among them."
    )
    rule: TitleFilter | None = strawberry.field(
        default=None, description="What finds the titles, in place of a list; without `collectionId`."
    )
    sort: TitleSort | None = strawberry.field(default=None, description="Order of what the rule finds; else TRENDING.")
    published: bool | None = strawberry.field(
        default=None, description="Whether viewers get it; a new one is not published unless this says so."
    )


@strawberry.federation.type(tags=ADMIN, description="Outcome of making, changing or deleting a collection.")
class CollectionPayload:
    collection: CmsCollection | None = strawberry.field(
        description="The collection as it is now, or was before it was deleted; null when it was refused."
    )
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was done.")
