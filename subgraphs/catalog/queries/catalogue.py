"""Titles, playables, genres and people; and what editors see of titles."""

from typing import Annotated
from uuid import UUID

import strawberry

from subgraphs.catalog.models import TYPE_NAMES
from subgraphs.catalog.repository import bulk, coming, editorial, registers
from subgraphs.catalog.repository import genres as genre_repository
from subgraphs.catalog.repository import titles as title_repository
from subgraphs.catalog.repository.collections import with_rule
from subgraphs.catalog.repository.editorial import EditorialCriteria
from subgraphs.catalog.repository.titles import TitleSort
from subgraphs.catalog.service import editing
from subgraphs.catalog.service.workflow import Editor
from subgraphs.catalog.types import bulk as bulk_types
from subgraphs.catalog.types.bulk import BulkOperation
from subgraphs.catalog.types.editorial import ADMIN, CmsTitle, CmsTitleConnection, CmsTitleEdge, CmsTitleFilter
from subgraphs.catalog.types.filters import CURSOR_PARSERS, TitleFilter, criteria_of
from subgraphs.catalog.types.genre import Genre
from subgraphs.catalog.types.playable import Playable, playable_of
from subgraphs.catalog.types.registers import RegisterVersion
from subgraphs.catalog.types.title import (
    Person,
    Title,
    TitleConnection,
    connection_of,
    person_of,
    title_of,
)
from subgraphs.catalog.types.words import Info
from subgraphs.shared.errors import BadUserInputError
from subgraphs.shared.graphql.pagination import (
    After,
    First,
    check_page_size,
    cursor_moment,
    decode_cursor,
    encode_cursor,
    make_page,
)
from subgraphs.shared.ids import decode_id

Filter = Annotated[TitleFilter | None, strawberry.argument(description="What narrows the list.")]
PlayableId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a playable.")]
PersonId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a person.")]
CmsFilter = Annotated[CmsTitleFilter | None, strawberry.argument(description="What narrows the list.")]
BulkId = Annotated[strawberry.ID, strawberry.argument(description="Id of a bulk operation.")]
RegisterId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a genre or a person.")]
AnyTitleId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a title.")]
TitleId = Annotated[strawberry.ID | None, strawberry.argument(description="Global id of a title.")]
Slug = Annotated[str | None, strawberry.argument(description="Its name in URLs.")]
Sort = Annotated[TitleSort, strawberry.argument(description="Order of the list.")]


@strawberry.type
class ViewerQueries:
    @strawberry.field(
        description="One title, by id or by slug: give exactly one. Null when there is none that the viewer may see."
    )
    async def title(self, info: Info, id: TitleId = None, slug: Slug = None) -> Title | None:
        if (id is None) == (slug is None):
            raise BadUserInputError("Give either `id` or `slug`.")
        if id is not None:
            global_id = decode_id(id, *TYPE_NAMES.values())
            card = await info.context.loaders.title_card_by_id.load(global_id.uuid)
            if card is None or TYPE_NAMES[card.kind] != global_id.type_name:
                return None
            return title_of(card, now=info.context.now)
        async with info.context.database.reading() as session:
            card = await title_repository.title_card_by_slug(session, str(slug), audience=info.context.audience)
        return title_of(card, now=info.context.now) if card else None

    @strawberry.field(description="One playable. Null when there is none that the viewer may see.")
    async def playable(self, info: Info, id: PlayableId) -> Playable | None:
        card = await info.context.loaders.playable_card_by_id.load(decode_id(id, "Playable").uuid)
        return playable_of(card) if card else None

    @strawberry.field(description="Titles that can be watched now; those that come soon are left out.")
    async def titles(
        self,
        info: Info,
        filter: Filter = None,
        sort: Sort = TitleSort.TRENDING,
        first: First = 20,
        after: After = None,
    ) -> TitleConnection | None:
        criteria, scope = criteria_of(filter), f"titles:{sort.value}"
        key = decode_cursor(after, scope, *CURSOR_PARSERS[sort])
        database, audience = info.context.database, info.context.audience
        async with database.reading() as session:
            criteria = await with_rule(session, criteria)
            places = await title_repository.places_of_titles(
                session, criteria, audience=audience, order=sort, limit=check_page_size(first) + 1, after=key
            )

        async def count() -> int:
            async with database.reading() as session:
                return await title_repository.count_titles(session, criteria, audience=audience)

        return await connection_of(places, first, scope=scope, after=after, count=count, info=info)

    @strawberry.field(description="Titles that are announced and cannot be watched yet, the next one first.")
    async def coming_soon(self, info: Info, first: First = 20, after: After = None) -> TitleConnection | None:
        key = decode_cursor(after, "comingSoon", cursor_moment, UUID)
        database, audience = info.context.database, info.context.audience
        async with database.reading() as session:
            places = await coming.places_coming(
                session,
                audience=audience,
                limit=check_page_size(first) + 1,
                after=(key[0], key[1]) if key else None,
            )

        async def count() -> int:
            async with database.reading() as session:
                return await coming.count_coming(session, audience=audience)

        return await connection_of(places, first, scope="comingSoon", after=after, count=count, info=info)

    @strawberry.field(description="All genres, in the order of a menu.")
    async def genres(self, info: Info) -> list[Genre] | None:
        async with info.context.database.reading() as session:
            return [Genre(card=card) for card in await genre_repository.all_genres(session)]

    @strawberry.field(description="One person. Null when there is none.")
    async def person(self, info: Info, id: PersonId) -> Person | None:
        card = await info.context.loaders.person_card_by_id.load(decode_id(id, "Person").uuid)
        return person_of(card) if card else None


