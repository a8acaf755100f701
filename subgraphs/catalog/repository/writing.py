"""Storing rows in bulk, taking a title down, and the ranks of trending titles."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from subgraphs.catalog.models import (
    CmsTitle,
    Credit,
    Episode,
    Image,
    Licence,
    Marker,
    Model,
    Person,
    Playable,
    SearchDocument,
    SearchWord,
    Season,
    Title,
    TitleGenre,
    Translation,
    TrendingSnapshot,
    table,
)
from subgraphs.catalog.repository.cards import any_of
from subgraphs.shared.postgres import WriteSession

_titles, _seasons, _episodes, _playables = table(Title), table(Season), table(Episode), table(Playable)
_cms, _people = table(CmsTitle), table(Person)


@dataclass(frozen=True, slots=True)
class KnownTitle:
    """What decides whether a record is new, changed or unchanged; `is_edited` where editors took the title over."""

    id: UUID
    slug: str
    digest: str
    version: int
    is_edited: bool


async def known_titles(session: WriteSession, ids: Collection[UUID], slugs: Collection[str]) -> list[KnownTitle]:
    """Return the stored titles with one of the ids or slugs."""
    is_edited = sa.exists().where(_cms.c.title_id == _titles.c.id)
    statement = sa.select(_titles.c.id, _titles.c.slug, _titles.c.source_digest, _titles.c.version, is_edited).where(
        sa.or_(_titles.c.id == any_of(ids), _titles.c.slug == sa.any_(sa.literal(list(slugs), sa.ARRAY(sa.Text))))
    )
    return [KnownTitle(*row) for row in await session.execute(statement)]


async def known_people(session: WriteSession, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the ids that are a person's whom searches find; no statement for none."""
    if not ids:
        return set()
    documents = table(SearchDocument)
    statement = (
        sa.select(_people.c.id)
        .join(documents, documents.c.owner_id == _people.c.id)
        .where(_people.c.id == any_of(ids), documents.c.owner_id == any_of(ids))
    )
    return set((await session.execute(statement)).scalars())


async def known_words(session: WriteSession, words: Collection[str]) -> set[str]:
    """Return those of the words whose spellings are stored; no statement for none. Words are never forgotten."""
    if not words:
        return set()
    known = table(SearchWord).c.word
    wanted = sa.any_(sa.literal(list(words), sa.ARRAY(sa.Text)))
    return set((await session.execute(sa.select(known).where(known == wanted))).scalars())


@dataclass(frozen=True, slots=True)
class Insertion:
    """A statement that inserts rows, and the rows as its one parameter."""

    statement: sa.TextClause
    rows: str

    async def run(self, session: WriteSession) -> None:
        """Insert the rows."""
        await session.execute(self.statement, {"rows": self.rows})


async def insert_rows(
    session: WriteSession, model: type[Model], rows: Sequence[dict[str, Any]], *, replace: bool = False
) -> None:
    """Insert rows that have the same keys, in one statement and as one parameter; nothing for none.

    A row whose primary key exists is left as it is, or with `replace` gets the new values.
    """
    if rows:
        await insertion_of(model, rows, replace=replace).run(session)


def insertion_of(model: type[Model], rows: Sequence[dict[str, Any]], *, replace: bool = False) -> Insertion:
    """Return what `insert_rows` would do with the rows, of which there must be one."""
    return Insertion(_insertion(model, tuple(rows[0]), replace=replace), orjson.dumps(rows).decode())


@lru_cache(maxsize=128)
def _insertion(model: type[Model], names: tuple[str, ...], *, replace: bool) -> sa.TextClause:
    target = table(model)
    columns = [f'"{name}"' for name in names]
    keys = [f'"{column.name}"' for column in target.primary_key]
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns if name not in keys)
    action = f"({', '.join(keys)}) DO UPDATE SET {changes}" if replace and changes else "DO NOTHING"
    return sa.text(
        f"INSERT INTO {target.name} ({', '.join(columns)}) "  # noqa: S608  # names come from our own models
        f"SELECT {', '.join(columns)} FROM json_populate_recordset(NULL::{target.name}, CAST(:rows AS json)) "
        f"ON CONFLICT {action}"
    )


