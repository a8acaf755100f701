"""Collections, for viewers and for editors."""

from typing import Annotated

import strawberry

from subgraphs.catalog.repository import collections
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.types.cms_collection import CmsCollection, CmsCollectionConnection, CmsCollectionEdge
from subgraphs.catalog.types.collection import Collection
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.words import Info
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.pagination import (
    After,
    First,
    check_page_size,
    decode_cursor,
    encode_cursor,
    make_page,
)
from subgraphs.shared.ids import decode_id

CollectionId = Annotated[strawberry.ID | None, strawberry.argument(description="Global id of a collection.")]
AnyCollectionId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a collection.")]
Slug = Annotated[str | None, strawberry.argument(description="Its name in URLs.")]


@strawberry.type
class CollectionQueries:
    @strawberry.field(description="One collection, by id or by slug: give exactly one. Null when none is published.")
    async def collection(self, info: Info, id: CollectionId = None, slug: Slug = None) -> Collection | None:
        if (id is None) == (slug is None):
            raise BadUserInputError("Give either `id` or `slug`.")
        if id is not None:
            card = await info.context.loaders.collection_card_by_id.load(decode_id(id, "Collection").uuid)
        else:
            async with info.context.database.reading() as session:
                card = await collections.collection_by_slug(session, str(slug))
        return Collection(card=card) if card else None

    @strawberry.federation.field(
        tags=ADMIN, requires_scopes=[["cms:read"]], description="All collections as their editors see them, by slug."
    )
    async def cms_collections(
        self, info: Info, first: First = 20, after: After = None
    ) -> CmsCollectionConnection | None:
        _check_reader(info)
        key = decode_cursor(after, "cmsCollections", str)
        async with info.context.database.reading() as session:
            cards = await collections.collections_after(
                session, key[0] if key else None, limit=check_page_size(first) + 1
            )
        page = make_page(cards, first, lambda card: encode_cursor("cmsCollections", card.slug), after=after)
        return CmsCollectionConnection(
            edges=[
                CmsCollectionEdge(cursor=cursor, node=CmsCollection.of(card))
                for card, cursor in zip(page.rows, page.cursors, strict=True)
            ],
            page_info=page.page_info,
        )

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
        description="One collection as its editors see it. Null when there is none.",
    )
    async def cms_collection(self, info: Info, id: AnyCollectionId) -> CmsCollection | None:
        _check_reader(info)
        own = decode_id(id, "Collection").uuid
        async with info.context.database.reading() as session:
            card = (await collections.collections_by_id(session, [own], published_only=False)).get(own)
        return CmsCollection.of(card) if card else None


def _check_reader(info: Info) -> None:
    viewer = info.context.viewer
    Editor(viewer.require_user(), viewer.scopes).require("cms:read")
