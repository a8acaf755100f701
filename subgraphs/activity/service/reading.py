"""What home pages and lists show of a profile. Valkey answers; MongoDB only the history, what Valkey lost, and which
titles of a list are within a profile's limit."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from subgraphs.activity.config import CONTINUE_WATCHING_LIMIT, WATCHED_PERCENT
from subgraphs.activity.models.states import ContinueItem, HistoryRow, TitleMarks
from subgraphs.activity.repository import durable, titles
from subgraphs.activity.repository.durable import HistoryFilter
from subgraphs.activity.repository.read_model import ReadModel, WatchlistSlice
from subgraphs.activity.service.watching import build
from subgraphs.shared.errors import ServiceUnavailableError
from subgraphs.shared.values import UNRATED_AGE_FLOOR

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
    read_model: ReadModel, profile_id: str, *, age_limit: int, limit: int, after: tuple[int, str] | None
) -> WatchlistSlice:
    """Return up to `limit` titles of the list, newest first, after a (milliseconds, title); nothing above the limit.

    One round trip to Valkey; for a limited profile one statement to MongoDB, too, which knows the ratings.
    """
    if age_limit >= UNRATED_AGE_FLOOR:
        return await _built(read_model, profile_id, lambda: read_model.watchlist(profile_id, limit=limit, after=after))
    whole = await _built(read_model, profile_id, lambda: read_model.watchlist(profile_id, limit=None, after=None))
    known = await titles.find_titles([title_id for title_id, _ in whole.entries])
    allowed = [
        (title_id, added_at)
        for title_id, added_at in whole.entries
        if title_id in known and known[title_id].age_floor <= age_limit
    ]
    following = [entry for entry in allowed if after is None or (entry[1], entry[0]) < after]
    return WatchlistSlice(following[:limit], len(allowed))


async def within_limit(profile_id: str, condition: HistoryFilter, *, age_limit: int) -> HistoryFilter:
    """Return the condition on a profile's history with nothing above the age limit: no statement without a limit,
    else two to MongoDB."""
    if age_limit >= UNRATED_AGE_FLOOR:
        return condition
    known = await titles.find_titles(await durable.titles_in_history(profile_id))
    allowed = [
        playable.playable_id
        for title in known.values()
        for playable in title.playables
        if max(title.age_floor, playable.age_floor) <= age_limit
    ]
    return replace(condition, playable_ids=allowed)


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
