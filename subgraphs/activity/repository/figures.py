"""Statements that count viewings of titles, in MongoDB. They name nobody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from subgraphs.activity.models.documents import HistoryEntry
from subgraphs.shared.mongo import translated_failures

TENTHS = range(0, 101, 10)
"""Percentages of a length at which it is counted who came so far."""


async def viewings_by_place(
    title_ids: Sequence[str], *, since: datetime, before: datetime, watched_percent: int
) -> list[dict[str, Any]]:
    """Return, for each title, country and device, how many viewings there were, for how long, and how many came to the
    percentage: `title_id`, `country`, `device_type`, `views`, `watch_seconds`, `completed`; how many are of a known
    length, `reached_0`, and how many of these came to each tenth of it, `reached_10` to `reached_100`."""
    return await _grouped(
        [
            {"$match": _within(title_ids, since, before)},
            {
                "$group": {
                    "_id": {"title_id": "$title_id", "country": "$country", "device_type": "$device_type"},
                    "views": {"$sum": 1},
                    "watch_seconds": {"$sum": "$watch_seconds"},
                    "completed": _count_of_reached(watched_percent),
                    **{f"reached_{percent}": _count_of_reached(percent) for percent in TENTHS},
                }
            },
        ]
    )


def _count_of_reached(percent: int) -> dict[str, Any]:
    """Return what counts the viewings of a known length that came so far, at the furthest."""
    reached = {"$gte": [{"$multiply": ["$position_seconds", 100]}, {"$multiply": ["$duration_seconds", percent]}]}
    return {"$sum": {"$cond": [{"$and": [{"$gt": ["$duration_seconds", 0]}, reached]}, 1, 0]}}


async def viewers_by_title(title_ids: Sequence[str], *, since: datetime, before: datetime) -> dict[str, int]:
    """Return how many profiles watched each title."""
    found = await _grouped(
        [
            {"$match": _within(title_ids, since, before)},
            {"$group": {"_id": {"title_id": "$title_id", "profile_id": "$profile_id"}}},
            {"$group": {"_id": {"title_id": "$_id.title_id"}, "viewers": {"$sum": 1}}},
        ]
    )
    return {each["title_id"]: each["viewers"] for each in found}


async def _grouped(pipeline: list[dict[str, Any]]) -> list[dict[str, Any]]:
    with translated_failures():
        cursor = await HistoryEntry.get_pymongo_collection().aggregate(pipeline)
        return [{**each.pop("_id"), **each} async for each in cursor]


def _within(title_ids: Sequence[str], since: datetime, before: datetime) -> dict[str, Any]:
    return {"title_id": {"$in": list(title_ids)}, "watched_at": {"$gte": since, "$lt": before}}
