"""Prepared statements on the driver: values, failures, connections."""

import asyncio
from collections.abc import AsyncIterator
from enum import Enum
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel, col

from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.postgres import Database, UnstorableTextError, subgraph_registry
from subgraphs.shared.prepared import Prepared, PreparedEntities
from subgraphs.shared.telemetry import count_statements
from tests.support.servers import DatabaseFactory


class Colour(Enum):
    RED = "RED"


class Model(SQLModel, registry=subgraph_registry()):
    pass


class Thing(Model, table=True):
    __tablename__ = "things"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    colour: Colour = Field(sa_type=sa.Enum(Colour, native_enum=False, length=10))
    words: list[str] = Field(sa_type=sa.ARRAY(sa.Text))
    names: dict[str, str] = Field(sa_type=JSONB)


THINGS = PreparedEntities(
    Thing, sa.select(Thing).where(col(Thing.id) == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid))))
)
ECHO = Prepared(sa.select(sa.bindparam("text", type_=sa.Text), sa.literal(7, sa.Integer)))
BACKEND = Prepared(sa.select(sa.func.pg_backend_pid()))
SLOW = Prepared(sa.select(sa.cast(sa.func.pg_sleep(sa.bindparam("seconds", type_=sa.Float)), sa.Text)))


@pytest.fixture
async def database(make_database: DatabaseFactory) -> AsyncIterator[Database]:
    fresh = await make_database("prepared", migrate=False)
    database = Database(fresh.server_url, fresh.name, pool_size=1, timeout_seconds=2)
    async with database.writing() as session:
        await (await session.connection()).run_sync(Model.metadata.create_all)
    yield database
    await database.close()


async def test_rows_have_the_values_of_a_session_and_cost_one_statement(database: Database) -> None:
    thing = Thing(colour=Colour.RED, words=["a", "b"], names={"en": "Thing"})
    async with database.writing() as session:
        session.add(Thing(**thing.model_dump()))

    with count_statements() as statements:
        found = await database.fetch_entities(THINGS, ids=[thing.id, uuid4()])

    assert [each.model_dump() for each in found] == [thing.model_dump()]
    assert statements == {f"postgres:{database.name}": 1}


async def test_a_statement_goes_on_when_a_migration_changes_what_it_reads(database: Database) -> None:
    reads = Prepared(
        sa.select(sa.column("id"), sa.literal_column("kinds.kind", sa.Text)).select_from(sa.table("kinds"))
    )
    async with database.writing() as session:
        await session.execute(sa.text("CREATE TABLE kinds AS SELECT 1 AS id, 'a'::varchar(1) AS kind"))
    before = await database.fetch(reads)

    async with database.writing() as session:
        await session.execute(sa.text("ALTER TABLE kinds ALTER kind TYPE int USING 5, ALTER id TYPE text"))

    after = [tuple(each[0]) for each in (await database.fetch(reads), await database.fetch(reads))]
    assert (tuple(before[0]), after) == ((1, "a"), [("1", 5), ("1", 5)])


async def test_constants_of_the_statement_need_no_parameter_and_a_missing_parameter_runs_nothing(
    database: Database,
) -> None:
    assert [tuple(row) for row in await database.fetch(ECHO, text="x")] == [("x", 7)]
    with pytest.raises(KeyError):
        await database.fetch(ECHO)


def test_a_list_whose_length_is_in_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="array type"):
        Prepared(sa.select(Thing).where(col(Thing.id).in_([uuid4()])))


async def test_a_text_that_cannot_be_stored_is_bad_input_and_the_connection_goes_on(database: Database) -> None:
    before = await database.fetch(BACKEND)

    with pytest.raises(UnstorableTextError):
        await database.fetch(ECHO, text="a\0b")

    assert await database.fetch(BACKEND) == before


async def test_a_connection_that_was_lost_while_idle_is_replaced_unnoticed(database: Database) -> None:
    [[pid]] = await database.fetch(BACKEND)
    async with database.reading() as session:
        await session.execute(sa.text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": pid})

    [[new_pid]] = await database.fetch(BACKEND)

    assert new_pid != pid


async def test_a_server_that_takes_too_long_does_not_answer(database: Database) -> None:
    with pytest.raises(ServiceUnavailableError, match="database does not answer"):
        await database.fetch(SLOW, seconds=30.0)

    assert [tuple(row) for row in await database.fetch(ECHO, text="x")] == [("x", 7)]


async def test_who_stops_waiting_leaves_no_connection_behind(database: Database) -> None:
    waiting = asyncio.create_task(database.fetch(SLOW, seconds=30.0))
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert [tuple(row) for row in await database.fetch(ECHO, text="x")] == [("x", 7)]