@strawberry.type
class CatalogQueries(ViewerQueries):
    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
        description="Titles as their editors see them, the most recently changed first.",
    )
    async def cms_titles(
        self, info: Info, filter: CmsFilter = None, first: First = 20, after: After = None
    ) -> CmsTitleConnection | None:
        _check_reader(info)
        criteria = _editorial_criteria(filter)
        key = decode_cursor(after, "cmsTitles", cursor_moment, UUID)
        database = info.context.database
        async with database.reading() as session:
            places = await editorial.places(
                session, criteria, limit=check_page_size(first) + 1, after=(key[0], key[1]) if key else None
            )
            found = await editing.read_titles(session, [place.title_id for place in places[:first]])

        async def count() -> int:
            async with database.reading() as session:
                return await editorial.count(session, criteria)

        page = make_page(
            places,
            first,
            lambda place: encode_cursor("cmsTitles", place.updated_at.isoformat(), str(place.title_id)),
            after=after,
        )
        return CmsTitleConnection(
            count=count,
            edges=[
                CmsTitleEdge(cursor=cursor, node=CmsTitle.of(found[place.title_id]))
                for place, cursor in zip(page.rows, page.cursors, strict=True)
                if place.title_id in found
            ],
            page_info=page.page_info,
        )

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
        description="One title as its editors see it. Null when there is none.",
    )
    async def cms_title(self, info: Info, id: AnyTitleId) -> CmsTitle | None:
        _check_reader(info)
        wanted = decode_id(id, *TYPE_NAMES.values()).uuid
        async with info.context.database.reading() as session:
            row = (await editing.read_titles(session, [wanted])).get(wanted)
        return CmsTitle.of(row) if row else None

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
        description="A bulk operation and how far it has come. Null when there is none.",
    )
    async def bulk_operation(self, info: Info, id: BulkId) -> BulkOperation | None:
        _check_reader(info)
        own = decode_id(id, bulk_types.TYPE_NAME).uuid
        async with info.context.database.reading() as session:
            row = await bulk.operation_by_id(session, own)
            return BulkOperation.of(row, await bulk.counts(session, own)) if row else None

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["cms:read"]],
        description="Versions of a genre or a person, newest first: who changed what of them, and when.",
    )
    async def cms_register_versions(
        self, info: Info, id: RegisterId, first: First = 20
    ) -> list[RegisterVersion] | None:
        _check_reader(info)
        own = decode_id(id, "Genre", "Person").uuid
        async with info.context.database.reading() as session:
            entries = await registers.log_of(session, own, limit=check_page_size(first))
        return [RegisterVersion.of(entry) for entry in entries]


def _check_reader(info: Info) -> None:
    viewer = info.context.viewer
    Editor(viewer.require_user(), viewer.scopes).require("cms:read")


def _editorial_criteria(given: CmsTitleFilter | None) -> EditorialCriteria:
    if given is None:
        return EditorialCriteria()
    return EditorialCriteria(
        states=tuple(given.state or ()),
        kinds=tuple(kind.value for kind in given.kind or ()),
        created_by=str(given.created_by) if given.created_by is not None else None,
        name_part=given.query,
    )
