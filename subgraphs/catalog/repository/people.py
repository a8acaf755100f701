"""People, the credits of titles, the filmographies of people, and what editors change of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from subgraphs.catalog.models import Credit, CreditRole, Image, ImageRole, Person, Title, table
from subgraphs.catalog.repository.cards import ImageFacts, any_of
from subgraphs.catalog.repository.search import extend_documents as extend_documents_of
from subgraphs.catalog.repository.titles import TitlePlace
from subgraphs.catalog.repository.visibility import Audience, listed
from subgraphs.shared.postgres import ReadSession, WriteSession

_titles = table(Title).c
_people = table(Person).c
_credits = table(Credit).c
_images = table(Image).c

_ROLE_ORDER = sa.case({role.value: place for place, role in enumerate(CreditRole)}, value=_credits.role)


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Somebody who acts in titles or makes them."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class CreditCard:
    """What a person did for a title; `position` counts from 0 within the role."""

    person: PersonCard
    role: CreditRole
    character: str | None
    position: int


async def people_by_id(session: ReadSession | WriteSession, ids: Collection[UUID]) -> dict[UUID, PersonCard]:
    """Return the people by id; unknown ones are left out."""
    statement = sa.select(_people.id, _people.name).where(_people.id == any_of(ids))
    return {row.id: PersonCard(row.id, row.name) for row in await session.execute(statement)}


@dataclass(frozen=True, slots=True)
class Avatar:
    """The picture of a person, and the upload that it is."""

    facts: ImageFacts
    upload_id: UUID | None


async def avatars_by_person(session: ReadSession | WriteSession, ids: Collection[UUID]) -> dict[UUID, Avatar]:
    """Return the pictures of the people that have one."""
    columns = (_images.owner_id, _images.id, _images.width, _images.height, _images.upload_id)
    statement = sa.select(*columns).where(_images.owner_id == any_of(ids), _images.role == ImageRole.AVATAR.value)
    return {
        row.owner_id: Avatar(ImageFacts(row.id, ImageRole.AVATAR, row.width, row.height), row.upload_id)
        for row in await session.execute(statement)
    }


async def lock_person(session: WriteSession, own: UUID) -> PersonCard | None:
    """Return the person, kept from changing until the transaction ends; None when there is none."""
    statement = sa.select(_people.id, _people.name).where(_people.id == own).with_for_update()
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else PersonCard(row.id, row.name)


async def forget_avatar(session: WriteSession, own: UUID) -> None:
    """Leave the person without a picture."""
    statement = sa.delete(table(Image)).where(_images.owner_id == own, _images.role == ImageRole.AVATAR.value)
    await session.execute(statement)


async def credits_by_title(
    session: ReadSession, title_ids: Collection[UUID], *, role: CreditRole | None, limit: int
) -> dict[UUID, list[CreditCard]]:
    """Return for each title at most `limit` credits, by role; the titles themselves are not checked."""
    order = (_ROLE_ORDER, _credits.position)
    rank = sa.func.row_number().over(partition_by=_credits.title_id, order_by=order).label("rank")
    ranked = (
        sa.select(
            _credits.title_id, _credits.role, _credits.position, _credits.character, _people.id, _people.name, rank
        )
        .join_from(table(Credit), table(Person), _people.id == _credits.person_id)
        .where(_credits.title_id == any_of(title_ids))
    )
    if role is not None:
        ranked = ranked.where(_credits.role == role.value)
    inner = ranked.subquery()
    statement = sa.select(inner).where(inner.c.rank <= limit).order_by(inner.c.title_id, inner.c.rank)
    grouped: dict[UUID, list[CreditCard]] = {}
    for row in await session.execute(statement):
        card = CreditCard(PersonCard(row.id, row.name), CreditRole(row.role), row.character, row.position)
        grouped.setdefault(row.title_id, []).append(card)
    return grouped


async def filmographies(
    session: ReadSession,
    person_ids: Collection[UUID],
    *,
    audience: Audience,
    limit: int,
    after: tuple[date, UUID] | None,
) -> dict[UUID, list[TitlePlace]]:
    """Return for each person at most `limit` listed titles, newest release first, that follow the key `after`."""
    credited = (
        sa.select(_credits.person_id, _credits.title_id)
        .where(_credits.person_id == any_of(person_ids))
        .distinct()
        .subquery()
    )
    order = (_titles.release_order.desc(), _titles.id.desc())
    rank = sa.func.row_number().over(partition_by=credited.c.person_id, order_by=order).label("rank")
    ranked = (
        sa.select(credited.c.person_id, _titles.release_order, _titles.id, rank)
        .join_from(credited, table(Title), _titles.id == credited.c.title_id)
        .where(listed(audience))
    )
    if after is not None:
        bound = sa.tuple_(sa.literal(after[0], sa.Date), sa.literal(after[1], sa.Uuid))
        ranked = ranked.where(sa.tuple_(_titles.release_order, _titles.id) < bound)
    inner = ranked.subquery()
    statement = sa.select(inner).where(inner.c.rank <= limit).order_by(inner.c.person_id, inner.c.rank)
    grouped: dict[UUID, list[TitlePlace]] = {}
    for row in await session.execute(statement):
        grouped.setdefault(row.person_id, []).append(TitlePlace(row.id, (row.release_order, row.id)))
    return grouped


async def filmography_sizes(
    session: ReadSession, person_ids: Collection[UUID], *, audience: Audience
) -> dict[UUID, int]:
    """Return how many listed titles each person is credited in; people without any are left out."""
    statement: sa.Select[Any] = (
        sa.select(_credits.person_id, sa.func.count(_titles.id.distinct()).label("size"))
        .join_from(table(Credit), table(Title), _titles.id == _credits.title_id)
        .where(_credits.person_id == any_of(person_ids), listed(audience))
        .group_by(_credits.person_id)
    )
    return {row.person_id: row.size for row in await session.execute(statement)}


async def insert_person(session: WriteSession, own: UUID, name: str) -> bool:
    """Insert a person; return False, and change nothing, when the id is there."""
    statement = insert(table(Person)).values(id=own, name=name).on_conflict_do_nothing().returning(_people.id)
    return (await session.execute(statement)).first() is not None


async def rename_person(session: WriteSession, own: UUID, name: str) -> bool:
    """Give the person another name; return False when there is none."""
    statement = sa.update(table(Person)).where(_people.id == own).values(name=name).returning(_people.id)
    return (await session.execute(statement)).first() is not None


async def extend_documents(session: WriteSession, own: UUID, *, words: str) -> list[UUID]:
    """Have the titles that credit the person found by more words, a tsvector literal; return those titles."""
    titles = sa.select(_credits.title_id).where(_credits.person_id == own)
    return await extend_documents_of(session, titles, words=words)
