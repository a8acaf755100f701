"""PostgreSQL: one database per subgraph, typed read and write sessions, migrations.

Loaders and queries open `Database.reading()` for the moment they need it (autocommit, no transaction to pay for), or
`Database.fetch()` a prepared statement where every page does so;
mutations, webhooks and workers open `Database.writing()`, which commits at its end. A service never commits.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import asyncpg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import registry

from subgraphs.shared import telemetry
from subgraphs.shared.errors import BadUserInputError, ServiceUnavailableError
from subgraphs.shared.prepared import Entity, Prepared, PreparedEntities, ReadConnections, Row

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# By SQLSTATE class: a broken connection, too few resources, an operator who stops or starts the server.
_LOST_SERVER_CLASSES = frozenset({"08", "53"})
_LOST_SERVER_STATES = frozenset({"57P01", "57P02", "57P03", "57P04", "57P05"})
_UNSTORABLE_CHARACTER = "22021"
_FAILURES = (OSError, PoolTimeoutError, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError)


class UnstorableTextError(BadUserInputError):
    """A text holds the character NUL, which PostgreSQL stores nowhere, so nothing has such a name either."""

    def __init__(self) -> None:
        super().__init__("A text holds the character NUL.")


def subgraph_registry() -> registry:
    """Return a registry for one subgraph's tables, so that two subgraphs may both have a table `titles`.

    Use it once in models.py: `class Model(SQLModel, registry=subgraph_registry()): ...`
    """
    return registry(metadata=sa.MetaData(naming_convention=NAMING_CONVENTION))


class ReadSession(AsyncSession):
    """A session that only reads."""


class WriteSession(AsyncSession):
    """A session inside one transaction; whoever opened it commits, never a service."""


class Database:
    """One subgraph's database: a small pool and two kinds of session."""

    def __init__(
        self,
        server_url: str,
        name: str,
        *,
        pool_size: int = 5,
        timeout_seconds: float = 5.0,
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`settings` are PostgreSQL's own, for every session; prepared statements do without them."""
        self.name = name
        self._engine = create_async_engine(
            async_url(server_url, name),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=timeout_seconds,
            # Errors are logged, and parameters are what people typed.
            hide_parameters=True,
            connect_args={
                "timeout": timeout_seconds,
                "command_timeout": timeout_seconds,
                "server_settings": {"jit": "off", **settings},
            },
        )
        self._reader: AsyncEngine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._read_connections = ReadConnections(
            async_url(server_url, name), size=pool_size, timeout_seconds=timeout_seconds
        )
        self._label = label = f"postgres:{name}"
        sa.event.listen(
            self._engine.sync_engine,
            "before_cursor_execute",
            lambda *_args: telemetry.record_statement(label),
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """Give a session for reading; each statement sees what was committed before it.

        Raises:
            ServiceUnavailableError: The database does not answer.
            UnstorableTextError: A parameter holds the character NUL.
        """
        async with _translated_failures(self.name), ReadSession(self._reader, autoflush=False) as session:
            yield session

    async def fetch(self, prepared: Prepared, **parameters: Any) -> Sequence[Row]:
        """Return the rows of a prepared statement, which sees what was committed before it.

        Raises:
            ServiceUnavailableError: The database does not answer.
            UnstorableTextError: A parameter holds the character NUL.
        """
        telemetry.record_statement(self._label)
        try:
            records = await self._read_connections.fetch(prepared.sql, prepared.arguments(parameters))
        except _FAILURES as error:  # as `_translated_failures`, without its cost
            translated = _translated(error, self.name)
            if translated is error:
                raise
            raise translated from error
        return prepared.read(records)

    async def fetch_entities(self, prepared: PreparedEntities[Entity], **parameters: Any) -> list[Entity]:
        """Return the objects of a prepared select of a whole table; raises what `fetch` raises."""
        return prepared.entities(await self.fetch(prepared, **parameters))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[WriteSession]:
        """Give a session in a transaction that commits when the block ends and rolls back when it raises.

        Raises:
            ServiceUnavailableError: The database does not answer.
            UnstorableTextError: A parameter holds the character NUL; nothing was changed.
        """
        async with (
            _translated_failures(self.name),
            WriteSession(self._engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    async def ping(self) -> None:
        """Raise ServiceUnavailableError unless the database answers."""
        async with self.reading() as session:
            await session.execute(sa.text("SELECT 1"))

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._read_connections.close()
        await self._engine.dispose()


@asynccontextmanager
async def _translated_failures(name: str) -> AsyncIterator[None]:
    """Raise what `_translated` makes of the failures inside the block."""
    try:
        yield
    except _FAILURES as error:
        translated = _translated(error, name)
        if translated is error:
            raise
        raise translated from error


def _translated(error: Exception, name: str) -> Exception:
    """Return the refusal that clients know for a lost server or a text with NUL; leave all else as it is."""
    if isinstance(error, OSError | PoolTimeoutError) or _is_lost(error):
        return ServiceUnavailableError(f"The {name} database does not answer.")
    return UnstorableTextError() if _sqlstate(error) == _UNSTORABLE_CHARACTER else error


def _is_lost(error: Exception) -> bool:
    """Whether the server, or the connection to it, is gone for the moment."""
    if isinstance(error, asyncpg.InterfaceError):
        return not isinstance(error, ValueError)  # else it is about a parameter
    if isinstance(error, DBAPIError) and (
        error.connection_invalidated or isinstance(error.orig, OSError | TimeoutError)
    ):
        return True
    # The driver's own error, unwrapped, is what a server answers to a new connection while it starts or stops.
    state = _sqlstate(error)
    return state[:2] in _LOST_SERVER_CLASSES or state in _LOST_SERVER_STATES


def _sqlstate(error: Exception) -> str:
    """Return PostgreSQL's code of the error; empty for one that the driver made up itself."""
    source = error.orig if isinstance(error, DBAPIError) else error
    return getattr(source, "sqlstate", None) or ""


def async_url(server_url: str, database: str) -> str:
    """Return the asyncpg URL of a database on the server."""
    url = make_url(server_url).set(drivername="postgresql+asyncpg", database=database)
    return url.render_as_string(hide_password=False)


async def create_database(server_url: str, name: str) -> bool:
    """Create the database unless it exists; return whether it was created."""
    engine = create_async_engine(async_url(server_url, "postgres"), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            exists = await connection.scalar(sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
            if exists:
                return False
            await connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
            return True
    finally:
        await engine.dispose()


async def upgrade_database(server_url: str, name: str, *, migrations: Path) -> None:
    """Bring a database to the newest migration of the folder; nothing to do costs one statement."""
    engine = create_async_engine(async_url(server_url, name))
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, migrations)
    finally:
        await engine.dispose()


def upgrade_databases(server_url: str, folders: dict[str, Path]) -> None:
    """Create and upgrade the databases, by name; blocks until done."""

    async def upgrade_all() -> None:
        for name, migrations in folders.items():
            await create_database(server_url, name)
            await upgrade_database(server_url, name, migrations=migrations)

    asyncio.run(upgrade_all())


def _upgrade(connection: Connection, migrations: Path) -> None:
    # Only who migrates needs Alembic; it costs every other process a tenth of its start.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")


def run_migrations(metadata: sa.MetaData) -> None:
    """The whole of a subgraph's migrations/env.py: run on the connection that `upgrade_database` passes in."""
    from alembic import context  # exists only while Alembic runs env.py

    connection: Any = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
