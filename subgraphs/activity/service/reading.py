"""What home pages and lists show of a profile. Valkey answers; MongoDB only the history, and what Valkey lost."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from subgraphs.activity.config import CONTINUE_WATCHING_LIMIT, WATCHED_PERCENT
from subgraphs.activity.models.states import ContinueItem, HistoryRow, TitleMarks
from subgraphs.activity.repository import durable
from subgraphs.activity.repository.durable import HistoryFilter
from subgraphs.activity.repository.read_model import ReadModel, WatchlistSlice
from subgraphs.activity.service.watching import build
from subgraphs.shared.errors import ServiceUnavailableError

Found = TypeVar("Found")


async def marks(read_model: ReadModel, profile_id: str, *, title_ids: Sequence[str]) -> dict[str, TitleMarks]:
    """Return what the profile did with each of the titles: one round trip to Valkey."""
    if not title_ids:
        return {}
    return await _built(read_model, profile_id, lambda: read_model.marks(profile_id, title_ids))


async def continue_watching(read_model: ReadModel, profile_id: str, *, age_limit: int) -> list[ContinueItem]:
    """Return at most 20 rows, most recent first, nothing above the age limit: one round trip to Valkey."""
    rows = await _built(read_model, profile_id, lambda: read_model.continue_rows(profile_id))
    allowed = [row for row in rows if row.age_floor <= age_limit]
    allowed.sort(key=lambda row: (row.last_watched_at, row.title_id), reverse=True)
    return allowed[:CONTINUE_WATCHING_LIMIT]


async def watchlist(
    read_model: ReadModel, profile_id: str, *, limit: int, after: tuple[int, str] | None
) -> WatchlistSlice:
    """Return up to `limit` titles of the list, newest first, after a (milliseconds, title)."""
    return await _built(read_model, profile_id, lambda: read_model.watchlist(profile_id, limit=limit, after=after))


async def history(
    profile_id: str, condition: HistoryFilter, *, limit: int, after: tuple[datetime, str] | None
) -> list[HistoryRow]:
    """Return up to `limit` viewings, newest first, after a (time, session): one statement to MongoDB."""
    return await durable.history_page(profile_id, condition, limit=limit, after=after, watched_percent=WATCHED_PERCENT)


async def history_count(profile_id: str, condition: HistoryFilter) -> int:
    """Return how many viewings the condition lets through."""
    return await durable.history_count(profile_id, condition, watched_percent=WATCHED_PERCENT)


async def _built(read_model: ReadModel, profile_id: str, read: Callable[[], Awaitable[Found | None]]) -> Found:
    found = await read()
    if found is None:
        await build(read_model, profile_id)
        found = await read()
    if found is None:
        raise ServiceUnavailableError("The cache forgets faster than it can be filled.")
    return found
