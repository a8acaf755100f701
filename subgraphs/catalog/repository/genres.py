"""Genres, and how many titles of each the viewer may see."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import Genre, Title, TitleGenre, table
from subgraphs.catalog.repository.cards import GenreCard, any_of, read_texts, texts_of
from subgraphs.catalog.repository.visibility import Audience, listed
from subgraphs.shared.postgres import ReadSession, WriteSession

_genres = table(Genre).c
_titles = table(Title).c
_title_genres = table(TitleGenre).c


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
    """Return how many listed titles each genre has; genres without any are left out."""
    statement = (
        sa.select(_title_genres.genre_id, sa.func.count().label("size"))
        .join_from(table(TitleGenre), table(Title), _titles.id == _title_genres.title_id)
        .where(_title_genres.genre_id == any_of(ids), listed(audience))
        .group_by(_title_genres.genre_id)
    )
    return {row.genre_id: row.size for row in await session.execute(statement)}
