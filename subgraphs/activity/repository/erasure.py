"""Statements that read or delete everything of a profile, and what became too old. MongoDB only.

All raise ServiceUnavailableError when MongoDB does not answer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from subgraphs.activity.models.documents import (
    Dismissal,
    HistoryClearing,
    HistoryEntry,
    Rating,
    WatchlistEntry,
    WatchState,
)
from subgraphs.activity.repository.counts import delete_viewings
from subgraphs.shared.mongo import translated_failures

_BY_PROFILE = (WatchState, HistoryEntry, WatchlistEntry, Rating, Dismissal)


async def everything_of(profile_ids: Sequence[str]) -> dict[str, list[Any]]:
    """Return the profiles' documents by the name of their collection."""
    found: dict[str, list[Any]] = {}
    with translated_failures():
        for document in _BY_PROFILE:
            name = document.get_collection_name()
            found[name] = await document.find({"profile_id": {"$in": list(profile_ids)}}).sort("_id").to_list()
        cleared = await HistoryClearing.find({"_id": {"$in": list(profile_ids)}}).to_list()
    return {**found, HistoryClearing.get_collection_name(): cleared}


async def delete_everything_of(profile_ids: Sequence[str]) -> None:
    """Delete the profiles' documents from every collection."""
    await delete_viewings({"profile_id": {"$in": list(profile_ids)}})
    with translated_failures():
        for document in _BY_PROFILE:
            if document is not HistoryEntry:
                await document.find({"profile_id": {"$in": list(profile_ids)}}).delete()
        await HistoryClearing.find({"_id": {"$in": list(profile_ids)}}).delete()


async def delete_watched_before(moment: datetime) -> int:
    """Delete viewings, and positions that nobody went on from, of before the moment; return how many."""
    with translated_failures():
        states = await WatchState.find({"last_watched_at": {"$lt": moment}}).delete()
    viewings = await delete_viewings({"watched_at": {"$lt": moment}})
    return viewings + (states.deleted_count if states else 0)
