"""Migrations and models agree."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.catalog.models import Model
from tests.support.servers import DatabaseFactory


def differences(connection: Connection) -> list[object]:
    def is_ours(_item: object, name: str | None, kind: str, *_rest: object) -> bool:
        """The outbox belongs to the kernel, which creates it from its own table."""
        return not (kind == "table" and name in ("outbox", "alembic_version"))

    options = {"compare_type": True, "compare_server_default": True, "include_object": is_ours}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, Model.metadata))


async def test_the_newest_migration_gives_the_tables_of_the_models(make_database: DatabaseFactory) -> None:
    database = await make_database("catalog")
    engine = create_async_engine(database.url)

    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []
