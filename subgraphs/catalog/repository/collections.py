"""Collections: who sees which, their titles in order, and what editors change of them."""

from collections.abc import Collection as SizedIterable
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects.postgresql import insert

from subgraphs.catalog.models import (
    TYPE_NAMES,
    CmsTitle,
    Collection,
    CollectionTitle,
    SearchDocument,
    Title,
    TitleKind,
    Translation,
    table,
)
from subgraphs.catalog.repository.cards import Text, Texts, any_of, read_texts, texts_of
from subgraphs.catalog.repository.criteria import TitleCriteria, conditions
from subgraphs.catalog.repository.slugs import await_turn
from subgraphs.catalog.repository.tags import asked
from subgraphs.catalog.repository.titles import TitlePlace, TitleSort
from subgraphs.catalog.repository.visibility import Audience, listed
from subgraphs.catalog.repository.writing import insert_rows
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.postgres import ReadSession, WriteSession

_collections = table(Collection).c
_members = table(CollectionTitle).c
_titles = table(Title).c
_cms_titles = table(CmsTitle).c

_RULES: TypeAdapter[TitleCriteria] = TypeAdapter(TitleCriteria)


@dataclass(frozen=True, slots=True)
class CollectionCard:
    """A collection as it stands. `rule` None means that its titles were put in by hand."""

    id: UUID
    slug: str
    texts: Texts
    version: int
    is_published: bool
    rule: TitleCriteria | None
    sort: TitleSort
    updated_at: datetime
    revision: int
    announced: Sequence[str]


@dataclass(frozen=True, slots=True)
class Member:
    """A title that was put into a collection by hand."""

    title_id: UUID
    type_name: str

    @property
    def global_id(self) -> str:
        """The global id of the title."""
        return encode_id(self.type_name, self.title_id)


async def collections_by_id(
    session: ReadSession | WriteSession, ids: SizedIterable[UUID], *, published_only: bool
) -> dict[UUID, CollectionCard]:
    """Return the collections by id; unknown ones are left out."""
    return {
        card.id: card for card in await _read(session, _collections.id == any_of(ids), published_only=published_only)
    }


async def collection_by_slug(session: ReadSession, slug: str) -> CollectionCard | None:
    """Return the published collection with that slug, None when there is none."""
    return next(iter(await _read(session, _collections.slug == slug, published_only=True)), None)


async def collections_after(session: ReadSession, slug: str | None, *, limit: int) -> list[CollectionCard]:
    """Return at most `limit` collections, published or not, by slug, that follow one."""
    follows = sa.true() if slug is None else _collections.slug > slug
    return await _read(session, follows, published_only=False, limit=limit)


async def _read(
    session: ReadSession | WriteSession,
    condition: sa.ColumnElement[bool],
    *,
    published_only: bool,
    limit: int | None = None,
) -> list[CollectionCard]:
    statement = (
        sa.select(*table(Collection).c, texts_of(_collections.id).label("texts"))
        .where(condition)
        .order_by(_collections.slug)
        .limit(limit)
    )
    if published_only:
        statement = statement.where(_collections.is_published)
    return [_card(row) for row in await session.execute(statement)]


def _card(row: Any) -> CollectionCard:
    return CollectionCard(
        id=UUID(int=row.id.int),  # asyncpg's own subclass has no JSON form
        slug=row.slug,
        texts=read_texts(row.texts),
        version=row.version,
        is_published=row.is_published,
        rule=None if row.rule is None else _RULES.validate_python(row.rule),
        sort=TitleSort(row.sort),
        updated_at=row.updated_at,
        revision=row.revision,
        announced=row.announced,
    )


