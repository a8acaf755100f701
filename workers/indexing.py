"""The index of search follows what is published, where a cluster has it.

A cluster that does not answer holds up nobody else who hears of titles: what it missed waits on a stream, for a day,
and is written when it is back. After longer, and after a loss of the stream, the index is built anew.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog

from subgraphs.catalog.config import UNINDEXED_STREAM
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.streams import append
from workers.services import Services

_log = structlog.get_logger(__name__)


async def put_into_index(services: Services, owners: Sequence[UUID]) -> None:
    """Have the owners be found by what their documents say now, or as soon as the index answers again."""
    if services.index is None or not owners:
        return
    try:
        await services.index.put(owners)
    except ServiceUnavailableError as error:
        _log.warning("index_put_off", owners=len(owners), cause=error.message)
        await append(services.streams, UNINDEXED_STREAM, {"owner_ids": [str(owner) for owner in owners]})


def to_owners(document: Mapping[str, Any]) -> Sequence[UUID]:
    """Return whose documents wait."""
    return [UUID(each) for each in document["owner_ids"]]


async def consume_unindexed(services: Services, entries: Sequence[Sequence[UUID]]) -> None:
    """Write what waits; it goes on waiting while the index does not answer (ServiceUnavailableError)."""
    if services.index is not None:
        await services.index.put([owner for entry in entries for owner in entry])
