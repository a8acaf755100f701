"""Statements on drafts, their versions and the log; and on published titles as their editors take them over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import RowMapping

from subgraphs.catalog.models import (
    CmsLogEntry,
    CmsTitle,
    CmsVersion,
    Credit,
    EditorialAction,
    Episode,
    Image,
    Licence,
    Marker,
    Person,
    Playable,
    Season,
    SportsFixture,
    Title,
    TitleGenre,
    Translation,
    WorkflowState,
    table,
)
from subgraphs.catalog.repository.cards import any_of
from subgraphs.catalog.repository.slugs import await_turns
from subgraphs.catalog.repository.writing import insert_rows
from subgraphs.shared.postgres import ReadSession, WriteSession

_cms = table(CmsTitle)
_versions = table(CmsVersion)
_log = table(CmsLogEntry)
_titles = table(Title)

UNTOUCHED_SINCE = sa.func.coalesce(_titles.c.published_at, sa.text("'epoch'::timestamptz"))
"""When a title that no editor touched changed last, as the index of `titles` has it."""

Row = RowMapping


@dataclass(slots=True)
class EditorialTitle:
    """A title in its editors' hands; `draft` is the document of its newest version."""

    title_id: UUID
    state: WorkflowState
    version: int
    live_version: int | None
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None
    approved_at: datetime | None
    publish_at: datetime | None
    first_published_at: datetime | None
    draft: dict[str, Any]
    creation_key_hash: str | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """What an editor did; `author` None where it was the seed, an import or the schedule."""

    version: int
    action: EditorialAction
    state: WorkflowState
    author: str | None
    at: datetime
    comment: str | None


@dataclass(frozen=True, slots=True)
class StoredParts:
    """A published title, as rows."""

    title: Row
    fixture: Row | None
    texts: Sequence[Row]
    genre_ids: Sequence[UUID]
    credits: Sequence[Row]
    seasons: Sequence[Row]
    episodes: Sequence[Row]
    playables: Sequence[Row]
    markers: Sequence[Row]
    licences: Sequence[Row]
    images: Sequence[Row]


@dataclass(frozen=True, slots=True)
class EditorialPlace:
    """Where a title stands in the list of all titles; `is_adopted` says whether an editor ever touched it."""

    title_id: UUID
    updated_at: datetime
    is_adopted: bool


@dataclass(frozen=True, slots=True)
class EditorialCriteria:
    """What narrows the list; empty fields let everything pass."""

    states: tuple[WorkflowState, ...] = ()
    kinds: tuple[str, ...] = ()
    created_by: str | None = None
    name_part: str | None = None


async def title_for_change(session: WriteSession, title_id: UUID) -> EditorialTitle | None:
    """Return the title, locked until the transaction ends; None when no editor ever touched it."""
    row = (await session.execute(sa.select(_cms).where(_cms.c.title_id == title_id).with_for_update())).one_or_none()
    return None if row is None else _title(row)


async def titles_by_id(session: ReadSession | WriteSession, ids: Collection[UUID]) -> dict[UUID, EditorialTitle]:
    """Return the titles that editors touched, by id."""
    rows = await session.execute(sa.select(_cms).where(_cms.c.title_id == any_of(ids)))
    return {row.title_id: _title(row) for row in rows}


async def titles_for_change(session: WriteSession, ids: Collection[UUID]) -> dict[UUID, EditorialTitle]:
    """Return those of the titles that editors touched, locked until the transaction ends, in one order."""
    statement = sa.select(_cms).where(_cms.c.title_id == any_of(ids)).order_by(_cms.c.title_id).with_for_update()
    return {(title := _title(row)).title_id: title for row in await session.execute(statement)}


