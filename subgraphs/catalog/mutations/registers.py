"""What editors do with genres and people. The rules are in service/registers.py."""

from typing import Annotated

import strawberry

from subgraphs.catalog.errors import EditorialError
from subgraphs.catalog.mutations.steps import editor_of, user_errors
from subgraphs.catalog.mutations.titles import Key
from subgraphs.catalog.service.registers import GenreRequest, set_avatar, upsert_genre, upsert_person
from subgraphs.catalog.types.drafts import UPLOAD
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.genre import Genre
from subgraphs.catalog.types.registers import GenrePayload, NameInput, PersonPayload
from subgraphs.catalog.types.title import person_of
from subgraphs.catalog.types.words import Info, by_language
from subgraphs.shared.ids import decode_id

GenreId = Annotated[strawberry.ID | None, strawberry.argument(description="Global id of the genre; none makes one.")]
GenreSlug = Annotated[str, strawberry.argument(description="Stable name for URLs and filters; it never changes.")]
Names = Annotated[list[NameInput], strawberry.argument(description="Names to set, by language; other languages stay.")]
Place = Annotated[int | None, strawberry.argument(description="Place in the list of all genres, from 0.")]
PersonId = Annotated[strawberry.ID | None, strawberry.argument(description="Global id of the person; none makes one.")]
KnownPerson = Annotated[strawberry.ID, strawberry.argument(description="Global id of the person.")]
Picture = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Id of an uploaded picture, square; null leaves the person without one."),
]
PersonName = Annotated[str, strawberry.argument(description="Name as credited.")]


@strawberry.type
class RegisterMutations:
    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:edit"]], description="Make a genre, or rename one: viewers see it at once."
    )
    async def genre_upsert(
        self, info: Info, slug: GenreSlug, translations: Names, id: GenreId = None, position: Place = None
    ) -> GenrePayload:
        context, own = info.context, decode_id(id, "Genre").uuid if id is not None else None
        try:
            names = {locale: each.name for locale, each in by_language(translations).items()}
            request = GenreRequest(id=own, slug=slug, names=names, position=position)
            async with context.database.writing() as session:
                card = await upsert_genre(session, editor_of(context), request, now=context.now)
        except EditorialError as error:
            return GenrePayload(genre=None, errors=user_errors(error))
        return GenrePayload(genre=Genre(card=card), errors=[])

    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["cms:edit"]], description="Make a person, or rename one: viewers see it at once."
    )
    async def person_upsert(
        self, info: Info, name: PersonName, id: PersonId = None, idempotency_key: Key = None
    ) -> PersonPayload:
        context = info.context
        own = decode_id(id, "Person").uuid if id is not None else None
        key = str(idempotency_key) if idempotency_key is not None else None
        try:
            async with context.database.writing() as session:
                card = await upsert_person(
                    session,
                    editor_of(context),
                    person_id=own,
                    name=name,
                    idempotency_key=key,
                    now=context.now,
                )
        except EditorialError as error:
            return PersonPayload(person=None, errors=user_errors(error))
        return PersonPayload(person=person_of(card), errors=[])

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["cms:edit"]],
        description="Give a person a picture, in place of any other: viewers see it at once.",
    )
    async def person_image_set(self, info: Info, id: KnownPerson, upload_id: Picture) -> PersonPayload:
        context, own = info.context, decode_id(id, "Person").uuid
        upload = decode_id(upload_id, UPLOAD).uuid if upload_id is not None else None
        try:
            async with context.database.writing() as session:
                card = await set_avatar(session, editor_of(context), person_id=own, upload_id=upload, now=context.now)
        except EditorialError as error:
            return PersonPayload(person=None, errors=user_errors(error))
        return PersonPayload(person=person_of(card), errors=[])
