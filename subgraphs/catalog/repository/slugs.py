"""Names that are asked for at the same moment, and that one thing alone may have: slugs, what others call a title."""

from collections.abc import Collection

import sqlalchemy as sa

from subgraphs.shared.postgres import WriteSession


async def await_turn(session: WriteSession, kind: str, slug: str) -> None:
    """Keep others who want the slug for the same kind of thing waiting until the transaction ends.

    Whether it is taken can then be asked, by a statement of its own, and stays true.
    """
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"{kind}-slug:{slug}"))))


async def await_turns(session: WriteSession, kind: str, names: Collection[str]) -> None:
    """Keep others who want any of the names waiting until the transaction ends, in one statement.

    They are locked in one order, so that two who want the same names do not wait for each other.
    """
    wanted = sa.func.unnest(sa.literal([f"{kind}:{name}" for name in names], sa.ARRAY(sa.Text))).column_valued("name")
    keys = sa.select(sa.func.hashtext(wanted).label("key")).distinct().order_by("key").subquery()
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(keys.c.key)))
