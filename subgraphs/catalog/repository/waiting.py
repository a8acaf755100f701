"""What editors left to the worker, as one statement for who looks every moment."""

from datetime import datetime

import sqlalchemy as sa

from subgraphs.catalog.models import CmsBulkOperation, CmsTitle, table
from subgraphs.shared.postgres import Database
from subgraphs.shared.prepared import Prepared

_cms = table(CmsTitle)
_operations = table(CmsBulkOperation)
_now = sa.bindparam("now", type_=sa.DateTime(timezone=True))

_WAITING = Prepared(
    sa.select(
        sa.exists().where(_cms.c.publish_at <= _now).label("titles"),
        sa.exists().where(_operations.c.finished_at.is_(None)).label("operations"),
    )
)


async def waiting(database: Database, *, now: datetime) -> tuple[bool, bool]:
    """Return whether a title's moment to be published has come, and whether a bulk operation is not finished."""
    titles, operations = (await database.fetch(_WAITING, now=now))[0]
    return titles, operations
