"""Storing generated titles in bulk: the rows that publishing stores, by COPY, in two processes.

What many titles share (genres, people, words) is collected and stored once at the end. Foreign keys are not checked;
prominent documents are chosen and indexes are made when everything is there.
"""

import asyncio
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

import asyncpg

from benchmarks.scale_catalogue import CHUNK, Generator
from subgraphs.catalog.models import Genre, Model, Person, SearchDocument, SearchWord, Translation
from subgraphs.catalog.models import table as table_of
from subgraphs.catalog.repository.prominence import choose_prominent
from subgraphs.catalog.service.records import StoredTitle
from subgraphs.catalog.service.writing import rows_of
from subgraphs.shared.postgres import Database

_PROCESSES = 2
_TIMEOUT_SECONDS = 3600
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SHARED = (Genre, Person, SearchWord)
_LOADING = {"session_replication_role": "replica", "synchronous_commit": "off", "maintenance_work_mem": "1GB"}

Row = Mapping[str, Any]
Shared = dict[str, dict[tuple[Any, ...], Row]]


def load(url: str, titles: int, *, said: Callable[[str], None]) -> None:
    """Store that many titles in the empty catalog database of the server."""
    target = f"{url}/catalog"
    indexes = asyncio.run(_drop_indexes(target))
    half = (titles // 2) // CHUNK * CHUNK
    with multiprocessing.get_context("spawn").Pool(_PROCESSES) as pool:
        parts = pool.starmap(_load_part, [(target, 0, half), (target, half, titles)])
    shared: Shared = {}
    for part in parts:
        for name, rows in part.items():
            shared.setdefault(name, {}).update(rows)
    said(f"{titles:,} titles copied")
    asyncio.run(_copy_shared(target, shared))
    asyncio.run(_choose_prominent(url))
    asyncio.run(_finish(target, indexes))
    said("indexes made, tables vacuumed and analysed")


def _load_part(target: str, first: int, until: int) -> Shared:
    return asyncio.run(_copy_titles(target, first, until))


async def _copy_titles(target: str, first: int, until: int) -> Shared:
    connection = await asyncpg.connect(target, server_settings=_LOADING)
    shared: Shared = {}
    records = Generator().titles(first, until)
    try:
        while batch := [StoredTitle(record, 1, record.slug) for record in islice(records, CHUNK)]:
            for model, rows, _replace in rows_of(batch):
                await _copy(connection, model, list(_own_rows(model, rows, shared)))
    finally:
        await connection.close()
    return shared


def _own_rows(model: type[Model], rows: Iterable[Row], shared: Shared) -> Iterator[Row]:
    """Yield the rows that belong to one title; keep the others, once each."""
    keys = [column.name for column in table_of(model).primary_key]
    genres = shared.get(Genre.__tablename__, {})
    for row in rows:
        is_shared = (
            model in _SHARED
            or (model is SearchDocument and row["is_person"])
            or (model is Translation and (row["owner_id"],) in genres)
        )
        if is_shared:
            shared.setdefault(str(model.__tablename__), {})[tuple(row[key] for key in keys)] = row
        else:
            yield row


async def _copy(connection: asyncpg.Connection, model: type[Model], rows: Sequence[Row]) -> None:
    if not rows:
        return
    columns = list(rows[0])

    async def lines() -> Any:
        yield "".join("\t".join(_text(row[name]) for name in columns) + "\n" for row in rows).encode()

    await connection.copy_to_table(str(model.__tablename__), source=lines(), columns=columns, format="text")


def _text(value: Any) -> str:
    """Return the value as COPY's text format has it."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, list | tuple):
        quoted = (str(each).replace("\\", "\\\\").replace('"', '\\"') for each in value)
        return ("{" + ",".join(f'"{each}"' for each in quoted) + "}").translate(_ESCAPES)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


async def _drop_indexes(target: str) -> list[str]:
    """Drop the indexes that are no keys, and have no document be prominent; return the statements that make the indexes
    again."""
    connection = await asyncpg.connect(target)
    try:
        found = await connection.fetch(
            "SELECT i.indexrelid::regclass AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace "
            "AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)"
        )
        for row in found:
            await connection.execute(f"DROP INDEX {row['name']}")
        # Most documents are not prominent: so no more are written twice than need be.
        await connection.execute("ALTER TABLE search_documents ALTER is_prominent SET DEFAULT false")
        return [row["definition"] for row in found]
    finally:
        await connection.close()


async def _copy_shared(target: str, shared: Shared) -> None:
    connection = await asyncpg.connect(target, server_settings=_LOADING)
    models = {str(model.__tablename__): model for model in (*_SHARED, SearchDocument, Translation)}
    try:
        for name, rows in shared.items():
            await _copy(connection, models[name], list(rows.values()))
    finally:
        await connection.close()


async def _choose_prominent(url: str) -> None:
    database = Database(url, "catalog", timeout_seconds=_TIMEOUT_SECONDS)
    try:
        async with database.writing() as session:
            await choose_prominent(session, most_changes=10**9)
    finally:
        await database.close()


async def _finish(target: str, indexes: Sequence[str]) -> None:
    connection = await asyncpg.connect(target, server_settings=_LOADING)
    try:
        await connection.execute("ALTER TABLE search_documents ALTER is_prominent SET DEFAULT true")
        for definition in indexes:
            await connection.execute(definition)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