async def forget_parts(session: WriteSession, title_ids: Collection[UUID]) -> None:
    """Delete the genres, credits, texts, licences, markers and pictures of titles, before new ones are stored."""
    own = sa.select(_playables.c.id).where(_playables.c.title_id == any_of(title_ids))
    await session.execute(sa.delete(table(Marker)).where(table(Marker).c.playable_id.in_(own)))
    for owner in (
        table(TitleGenre).c.title_id,
        table(Credit).c.title_id,
        table(Licence).c.title_id,
        table(Image).c.owner_id,
        table(Translation).c.owner_id,
    ):
        await session.execute(sa.delete(owner.table).where(owner == any_of(title_ids)))


async def forget_absent(
    session: WriteSession,
    title_ids: Collection[UUID],
    *,
    seasons: Collection[UUID],
    episodes: Collection[UUID],
    playables: Collection[UUID],
) -> None:
    """Delete what hangs on the titles and is not among these, and the stills of all their episodes, before new ones
    are stored."""
    own_seasons = sa.select(_seasons.c.id).where(_seasons.c.title_id == any_of(title_ids))
    own_episodes = sa.select(_episodes.c.id).where(_episodes.c.season_id.in_(own_seasons))
    for deletion in (
        sa.delete(table(Image)).where(table(Image).c.owner_id.in_(own_episodes)),
        sa.delete(_playables).where(_playables.c.title_id == any_of(title_ids), _none_of(_playables, playables)),
        sa.delete(_episodes).where(_episodes.c.season_id.in_(own_seasons), _none_of(_episodes, episodes)),
        sa.delete(_seasons).where(_seasons.c.title_id == any_of(title_ids), _none_of(_seasons, seasons)),
    ):
        await session.execute(deletion)


def _none_of(rows: sa.Table, ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    return ~(rows.c.id == any_of(ids))


async def withdraw_title(session: WriteSession, title_id: UUID) -> int:
    """Hide the title from every viewer and return its new version. It must be stored."""
    statement = (
        sa.update(_titles)
        .where(_titles.c.id == title_id)
        .values(published_at=None, version=_titles.c.version + 1)
        .returning(_titles.c.version)
    )
    version: int = (await session.execute(statement)).scalar_one()
    return version


async def advance_snapshot(session: WriteSession, *, computed_at: datetime) -> bool:
    """Remember when ranks were computed; return False, and change nothing, if later ones are known."""
    snapshot = table(TrendingSnapshot)
    fresh = insert(snapshot).values(id=1, computed_at=computed_at)
    statement = fresh.on_conflict_do_update(
        index_elements=[snapshot.c.id],
        set_={"computed_at": fresh.excluded.computed_at},
        where=snapshot.c.computed_at < fresh.excluded.computed_at,
    ).returning(snapshot.c.id)
    return (await session.execute(statement)).first() is not None


async def set_trending_boosts(session: WriteSession, ranked: Sequence[UUID]) -> None:
    """Give the titles their boosts, the first the highest; all others lose theirs."""
    ids = any_of(ranked)
    await session.execute(
        sa.update(_titles).where(_titles.c.trending_boost > 0, sa.not_(_titles.c.id == ids)).values(trending_boost=0)
    )
    array = sa.literal(list(ranked), sa.ARRAY(sa.Uuid))
    boost = len(ranked) + 1 - sa.func.array_position(array, _titles.c.id)
    await session.execute(sa.update(_titles).where(_titles.c.id == ids).values(trending_boost=boost))


async def analyze_tables(session: WriteSession) -> None:
    """Count values anew, so that the planner sees what a bulk load stored without waiting for autovacuum."""
    await session.execute(sa.text("ANALYZE"))