async def with_rule(session: ReadSession, criteria: TitleCriteria) -> TitleCriteria:
    """Return the criteria with the rule of their collection in place of its id, where it has one.

    No statement without a collection. One that is unknown or not published has no titles.
    """
    if criteria.collection_id is None:
        return criteria
    statement = sa.select(_collections.rule).where(_collections.id == criteria.collection_id, _collections.is_published)
    rule = (await session.execute(statement)).scalar_one_or_none()
    return criteria if rule is None else replace(criteria, collection_id=None, rule=_RULES.validate_python(rule))


async def places_by_collection(
    session: ReadSession, ids: SizedIterable[UUID], *, audience: Audience, limit: int, after: int | None
) -> dict[UUID, list[TitlePlace]]:
    """Return for each collection at most `limit` of the listed titles put in by hand that follow the place `after`."""
    rank = sa.func.row_number().over(partition_by=_members.collection_id, order_by=_members.position).label("rank")
    ranked = (
        sa.select(_members.collection_id, _members.position, _titles.id, rank)
        .join_from(table(CollectionTitle), table(Title), _titles.id == _members.title_id)
        .where(_members.collection_id == any_of(ids), listed(audience))
    )
    if after is not None:
        ranked = ranked.where(_members.position > sa.literal(after, sa.Integer))
    inner = ranked.subquery()
    statement = sa.select(inner).where(inner.c.rank <= limit).order_by(inner.c.collection_id, inner.c.rank)
    grouped: dict[UUID, list[TitlePlace]] = {}
    for row in await session.execute(statement):
        grouped.setdefault(row.collection_id, []).append(TitlePlace(row.id, (row.position, row.id)))
    return grouped


