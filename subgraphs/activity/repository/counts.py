"""How often titles were watched and what all profiles think of them, for viewers: counts that name nobody.

Who clears a history takes the viewings away, not that the title was watched: deleting a viewing is here, too.

All raise ServiceUnavailableError when MongoDB does not answer.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateOne

from subgraphs.activity.models.documents import HistoryEntry, PastViews, Rating
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
    """Return how often each title was watched, by whom it may be; those that nobody watched are left out."""
    with translated_failures():
        views = await _viewings_by_title({"title_id": {"$in": list(title_ids)}})
        past = await PastViews.find({"_id": {"$in": list(title_ids)}}).to_list()
    for each in past:
        views[each.id] += each.views
    return dict(views)


async def delete_viewings(condition: Mapping[str, Any]) -> int:
    """Delete viewings from the history and return how many; their titles keep the number of them, and nothing else.

    A deletion that breaks off before its end and is done again may count what it deletes twice.
    """
    with translated_failures():
        views = await _viewings_by_title(condition)
        if views:
            kept = [UpdateOne({"_id": title}, {"$inc": {"views": gone}}, upsert=True) for title, gone in views.items()]
            await PastViews.get_pymongo_collection().bulk_write(kept, ordered=False)
        deleted = await HistoryEntry.get_pymongo_collection().delete_many(condition)
    return deleted.deleted_count


async def _viewings_by_title(condition: Mapping[str, Any]) -> Counter[str]:
    pipeline: list[dict[str, Any]] = [
        {"$match": dict(condition)},
        {"$group": {"_id": "$title_id", "count": {"$sum": 1}}},
    ]
    groups = await (await HistoryEntry.get_pymongo_collection().aggregate(pipeline)).to_list()
    return Counter({group["_id"]: group["count"] for group in groups})
