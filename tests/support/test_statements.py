"""Compiled statements are shared by engines of the same dialect, and by no others."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support.servers import DatabaseFactory, FreshDatabase
from tests.support.statements import SharedDialect


async def _compiled_for(database: FreshDatabase, *, number: int) -> object:
    """Run a statement by an engine of its own and return what SQLAlchemy compiled, or found compiled."""
    engine, seen = create_async_engine(database.url), []

    def see(*arguments: Any) -> None:
        seen.append(arguments[4].compiled)

    sa.event.listen(engine.sync_engine, "before_cursor_execute", see)
    try:
        async with engine.connect() as connection:
            assert await connection.scalar(sa.select(sa.literal(number) + 1)) == number + 1
    finally:
        await engine.dispose()
    return seen[-1]


async def test_a_second_engine_finds_compiled_what_the_first_one_ran(make_database: DatabaseFactory) -> None:
    one, other = [await make_database("nothing", migrate=False) for _ in range(2)]

    first = await _compiled_for(one, number=1)
    second = await _compiled_for(other, number=2)

    assert second is first


def test_dialects_are_the_same_only_with_the_same_arguments() -> None:
    assert SharedDialect() == SharedDialect()
    assert hash(SharedDialect()) == hash(SharedDialect())
    assert SharedDialect(json_serializer=str) != SharedDialect()
