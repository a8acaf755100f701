"""Genres and people as editors keep them: made and renamed. What viewers see of them changes at once.

A name is replaced by the next one; the log keeps every version, with its author and moment. The slug of a genre never
changes, because its id follows from it and filters and addresses hold it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from subgraphs.catalog.errors import DraftRefusedError, FieldRefusal, GenreUnknownError, PersonUnknownError
from subgraphs.catalog.models import Image, ImageRole, SearchDocument, SearchWord
from subgraphs.catalog.repository import genres, people, registers, slugs, writing
from subgraphs.catalog.repository.cards import GenreCard
from subgraphs.catalog.repository.people import PersonCard
from subgraphs.catalog.repository.uploads import sizes_of_uploads
from subgraphs.catalog.service.changed_documents import publish_changed
from subgraphs.catalog.service.checks import name_problem
from subgraphs.catalog.service.documents import person_document, word_rows
from subgraphs.catalog.service.drafts import DraftCredit, TitleDraft
from subgraphs.catalog.service.pictures import picture_problem
from subgraphs.catalog.service.records import ImageRecord, genre_id, slug_of
from subgraphs.catalog.service.rows import image_row
from subgraphs.catalog.service.words import document_words
from subgraphs.catalog.service.workflow import Editor
from subgraphs.shared.postgres import WriteSession

_SCOPE = "cms:edit"
_LONGEST_SLUG = 100
_LAST_POSITION = 9_999
_NEW_GENRE_POSITION = 1000
_MADE_BY_KEY = UUID("0b1f6f0e-52a4-5c3c-9a0e-7d1f55a6c9d2")


@dataclass(frozen=True, slots=True)
class GenreRequest:
    """What a genre is to be; `id` None makes one. Languages that `names` leaves out stay; so does a None position."""

    id: UUID | None
    slug: str
    names: Mapping[str, str]
    position: int | None = None


async def upsert_genre(session: WriteSession, editor: Editor, request: GenreRequest, *, now: datetime) -> GenreCard:
    """Make or rename a genre, and have its titles found by the new names, too; publish whose documents change.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
        GenreUnknownError: There is no genre with that id.
        DraftRefusedError: Something in the request is wrong, field by field.
    """
    editor.require(_SCOPE)
    own = request.id or genre_id(request.slug)
    if request.id is None:
        await slugs.await_turn(session, "genre", request.slug)
    known = (await genres.genres_by_id(session, [own])).get(own)
    if request.id is not None and known is None:
        raise GenreUnknownError
    refusals = _genre_problems(request, known)
    if refusals:
        raise DraftRefusedError(refusals)
    if known is None:
        position = _NEW_GENRE_POSITION if request.position is None else request.position
        await genres.insert_genre(session, own, request.slug, position=position)
    elif request.position is not None:
        await genres.move_genre(session, own, position=request.position)
    await genres.save_names(session, own, request.names)
    words = document_words((), (), request.names.values())
    await writing.insert_rows(session, SearchWord, word_rows([{"words": words}]))
    await publish_changed(session, await genres.extend_documents(session, own, words=words), now=now)
    card = (await genres.genres_by_id(session, [own]))[own]
    before = None if known is None else _facts_of_genre(known)
    await registers.log_change(
        session, own, before=before, after=_facts_of_genre(card, request.position), author=editor.user_id, now=now
    )
    return card


def _facts_of_genre(card: GenreCard, position: int | None = None) -> dict[str, Any]:
    """Return what the log keeps of a genre; its place only where it was set."""
    names = {locale: text.name for locale, text in sorted(card.texts.items())}
    return {"slug": card.slug, "names": names, **({} if position is None else {"position": position})}


def _genre_problems(request: GenreRequest, known: GenreCard | None) -> list[FieldRefusal]:
    refusals = []
    if not 1 <= len(request.slug) <= _LONGEST_SLUG or request.slug != slug_of(request.slug):
        message = "A slug has lower-case letters and digits with single dashes between."
        refusals.append(FieldRefusal("SLUG_INVALID", message, ("slug",)))
    elif request.id is None and known is not None:
        refusals.append(FieldRefusal("SLUG_TAKEN", "Another genre has this slug.", ("slug",)))
    elif known is not None and known.slug != request.slug:
        refusals.append(FieldRefusal("SLUG_FIXED", "The slug of a genre never changes.", ("slug",)))
    if known is None and not request.names:
        refusals.append(FieldRefusal("REQUIRED_FIELD", "A name is missing.", ("translations",)))
    for locale, name in request.names.items():
        if problem := name_problem(name):
            refusals.append(FieldRefusal("NAME_LENGTH", problem, ("translations", locale, "name")))
    if request.position is not None and not 0 <= request.position <= _LAST_POSITION:
        message = f"Positions go from 0 to {_LAST_POSITION}."
        refusals.append(FieldRefusal("NUMBER_OUT_OF_RANGE", message, ("position",)))
    return refusals


async def upsert_person(
    session: WriteSession,
    editor: Editor,
    *,
    person_id: UUID | None,
    name: str,
    idempotency_key: str | None,
    now: datetime,
) -> PersonCard:
    """Make a person, even if another one has the name, or rename one; titles are found by the new name, too. Publish
    whose documents change.

    The same key, come again, returns the person that it made.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
        PersonUnknownError: There is no person with that id.
        DraftRefusedError: The name is wrong.
    """
    editor.require(_SCOPE)
    if problem := name_problem(name):
        raise DraftRefusedError([FieldRefusal("NAME_LENGTH", problem, ("name",))])
    extended: list[UUID] = []
    if person_id is None:
        own = uuid5(_MADE_BY_KEY, f"{editor.user_id}:{idempotency_key}") if idempotency_key is not None else uuid4()
        if not await people.insert_person(session, own, name):
            return (await people.people_by_id(session, [own]))[own]
        before = None
    else:
        own = person_id
        known = (await people.people_by_id(session, [own])).get(own)
        before = {"name": known.name} if known else None
        if not await people.rename_person(session, own, name):
            raise PersonUnknownError
        extended = await people.extend_documents(session, own, words=document_words((), (name,), ()))
    document = person_document(own, name)
    await writing.insert_rows(session, SearchDocument, [document], replace=True)
    await writing.insert_rows(session, SearchWord, word_rows([document]))
    await publish_changed(session, [own, *extended], now=now)
    await registers.log_change(session, own, before=before, after={"name": name}, author=editor.user_id, now=now)
    return PersonCard(own, name)


async def set_avatar(
    session: WriteSession, editor: Editor, *, person_id: UUID, upload_id: UUID | None, now: datetime
) -> PersonCard:
    """Give the person a picture that was uploaded, in place of any other; None leaves them without one.

    Raises:
        ForbiddenError: The editor's roles do not allow it.
        PersonUnknownError: There is no such person.
        DraftRefusedError: Nobody uploaded such a picture, or it has another shape than an avatar.
    """
    editor.require(_SCOPE)
    card = await people.lock_person(session, person_id)
    if card is None:
        raise PersonUnknownError
    known = (await people.avatars_by_person(session, [person_id])).get(person_id)
    before = known.upload_id if known else None
    if before == upload_id:
        return card
    row = None if upload_id is None else await _avatar_row(session, person_id, upload_id)
    await people.forget_avatar(session, person_id)
    if row is not None:
        await writing.insert_rows(session, Image, [row])
    old, new = ({"avatar": str(each) if each else None} for each in (before, upload_id))
    await registers.log_change(session, person_id, before=old, after=new, author=editor.user_id, now=now)
    return card


async def _avatar_row(session: WriteSession, person_id: UUID, upload_id: UUID) -> dict[str, Any]:
    size = (await sizes_of_uploads(session, {upload_id})).get(upload_id)
    if problem := picture_problem(ImageRole.AVATAR, size, ("uploadId",)):
        raise DraftRefusedError([problem])
    assert size is not None  # or there was a problem
    return image_row(person_id, ImageRole.AVATAR, ImageRecord(ImageRole.AVATAR, upload_id, *size))


async def people_of(session: WriteSession, drafts: Iterable[TitleDraft]) -> Mapping[UUID, PersonCard]:
    """Return those whom the drafts credit by id; no statement when there are none."""
    wanted = {credit.person_id for draft in drafts for credit in draft.credits if credit.person_id}
    return await people.people_by_id(session, wanted) if wanted else {}


def with_names(draft: TitleDraft, known: Mapping[UUID, PersonCard]) -> TitleDraft:
    """Return the draft with the names of those whom it credits by id."""

    def named(credit: DraftCredit) -> DraftCredit:
        person = known.get(credit.person_id) if credit.person_id else None
        return credit.model_copy(update={"name": person.name}) if person else credit

    return draft.model_copy(update={"credits": tuple(map(named, draft.credits))})
