"""What editors do with collections. The rules are in service/collections.py."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import strawberry

from subgraphs.catalog.context import CatalogContext
from subgraphs.catalog.errors import EditorialError
from subgraphs.catalog.mutations.steps import editor_of, user_errors
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.repository.collections import CollectionCard
from subgraphs.catalog.service.collections import CollectionRequest, delete_collection, upsert_collection
from subgraphs.catalog.types.cms_collection import CmsCollection, CollectionInput, CollectionPayload
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.filters import criteria_of
from subgraphs.catalog.types.words import Info, by_language
from subgraphs.shared.ids import decode_id
from subgraphs.shared.postgres import WriteSession

Input = Annotated[CollectionInput, strawberry.argument(description="What the collection is to be.")]
CollectionId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the collection.")]
Expected = Annotated[int, strawberry.argument(description="The version that you have seen.")]


@strawberry.type
class CollectionMutations:
    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:curate"]],
        description="Make a collection, or change one: viewers and trays follow within a second.",
    )
    async def collection_upsert(self, info: Info, input: Input) -> CollectionPayload:
        context, editor = info.context, editor_of(info.context)
        return await _payload(
            context, lambda session: upsert_collection(session, editor, _request_of(input), now=context.now)
        )

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:curate"]],
        description="Delete a collection. Its titles stay; trays that show it are left out from then on.",
    )
    async def collection_delete(self, info: Info, id: CollectionId, expected_version: Expected) -> CollectionPayload:
        context, own = info.context, decode_id(id, "Collection").uuid
        editor = editor_of(context)
        return await _payload(
            context,
            lambda session: delete_collection(session, editor, own, expected_version=expected_version, now=context.now),
        )


def _request_of(given: CollectionInput) -> CollectionRequest:
    return CollectionRequest(
        id=decode_id(given.id, "Collection").uuid if given.id is not None else None,
        slug=given.slug,
        texts={
            locale: Text(each.name, each.description) for locale, each in by_language(given.translations or ()).items()
        },
        title_ids=None if given.title_ids is None else [str(each) for each in given.title_ids],
        rule=None if given.rule is None else criteria_of(given.rule),
        sort=given.sort,
        is_published=given.published,
        expected_version=given.expected_version,
    )


async def _payload(
    context: CatalogContext, work: Callable[[WriteSession], Awaitable[CollectionCard]]
) -> CollectionPayload:
    """Do the work in one transaction; what an editor can mend comes back as data, and changes nothing."""
    try:
        async with context.database.writing() as session:
            card = await work(session)
    except EditorialError as error:
        return CollectionPayload(collection=None, errors=user_errors(error))
    return CollectionPayload(collection=CmsCollection.of(card), errors=[])
