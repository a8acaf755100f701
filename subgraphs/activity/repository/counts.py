"""How often titles were watched and what all profiles think of them, for viewers: counts that name nobody.

Who clears a history takes the viewings away, not that the title was watched: deleting a viewing is here, too.

All raise ServiceUnavailableError when MongoDB does not answer.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateMany, UpdateOne

from subgraphs.activity.models.documents import HistoryEntry, PastViews, Rating
from subgraphs.shared.mongo import translated_failures

_BATCH = 1_000
"""Viewings deleted at once."""


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

    A deletion that breaks off and is done again counts each viewing once: until it is gone, its title knows that it was
    counted. Only two that delete the same viewings at the same moment may count some twice.
    """
    history, deleted = HistoryEntry.get_pymongo_collection(), 0
    with translated_failures():
        while found := await history.find(condition, {"title_id": 1}).limit(_BATCH).to_list():
            by_title: dict[str, list[str]] = {}
            for each in found:
                by_title.setdefault(each["title_id"], []).append(each["_id"])
            await _count_as_past(by_title)
            deleted += (await history.delete_many({"_id": {"$in": [each["_id"] for each in found]}})).deleted_count
            await _forget_counted(by_title)
    return deleted


async def _count_as_past(by_title: Mapping[str, Sequence[str]]) -> None:
    """Count viewings, by title, that are to be deleted; those that were counted and not deleted count no more."""
    past = PastViews.get_pymongo_collection()
    new = [UpdateOne({"_id": title}, {"$setOnInsert": {"views": 0}}, upsert=True) for title in by_title]
    await past.bulk_write(new, ordered=False)
    while True:
        known = {
            each.id: set(each.counted) for each in await PastViews.find({"_id": {"$in": list(by_title)}}).to_list()
        }
        fresh = {title: [own for own in ids if own not in known[title]] for title, ids in by_title.items()}
        counts = [
            # Where somebody else counted one of them since, none is counted, and it is looked up again.
            UpdateOne(
                {"_id": title, "counted": {"$nin": ids}},
                {"$inc": {"views": len(ids)}, "$push": {"counted": {"$each": ids}}},
            )
            for title, ids in fresh.items()
            if ids
        ]
        if not counts:
            return
        await past.bulk_write(counts, ordered=False)


async def _forget_counted(by_title: Mapping[str, Sequence[str]]) -> None:
    """Forget which viewings were counted, now that they are gone: a number stays."""
    past = PastViews.get_pymongo_collection()
    await past.bulk_write(
        [
            *(UpdateOne({"_id": title}, {"$pullAll": {"counted": list(ids)}}) for title, ids in by_title.items()),
            UpdateMany({"_id": {"$in": list(by_title)}, "counted": []}, {"$unset": {"counted": ""}}),
        ],
        ordered=True,
    )


async def _viewings_by_title(condition: Mapping[str, Any]) -> Counter[str]:
    pipeline: list[dict[str, Any]] = [
        {"$match": dict(condition)},
        {"$group": {"_id": "$title_id", "count": {"$sum": 1}}},
    ]
    groups = await (await HistoryEntry.get_pymongo_collection().aggregate(pipeline)).to_list()
    return Counter({group["_id"]: group["count"] for group in groups})
