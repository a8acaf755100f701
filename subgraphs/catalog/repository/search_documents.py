"""Search documents as an index of another system takes them: read from the database, which has the truth of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import SearchDocument, table
from subgraphs.catalog.repository.cards import any_of
from subgraphs.shared.postgres import ReadSession

_documents = table(SearchDocument).c

_ENDED_TRANSACTIONS = sa.literal_column(
    "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    " - (SELECT count(*) FROM pg_snapshot_xip(pg_current_snapshot()))",
    sa.BigInteger,
)
"""How many transactions the statement sees as ended. One that sees more of them saw the newer state: snapshots of one
server are ordered, and each transaction that ends between two of them adds to the number."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """What a title, a person or a collection is found by, as it stands in the table; `words` and `sounds` are tsvectors
    as text."""

    owner_id: UUID
    names: str
    words: str
    sounds: str


@dataclass(frozen=True, slots=True)
class DocumentsAtOnce:
    """Documents of one moment. `version` grows from moment to moment, and two of the same version are equal."""

    version: int
    documents: Sequence[StoredDocument]


async def documents_of(session: ReadSession, owners: Collection[UUID]) -> DocumentsAtOnce:
    """Return the documents of the owners; those that have none are left out."""
    return await _read(session, _select().where(_documents.owner_id == any_of(owners)))


async def documents_after(session: ReadSession, after: UUID | None, *, limit: int) -> DocumentsAtOnce:
    """Return at most `limit` documents of the owners whose ids follow, by id."""
    statement = _select().order_by(_documents.owner_id).limit(limit)
    return await _read(session, statement if after is None else statement.where(_documents.owner_id > after))


async def count_documents(session: ReadSession) -> int:
    """Return how many documents there are."""
    return (await session.execute(sa.select(sa.func.count()).select_from(table(SearchDocument)))).scalar_one()


def _select() -> sa.Select[Any]:
    return sa.select(
        _documents.owner_id,
        _documents.names,
        sa.cast(_documents.words, sa.Text).label("words"),
        sa.cast(_documents.sounds, sa.Text).label("sounds"),
        _ENDED_TRANSACTIONS.label("version"),
    )


async def _read(session: ReadSession, statement: sa.Select[Any]) -> DocumentsAtOnce:
    rows = (await session.execute(statement)).all()
    documents = [StoredDocument(row.owner_id, row.names, row.words, row.sounds) for row in rows]
    return DocumentsAtOnce(rows[0].version if rows else 0, documents)
