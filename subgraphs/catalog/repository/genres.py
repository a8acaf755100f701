"""Genres, how many titles of each the viewer may see, and what editors change of them."""

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from subgraphs.catalog.models import Genre, TitleGenre, Translation, table
from subgraphs.catalog.repository.cards import GenreCard, any_of, read_texts, texts_of
from subgraphs.catalog.repository.search import extend_documents as extend_documents_of
from subgraphs.catalog.repository.tags import title_by
from subgraphs.catalog.repository.visibility import Audience, listed
from subgraphs.shared.postgres import ReadSession, WriteSession

_genres = table(Genre).c
_title_genres = table(TitleGenre).c

MOST_COUNTED = 200
"""Further the titles of a genre are not counted: a menu shows all genres at once."""


async def all_genres(session: ReadSession) -> list[GenreCard]:
    """Return every genre in the order of the list."""
    statement = sa.select(_genres.id, _genres.slug, texts_of(_genres.id).label("texts")).order_by(
        _genres.position, _genres.slug
    )
    return [GenreCard(row.id, row.slug, read_texts(row.texts)) for row in await session.execute(statement)]


async def genres_by_id(session: ReadSession | WriteSession, ids: Collection[UUID]) -> dict[UUID, GenreCard]:
    """Return the genres by id; unknown ones are left out."""
    statement = sa.select(_genres.id, _genres.slug, texts_of(_genres.id).label("texts")).where(
        _genres.id == any_of(ids)
    )
    return {row.id: GenreCard(row.id, row.slug, read_texts(row.texts)) for row in await session.execute(statement)}


async def title_counts_by_genre(session: ReadSession, ids: Collection[UUID], *, audience: Audience) -> dict[UUID, int]:
    """Return how many listed titles each genre has, MOST_COUNTED where it is so many or more."""
    title = title_by(_title_genres.title_id)
    of_genre = (
        sa.select(sa.true())
        .select_from(table(TitleGenre).join(title, sa.true()))
        .where(
            _title_genres.genre_id == _genres.id,
            _title_genres.age_floor <= audience.age_limit,
            listed(audience, title),
        )
        .correlate(table(Genre))
        .limit(MOST_COUNTED)
        .subquery()
    )
    size = sa.select(sa.func.count()).select_from(of_genre).scalar_subquery()
    statement = sa.select(_genres.id, size.label("size")).where(_genres.id == any_of(ids))
    return {row.id: row.size for row in await session.execute(statement)}


async def insert_genre(session: WriteSession, own: UUID, slug: str, *, position: int) -> None:
    """Insert a genre that has no name yet."""
    await session.execute(sa.insert(table(Genre)).values(id=own, slug=slug, position=position))


async def move_genre(session: WriteSession, own: UUID, *, position: int) -> None:
    """Give the genre another place in the list."""
    await session.execute(sa.update(table(Genre)).where(_genres.id == own).values(position=position))


async def save_names(session: WriteSession, own: UUID, names: Mapping[str, str]) -> None:
    """Store the genre's names by locale; other locales stay."""
    if not names:
        return
    rows = [{"owner_id": own, "locale": locale, "name": name} for locale, name in names.items()]
    upsert = insert(table(Translation)).values(rows)
    await session.execute(
        upsert.on_conflict_do_update(index_elements=["owner_id", "locale"], set_={"name": upsert.excluded.name})
    )


async def extend_documents(session: WriteSession, own: UUID, *, words: str) -> list[UUID]:
    """Have the titles of the genre found by more words, a tsvector literal; return those titles."""
    titles = sa.select(_title_genres.title_id).where(_title_genres.genre_id == own)
    return await extend_documents_of(session, titles, words=words)
