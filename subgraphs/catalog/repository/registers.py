"""The log of what editors did with genres and people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from subgraphs.catalog.models import CmsRegisterEntry, table
from subgraphs.shared.postgres import ReadSession, WriteSession

_log = table(CmsRegisterEntry)

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A version of a genre or a person: what they were before (None where they were made) and after, by whom, when."""

    version: int
    before: Facts | None
    after: Facts
    author: str | None
    at: datetime


async def log_change(
    session: WriteSession, owner: UUID, *, before: Facts | None, after: Facts, author: str, now: datetime
) -> None:
    """Note the change as the owner's next version. The first one that is noted of what was there already is 2."""
    newest = sa.select(sa.func.max(_log.c.version)).where(_log.c.owner_id == owner).scalar_subquery()
    version = sa.func.coalesce(newest, 0 if before is None else 1) + 1
    values = {"owner_id": owner, "version": version, "before": before, "after": after, "author": author, "at": now}
    await session.execute(sa.insert(_log).values(values))


async def log_of(session: ReadSession, owner: UUID, *, limit: int) -> list[RegisterEntry]:
    """Return what was done with the genre or the person, newest first."""
    columns = (_log.c.version, _log.c.before, _log.c.after, _log.c.author, _log.c.at)
    statement = sa.select(*columns).where(_log.c.owner_id == owner).order_by(_log.c.version.desc()).limit(limit)
    return [RegisterEntry(*row) for row in await session.execute(statement)]
