"""Slugs that are asked for at the same moment."""

import sqlalchemy as sa

from subgraphs.shared.postgres import WriteSession


async def await_turn(session: WriteSession, kind: str, slug: str) -> None:
    """Keep others who want the slug for the same kind of thing waiting until the transaction ends.

    Whether it is taken can then be asked, by a statement of its own, and stays true.
    """
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"{kind}-slug:{slug}"))))