async def touched_titles(session: ReadSession | WriteSession, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the titles that editors touched."""
    return set((await session.execute(sa.select(_cms.c.title_id).where(_cms.c.title_id == any_of(ids)))).scalars())


async def title_by_creation_key(session: WriteSession, key_hash: str) -> EditorialTitle | None:
    """Return the title that was made with the idempotency key, None when none was."""
    row = (await session.execute(sa.select(_cms).where(_cms.c.creation_key_hash == key_hash))).one_or_none()
    return None if row is None else _title(row)


async def due_titles(session: WriteSession, *, now: datetime, limit: int) -> list[EditorialTitle]:
    """Return titles whose moment has come, locked; those that another worker holds are passed over."""
    statement = (
        sa.select(_cms)
        .where(_cms.c.publish_at <= now)
        .order_by(_cms.c.publish_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_title(row) for row in await session.execute(statement)]


async def scheduled_titles(session: ReadSession | WriteSession, *, until: datetime, limit: int) -> list[EditorialTitle]:
    """Return titles that are to be published by the moment, the earliest first."""
    statement = sa.select(_cms).where(_cms.c.publish_at <= until).order_by(_cms.c.publish_at).limit(limit)
    return [_title(row) for row in await session.execute(statement)]


async def insert_title(session: WriteSession, title: EditorialTitle) -> bool:
    """Insert the title; return False, and change nothing, when it is there or its creation key was used."""
    inserted = await session.execute(
        insert(_cms).values(_columns(title)).on_conflict_do_nothing().returning(_cms.c.title_id)
    )
    return inserted.first() is not None


async def save_title(session: WriteSession, title: EditorialTitle) -> None:
    """Store what changed in a title that `title_for_change` gave."""
    values = _columns(title)
    await session.execute(sa.update(_cms).where(_cms.c.title_id == values.pop("title_id")).values(values))


async def insert_titles(session: WriteSession, titles: Sequence[EditorialTitle]) -> None:
    """Insert the titles with their newest versions, in two statements; those that are there stay as they are."""
    await insert_rows(session, CmsTitle, [_columns(title) for title in titles])
    await insert_versions(session, titles)


async def save_titles(session: WriteSession, titles: Sequence[EditorialTitle]) -> None:
    """Store what changed in titles that are locked, in one statement."""
    await insert_rows(session, CmsTitle, [_columns(title) for title in titles], replace=True)


async def insert_versions(session: WriteSession, titles: Sequence[EditorialTitle]) -> None:
    """Keep the documents of the titles' newest versions, in one statement; those that are there stay as they are."""
    rows = [{"title_id": title.title_id, "version": title.version, "draft": title.draft} for title in titles]
    await insert_rows(session, CmsVersion, rows)


async def insert_version(session: WriteSession, title: EditorialTitle) -> None:
    """Keep the document of the title's newest version."""
    await session.execute(
        sa.insert(_versions).values(title_id=title.title_id, version=title.version, draft=title.draft)
    )


async def version_drafts(
    session: ReadSession | WriteSession, title_id: UUID, versions: Collection[int]
) -> dict[int, dict[str, Any]]:
    """Return the documents of those versions that there are."""
    statement = sa.select(_versions.c.version, _versions.c.draft).where(
        _versions.c.title_id == title_id, _versions.c.version.in_(versions)
    )
    return {row.version: row.draft for row in await session.execute(statement)}


async def log(session: WriteSession, title: EditorialTitle, entry: LogEntry) -> None:
    """Add an entry to the title's log."""
    await session.execute(
        sa.insert(_log).values(
            title_id=title.title_id,
            version=entry.version,
            action=entry.action.value,
            state=entry.state.value,
            author=entry.author,
            at=entry.at,
            comment=entry.comment,
        )
    )


async def log_all(session: WriteSession, entries: Sequence[tuple[UUID, LogEntry]]) -> None:
    """Add entries to the logs of titles, in this order and in one statement."""
    rows = [
        {
            "title_id": own,
            "version": entry.version,
            "action": entry.action.value,
            "state": entry.state.value,
            "author": entry.author,
            "at": entry.at,
            "comment": entry.comment,
        }
        for own, entry in entries
    ]
    await insert_rows(session, CmsLogEntry, rows)


async def log_of_titles(session: ReadSession, ids: Collection[UUID], *, limit: int) -> dict[UUID, list[LogEntry]]:
    """Return the newest entries of each title, newest first."""
    rank = sa.func.row_number().over(partition_by=_log.c.title_id, order_by=_log.c.id.desc()).label("rank")
    ranked = sa.select(_log, rank).where(_log.c.title_id == any_of(ids)).subquery()
    statement = sa.select(ranked).where(ranked.c.rank <= limit).order_by(ranked.c.title_id, ranked.c.rank)
    found: dict[UUID, list[LogEntry]] = {}
    for row in await session.execute(statement):
        entry = LogEntry(
            row.version, EditorialAction(row.action), WorkflowState(row.state), row.author, row.at, row.comment
        )
        found.setdefault(row.title_id, []).append(entry)
    return found


async def slug_holders(session: WriteSession, slugs: Collection[str]) -> dict[str, set[UUID]]:
    """Return which titles, published or in the making, have each of the slugs; those that nobody has are left out.
    True until the transaction ends. No statement for none."""
    if not slugs:
        return {}
    await await_turns(session, "title-slug", slugs)
    wanted = sa.any_(sa.literal(sorted(slugs), sa.ARRAY(sa.Text)))
    planned_slug = _cms.c.draft["slug"].astext
    published = sa.select(_titles.c.id, _titles.c.slug).where(_titles.c.slug == wanted)
    planned = sa.select(_cms.c.title_id, planned_slug).where(planned_slug == wanted, _cms.c.state != "ARCHIVED")
    found: dict[str, set[UUID]] = {}
    for own, slug in await session.execute(sa.union_all(published, planned)):
        found.setdefault(slug, set()).add(own)
    return found


async def places(
    session: ReadSession, criteria: EditorialCriteria, *, limit: int, after: tuple[datetime, UUID] | None
) -> list[EditorialPlace]:
    """Return places of all titles, the most recently changed first: drafts, and what nobody touched yet."""
    statement = places_statement(criteria, limit=limit, after=after)
    return [EditorialPlace(*row) for row in await session.execute(statement)]


def places_statement(criteria: EditorialCriteria, *, limit: int, after: tuple[datetime, UUID] | None) -> sa.Select[Any]:
    """Return the statement of `places`.

    Each of the two kinds walks its own index from the key on and stops after a page, so a page deep in the list costs
    as much as the first one.
    """
    pages = [_page(kind, limit=limit, after=after) for kind in (_touched(criteria), _untouched(criteria))]
    merged = sa.union_all(*(sa.select(page.subquery()) for page in pages)).subquery()
    return sa.select(merged).order_by(merged.c.updated_at.desc(), merged.c.title_id.desc()).limit(limit)


async def count(session: ReadSession, criteria: EditorialCriteria) -> int:
    """Return how many titles meet the criteria."""
    counts = [
        sa.select(sa.func.count()).select_from(kind.subquery()).scalar_subquery()
        for kind in (_touched(criteria), _untouched(criteria))
    ]
    total: int = (await session.execute(sa.select(counts[0] + counts[1]))).scalar_one()
    return total


def _page(kind: sa.Select[Any], *, limit: int, after: tuple[datetime, UUID] | None) -> sa.Select[Any]:
    """Return the first places of one kind that follow the key."""
    own, updated_at, _ = kind.selected_columns
    if after is not None:
        bound = sa.tuple_(sa.literal(after[0], sa.DateTime(timezone=True)), sa.literal(after[1], sa.Uuid))
        kind = kind.where(sa.tuple_(updated_at, own) < bound)
    return kind.order_by(updated_at.desc(), own.desc()).limit(limit)


async def stored_parts(session: ReadSession | WriteSession, ids: Collection[UUID]) -> dict[UUID, StoredParts]:
    """Return published titles as rows, in a fixed number of statements; ids that are no title's are left out."""
    wanted = any_of(ids)
    titles = (await session.execute(sa.select(_titles).where(_titles.c.id == wanted))).mappings().all()
    if not titles:
        return {}
    fixtures = await _rows_by_title(session, sa.select(table(SportsFixture)), "title_id", wanted)
    seasons = await _rows_by_title(
        session, sa.select(table(Season)).order_by(table(Season).c.number), "title_id", wanted
    )
    episode, season = table(Episode), table(Season)
    episodes = await _rows_by_title(
        session,
        sa.select(episode, season.c.title_id)
        .join_from(episode, season, season.c.id == episode.c.season_id)
        .order_by(season.c.number, episode.c.number),
        "title_id",
        wanted,
    )
    playables = await _rows_by_title(
        session, sa.select(table(Playable)).order_by(table(Playable).c.position), "title_id", wanted
    )
    marker, playable = table(Marker), table(Playable)
    markers = await _rows_by_title(
        session,
        sa.select(marker, playable.c.title_id)
        .join_from(marker, playable, playable.c.id == marker.c.playable_id)
        .order_by(marker.c.playable_id, marker.c.position),
        "title_id",
        wanted,
    )
    licences = await _rows_by_title(
        session, sa.select(table(Licence)).order_by(table(Licence).c.position), "title_id", wanted
    )
    image = table(Image)
    images = await _rows_by_title(session, sa.select(image).order_by(image.c.role), "owner_id", wanted)
    genres = await _rows_by_title(
        session, sa.select(table(TitleGenre)).order_by(table(TitleGenre).c.position), "title_id", wanted
    )
    credit, person = table(Credit), table(Person)
    credited = await _rows_by_title(
        session,
        sa.select(credit, person.c.name)
        .join_from(credit, person, person.c.id == credit.c.person_id)
        .order_by(credit.c.role, credit.c.position),
        "title_id",
        wanted,
    )
    owners = [row["id"] for rows in (*seasons.values(), *episodes.values()) for row in rows]
    texts = await session.execute(
        sa.select(table(Translation)).where(table(Translation).c.owner_id == any_of([*ids, *owners]))
    )
    texts_by_owner: dict[UUID, list[Row]] = {}
    for row in texts.mappings():
        texts_by_owner.setdefault(row["owner_id"], []).append(row)

    def parts_of(title: Row) -> StoredParts:
        own = title["id"]
        hanging = [own, *(row["id"] for row in (*seasons.get(own, ()), *episodes.get(own, ())))]
        return StoredParts(
            title=title,
            fixture=next(iter(fixtures.get(own, ())), None),
            texts=[text for owner in hanging for text in texts_by_owner.get(owner, ())],
            genre_ids=[row["genre_id"] for row in genres.get(own, ())],
            credits=credited.get(own, ()),
            seasons=seasons.get(own, ()),
            episodes=episodes.get(own, ()),
            playables=playables.get(own, ()),
            markers=markers.get(own, ()),
            licences=licences.get(own, ()),
            images=images.get(own, ()),
        )

    return {title["id"]: parts_of(title) for title in titles}


async def _rows_by_title(
    session: ReadSession | WriteSession, statement: sa.Select[Any], key: str, wanted: Any
) -> dict[UUID, list[Row]]:
    column = next(column for column in statement.selected_columns if column.key == key)
    found: dict[UUID, list[Row]] = {}
    for row in (await session.execute(statement.where(column == wanted))).mappings():
        found.setdefault(row[key], []).append(row)
    return found


def _touched(criteria: EditorialCriteria) -> sa.Select[Any]:
    """Return the titles that editors touched, by their drafts."""
    name = sa.func.coalesce(_cms.c.draft["texts"]["en"]["name"].astext, _cms.c.draft["original_name"].astext, "")
    found = sa.select(_cms.c.title_id, _cms.c.updated_at, sa.true().label("is_adopted"))
    if criteria.states:
        found = found.where(_cms.c.state.in_([state.value for state in criteria.states]))
    if criteria.kinds:
        found = found.where(_cms.c.draft["kind"].astext.in_(criteria.kinds))
    if criteria.created_by is not None:
        found = found.where(_cms.c.created_by == criteria.created_by)
    if criteria.name_part is not None:
        found = found.where(name.icontains(criteria.name_part, autoescape=True))
    return found


def _untouched(criteria: EditorialCriteria) -> sa.Select[Any]:
    """Return the titles that no editor touched, by what is published; `UNTOUCHED_SINCE` has an index."""
    found = sa.select(
        _titles.c.id.label("title_id"), UNTOUCHED_SINCE.label("updated_at"), sa.false().label("is_adopted")
    ).where(~sa.exists().where(_cms.c.title_id == _titles.c.id))
    if criteria.created_by is not None or (criteria.states and WorkflowState.PUBLISHED not in criteria.states):
        found = found.where(sa.false())
    if criteria.kinds:
        found = found.where(_titles.c.kind.in_(criteria.kinds))
    if criteria.name_part is not None:
        found = found.where(_titles.c.original_name.icontains(criteria.name_part, autoescape=True))
    return found


def _columns(title: EditorialTitle) -> dict[str, Any]:
    return {
        "title_id": title.title_id,
        "state": title.state.value,
        "version": title.version,
        "live_version": title.live_version,
        "created_by": title.created_by,
        "created_at": title.created_at,
        "updated_at": title.updated_at,
        "submitted_at": title.submitted_at,
        "approved_at": title.approved_at,
        "publish_at": title.publish_at,
        "first_published_at": title.first_published_at,
        "draft": title.draft,
        "creation_key_hash": title.creation_key_hash,
    }


def _title(row: Any) -> EditorialTitle:
    values = {field.name: getattr(row, field.name) for field in fields(EditorialTitle)}
    # The driver's own UUID type is no `uuid.UUID` to those who write JSON.
    own = UUID(int=row.title_id.int)
    return EditorialTitle(**{**values, "title_id": own, "state": WorkflowState(values["state"])})
