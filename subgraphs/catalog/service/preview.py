"""The catalogue as it will be: with drafts in it, or with what is scheduled until a moment. Nobody else sees any of it.

Everything is read by the statements that viewers' pages are read by, so a preview shows what a page will show. What is
not published yet is published inside a transaction that is always rolled back: no other connection can see it, and
nothing of it is kept between requests. Its locks last for one statement's time.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from subgraphs.catalog.errors import TitleUnknownError
from subgraphs.catalog.models import WorkflowState
from subgraphs.catalog.repository import editorial
from subgraphs.catalog.repository.metadata import Entry, Kind, Load, MetadataCache
from subgraphs.catalog.service.editing import live_record
from subgraphs.catalog.service.records import TitleRecord
from subgraphs.catalog.service.writing import publish_titles
from subgraphs.shared.postgres import Database, ReadSession, WriteSession
from subgraphs.shared.prepared import Prepared, Row

Card = TypeVar("Card")

MOST_DRAFTS = 20
MOST_SCHEDULED = 200
"""Scheduled titles that a preview of a later moment shows as published, the earliest first."""


class _UndoneError(Exception):
    """Ends the transaction of a preview, so that it is rolled back."""


class PreviewDatabase(Database):
    """The database with titles published that are not. It has no pool of its own and only reads: each read publishes
    them and takes it back."""

    def __init__(self, database: Database, records: Sequence[TitleRecord], *, now: datetime) -> None:
        self.name = database.name
        self._database = database
        self._records = records
        self._now = now

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """Give a session for reading. Raises what `Database.writing` raises."""
        async with self._published() as session:
            yield cast("ReadSession", session)

    async def fetch(self, prepared: Prepared, **parameters: Any) -> Sequence[Row]:
        """Return the rows of a prepared statement. Raises what `Database.writing` raises."""
        async with self._published() as session:
            raw = await (await session.connection()).get_raw_connection()
            records = await raw.driver_connection.fetch(prepared.sql, *prepared.arguments(parameters))  # type: ignore[union-attr]  # it is open
        return prepared.read(records)

    @asynccontextmanager
    async def _published(self) -> AsyncIterator[WriteSession]:
        try:
            async with self._database.writing() as session:
                await publish_titles(session, self._records, now=self._now)
                yield session
                raise _UndoneError
        except _UndoneError:
            pass


class NothingKept(MetadataCache):
    """Metadata that are read anew each time: what a preview shows must not meet what others are shown."""

    def __init__(self) -> None:
        """Keep nothing, and so need no store."""

    async def entries(self, kind: Kind[Card], stamps: Mapping[UUID, str], load: Load[Card]) -> dict[UUID, Entry[Card]]:  # noqa: ARG002 - as the base has it
        """Return the entries, read from the database."""
        loaded = await load(list(stamps))
        return {id_: Entry(stamp, card, 0) for id_, (stamp, card) in loaded.items()}


async def records_to_show(
    database: Database, drafts: Collection[UUID], *, now: datetime, at: datetime, for_editors: bool = True
) -> list[TitleRecord]:
    """Return the newest versions of these titles and of what is scheduled until the moment `at`, by id. What nobody
    named is for editors alone, and so are drafts that were put away.

    Raises:
        TitleUnknownError: One of an editor's drafts is none; what no editor touched is as viewers see it, and needs no
            preview.
    """
    async with database.writing() as session:
        asked = await editorial.titles_by_id(session, drafts)
        if for_editors and not set(drafts) <= asked.keys():
            raise TitleUnknownError
        scheduled = []
        if for_editors and at > now:
            scheduled = await editorial.scheduled_titles(session, until=at, limit=MOST_SCHEDULED)
        if not for_editors:
            asked = {own: title for own, title in asked.items() if title.state is not WorkflowState.ARCHIVED}
        found = {title.title_id: title for title in scheduled} | asked
        records = [await live_record(session, found[own], found[own].draft) for own in sorted(found)]
    return [replace(record, published_at=_shown_since(record, at)) for record in records]


def _shown_since(record: TitleRecord, at: datetime) -> datetime:
    return at if record.published_at is None else min(record.published_at, at)
