"""How often titles were watched and what all profiles think of them, for viewers: counts that name nobody.

All raise ServiceUnavailableError when MongoDB does not answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from subgraphs.activity.models.documents import HistoryEntry, Rating
from subgraphs.shared.mongo import translated_failures


@dataclass(frozen=True, slots=True)
class RatingCounts:
    """How many profiles like a title, and how many do not."""

    up: int = 0
    down: int = 0


async def ratings_of_titles(title_ids: Sequence[str]) -> dict[str, RatingCounts]:
    """Return the counts by title; those that nobody rated are left out."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"title_id": {"$in": list(title_ids)}}},
        {"$group": {"_id": {"title": "$title_id", "value": "$value"}, "count": {"$sum": 1}}},
    ]
    with translated_failures():
        groups = await (await Rating.get_pymongo_collection().aggregate(pipeline)).to_list()
    counts = {(group["_id"]["title"], group["_id"]["value"]): group["count"] for group in groups}
    rated = {title for title, _ in counts}
    return {title: RatingCounts(counts.get((title, 1), 0), counts.get((title, -1), 0)) for title in rated}


async def views_of_titles(title_ids: Sequence[str]) -> dict[str, int]:
    """Return how many viewings of each title there are; those that nobody watched are left out."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"title_id": {"$in": list(title_ids)}}},
        {"$group": {"_id": "$title_id", "count": {"$sum": 1}}},
    ]
    with translated_failures():
        groups = await (await HistoryEntry.get_pymongo_collection().aggregate(pipeline)).to_list()
    return {group["_id"]: group["count"] for group in groups}
