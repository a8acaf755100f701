"""Statements of the hot path: compiled once, run on the driver itself, without a session and its bookkeeping.

A page needs a handful of reads whose text never changes. SQLAlchemy builds, looks up and unpacks each of them anew for
most of a millisecond; the driver needs a tenth of that. `Prepared` takes an ordinary select with named parameters,
`ReadConnections` runs it, and `Database.fetch` puts the two together with the failures that clients know.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Generic, TypeVar, cast

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

Row = Sequence[Any]
Entity = TypeVar("Entity", bound=SQLModel)

_REQUIRED: Any = object()


class Prepared:
    """A `sa.select` with named parameters (`sa.bindparam`), as SQL. Made once, when its module is loaded.

    Values come back as SQLAlchemy would give them. Lists are parameters of an array type, compared by `= ANY`: the
    text must not depend on their length.
    """

    def __init__(self, statement: Any) -> None:
        dialect = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's dialects have no annotations
        compiled = statement.compile(dialect=dialect)
        if compiled._post_compile_expanded_state is not None or "POSTCOMPILE" in compiled.string:  # noqa: SLF001
            raise ValueError("A list must be a parameter of an array type.")
        self.sql = compiled.string
        self.names: list[str] = statement.selected_columns.keys()
        required = {name for bind, name in compiled.bind_names.items() if bind.required}
        self._parameters = [
            (name, _REQUIRED if name in required else value)
            for name, value in ((name, compiled.params[name]) for name in compiled.positiontup or ())
        ]
        self._readers = [
            (index, reader)
            for index, column in enumerate(statement.selected_columns)
            if (reader := _reader_of(column.type, dialect)) is not None
        ]

    def arguments(self, parameters: dict[str, Any]) -> list[Any]:
        """Return the values in the order of the text; KeyError for one that is missing."""
        return [
            parameters[name] if value is _REQUIRED else parameters.get(name, value) for name, value in self._parameters
        ]

    def read(self, records: list[asyncpg.Record]) -> Sequence[Row]:
        """Return the rows with the values that Python knows: enums for their names, objects for JSON."""
        if not self._readers:
            return cast("Sequence[Row]", records)
        rows = [list(record) for record in records]
        for row in rows:
            for index, reader in self._readers:
                row[index] = reader(row[index])
        return rows


class PreparedEntities(Prepared, Generic[Entity]):
    """A select of all columns of one SQLModel table, whose rows become its objects, attached to no session."""

    def __init__(self, model: type[Entity], statement: Any) -> None:
        super().__init__(statement)
        self._model = model

    def entities(self, rows: Sequence[Row]) -> list[Entity]:
        """Return an object for each row."""
        return [entity_of(self._model, row) for row in rows]


@cache
def column_names(model: type[SQLModel]) -> Sequence[str]:
    """Return the names of what a select of the whole table gives, in order."""
    return sa.select(model).selected_columns.keys()


def entity_of(model: type[Entity], values: Row) -> Entity:
    """Return the object of all columns of its table, attached to no session."""
    # What comes from the table needs no validation, which would be most of the time.
    return cast("Entity", model.model_construct(**dict(zip(column_names(model), values, strict=True))))


def _reader_of(type_: sa.types.TypeEngine[Any], dialect: Any) -> Callable[[Any], Any] | None:
    """Return what makes SQLAlchemy's value of the driver's; None where they are the same."""
    if isinstance(type_, sa.ARRAY) and _reader_of(type_.item_type, dialect) is None:
        return None  # the driver gives a list already
    if isinstance(type_, sa.JSON):
        return _read_json  # SQLAlchemy reads it by a codec of its own connections
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def _read_json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


class ReadConnections:
    """A few connections for reading, opened when they are needed; each runs one statement at a time.

    Outside a transaction, so that a read is one round trip and leaves nothing to reset.
    """

    def __init__(self, url: str, *, size: int, timeout_seconds: float) -> None:
        self._options = connection_options(url, timeout_seconds=timeout_seconds)
        self._timeout_seconds = timeout_seconds
        self._places = asyncio.Semaphore(size)
        self._idle: list[_Reader] = []

    async def fetch(self, sql: str, arguments: Sequence[Any]) -> list[asyncpg.Record]:
        """Return the rows of a statement.

        Raises:
            TimeoutError: No connection became free, or the server took too long.
            OSError, asyncpg.PostgresError: What the driver says.
        """
        if self._places.locked():
            async with asyncio.timeout(self._timeout_seconds):
                await self._places.acquire()
        else:
            await self._places.acquire()
        try:
            return await self._fetch(sql, arguments)
        finally:
            self._places.release()

    async def close(self) -> None:
        """Close the connections that nobody uses. To be called when nobody reads any more."""
        while self._idle:
            await self._idle.pop().connection.close(timeout=self._timeout_seconds)

    async def _fetch(self, sql: str, arguments: Sequence[Any]) -> list[asyncpg.Record]:
        while self._idle:
            reader = self._idle.pop()
            if reader.connection.is_closed():
                continue
            try:
                return await self._fetch_on(reader, sql, arguments)
            except (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
                # The server went while the connection lay idle. Reading twice harms nobody.
                if not reader.connection.is_closed():
                    raise
        return await self._fetch_on(_Reader(await asyncpg.connect(**self._options)), sql, arguments)

    async def _fetch_on(self, reader: "_Reader", sql: str, arguments: Sequence[Any]) -> list[asyncpg.Record]:
        try:
            rows = await reader.fetch(sql, arguments)
        except (asyncpg.PostgresError, ValueError):
            self._idle.append(reader)  # refused, by the server or the driver; a closed one is passed over next time
            raise
        except BaseException:
            reader.connection.terminate()  # whatever is still under way there, nobody waits for it
            raise
        self._idle.append(reader)
        return rows


class _Reader:
    """A connection and the statements that are prepared there: as many as the code has, so none is ever dropped."""

    __slots__ = ("_statements", "connection")

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self._statements: dict[str, Any] = {}

    async def fetch(self, sql: str, arguments: Sequence[Any]) -> list[asyncpg.Record]:
        """Return the rows of a statement, prepared before: finding it among the driver's own costs half of a read."""
        statement = self._statements.get(sql)
        if statement is None:
            statement = self._statements[sql] = await self.connection.prepare(sql)
        try:
            rows: list[asyncpg.Record] = await statement.fetch(*arguments)
        except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError):
            # A migration changed what the statement reads. The driver prepares it anew by itself.
            self._statements.clear()
            rows = await self.connection.fetch(sql, *arguments)
        return rows


def connection_options(url: str, *, timeout_seconds: float) -> dict[str, Any]:
    """Return the driver's options of a connection that runs the same few texts for as long as it lives."""
    parsed = make_url(url)
    return {
        "host": parsed.host,
        "port": parsed.port,
        "user": parsed.username,
        "password": parsed.password,
        "database": parsed.database,
        "timeout": timeout_seconds,
        "command_timeout": timeout_seconds,
        "max_cached_statement_lifetime": 0,
        "server_settings": {"jit": "off"},
        **_socket_of(parsed.query),
    }


def _socket_of(query: Any) -> dict[str, Any]:
    """Return a host that stands in the query part of the URL: a folder with the server's socket."""
    return {name: query[name] for name in ("host", "port") if name in query}