async def members_of(
    session: ReadSession | WriteSession, own: UUID, *, limit: int, after: int | None = None
) -> list[tuple[int, Member]]:
    """Return at most `limit` titles put in by hand, hidden ones too, with their places, that follow a place."""
    statement = (
        sa.select(_members.position, _members.title_id, _members.type_name)
        .where(_members.collection_id == own)
        .order_by(_members.position)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(_members.position > sa.literal(after, sa.Integer))
    return [(row.position, Member(row.title_id, row.type_name)) for row in await session.execute(statement)]


async def count_members(session: ReadSession, own: UUID) -> int:
    """Return how many titles were put in by hand."""
    statement = sa.select(sa.func.count()).where(_members.collection_id == own)
    return (await session.execute(statement)).scalar_one()


async def found_by_rule(
    session: WriteSession, card: CollectionCard, rule: TitleCriteria, *, audience: Audience, limit: int
) -> list[str]:
    """Return the global ids of the first titles that a rule finds, in the collection's order.

    Windows, countries and ages are left to whoever shows them; tier and rent are those of the audience.
    """
    order = {
        TitleSort.TRENDING: (_titles.trending_boost.desc(), _titles.published_at.desc(), _titles.id.desc()),
        TitleSort.RECENTLY_ADDED: (_titles.published_at.desc(), _titles.id.desc()),
        TitleSort.NAME_ASC: (_titles.sort_name, _titles.id),
        TitleSort.RELEASE_DATE_DESC: (_titles.release_order.desc(), _titles.id.desc()),
    }[card.sort]
    wanted = asked(rule, audience)
    statement = (
        sa.select(_titles.id, _titles.kind)
        .where(_titles.published_at <= audience.now, *conditions(wanted.shape))
        .order_by(*order)
        .limit(limit)
    )
    found = await session.execute(statement, wanted.values)
    return [encode_id(TYPE_NAMES[TitleKind(row.kind)], row.id) for row in found]


async def lock(session: WriteSession, own: UUID) -> CollectionCard | None:
    """Return the collection, kept from changing until the transaction ends; None when there is none."""
    await session.execute(sa.select(_collections.id).where(_collections.id == own).with_for_update())
    return (await collections_by_id(session, [own], published_only=False)).get(own)


async def lock_rules(session: WriteSession) -> list[CollectionCard]:
    """Return the published collections that go by a rule, kept from changing until the transaction ends."""
    has_rule = sa.and_(_collections.rule.is_not(None), _collections.is_published)
    await session.execute(sa.select(_collections.id).where(has_rule).order_by(_collections.id).with_for_update())
    return await _read(session, has_rule, published_only=True)


async def known_kinds(session: WriteSession, ids: SizedIterable[UUID]) -> dict[UUID, str]:
    """Return the type names of the titles that there are, published or not."""
    published = sa.select(_titles.id, _titles.kind).where(_titles.id == any_of(ids))
    drafts = sa.select(_cms_titles.title_id, _cms_titles.draft["kind"].astext).where(
        _cms_titles.title_id == any_of(ids)
    )
    found = await session.execute(sa.union_all(published, drafts))
    return {row[0]: TYPE_NAMES[TitleKind(row[1])] for row in found}


async def is_slug_taken(session: WriteSession, slug: str, *, own: UUID) -> bool:
    """Return whether another collection has the slug. True until the transaction ends."""
    await await_turn(session, "collection", slug)
    statement = sa.select(sa.exists().where(_collections.slug == slug, _collections.id != own))
    return bool((await session.execute(statement)).scalar_one())


async def save(session: WriteSession, card: CollectionCard) -> None:
    """Store the collection itself, with its texts; locales that it does not name stay."""
    values: dict[str, Any] = {
        "slug": card.slug,
        "version": card.version,
        "is_published": card.is_published,
        "rule": None if card.rule is None else _RULES.dump_python(card.rule, mode="json", exclude_defaults=True),
        "sort": card.sort.value,
        "updated_at": card.updated_at,
        "revision": card.revision,
        "announced": list(card.announced),
    }
    upsert = insert(table(Collection)).values(id=card.id, **values)
    await session.execute(upsert.on_conflict_do_update(index_elements=["id"], set_=values))
    await _save_texts(session, card.id, card.texts)


async def _save_texts(session: WriteSession, own: UUID, texts: Mapping[str, Text]) -> None:
    if not texts:
        return
    rows = [
        {"owner_id": own, "locale": locale, "name": text.name, "description": text.description}
        for locale, text in texts.items()
    ]
    upsert = insert(table(Translation)).values(rows)
    replaced = {"name": upsert.excluded.name, "description": upsert.excluded.description}
    await session.execute(upsert.on_conflict_do_update(index_elements=["owner_id", "locale"], set_=replaced))


async def replace_members(session: WriteSession, own: UUID, members: Sequence[Member]) -> None:
    """Put exactly these titles into the collection, in this order."""
    await session.execute(sa.delete(table(CollectionTitle)).where(_members.collection_id == own))
    if members:
        rows = [
            {"collection_id": own, "position": place, "title_id": each.title_id, "type_name": each.type_name}
            for place, each in enumerate(members)
        ]
        await session.execute(sa.insert(table(CollectionTitle)), rows)


async def announce(session: WriteSession, own: UUID, *, revision: int, announced: Sequence[str]) -> None:
    """Remember what others were told of."""
    values = {
        "revision": revision,
        "announced": list(announced),
        "title_ids": [decode_id(each, *TYPE_NAMES.values()).uuid for each in announced],
    }
    await session.execute(sa.update(table(Collection)).where(_collections.id == own).values(values))


async def replace_document(session: WriteSession, own: UUID, document: dict[str, Any] | None) -> None:
    """Have the collection be found by this document, with None by nothing."""
    if document is None:
        await session.execute(sa.delete(table(SearchDocument)).where(table(SearchDocument).c.owner_id == own))
    else:
        await insert_rows(session, SearchDocument, [document], replace=True)


async def delete(session: WriteSession, own: UUID) -> None:
    """Delete the collection, its texts and what it is found by."""
    await replace_document(session, own, None)
    await session.execute(sa.delete(table(Collection)).where(_collections.id == own))
    await session.execute(sa.delete(table(Translation)).where(table(Translation).c.owner_id == own))
