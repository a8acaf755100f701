"""Statements on what profiles did and said, in MongoDB. Every one of them names its profile.

All raise ServiceUnavailableError when MongoDB does not answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from subgraphs.activity.models.documents import (
    Dismissal,
    HistoryClearing,
    HistoryEntry,
    Rating,
    WatchlistEntry,
    WatchState,
)
from subgraphs.activity.models.states import HistoryRow, PlayState
from subgraphs.activity.repository.counts import delete_viewings
from subgraphs.shared.mongo import translated_failures

ProfileTitle = tuple[str, str]
"""A profile and a title."""

StatesByPair = dict[ProfileTitle, dict[str, PlayState]]


@dataclass(frozen=True, slots=True)
class WatchUpdate:
    """The newest state of a profile in a playable."""

    profile_id: str
    title_id: str
    state: PlayState


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which viewings: from a moment on, before a moment, only completed ones, only of certain playables (None: any)."""

    since: datetime | None = None
    before: datetime | None = None
    completed_only: bool = False
    playable_ids: Sequence[str] | None = None


async def states_of_profile(profile_id: str) -> StatesByPair:
    """Return everything that the profile watched."""
    with translated_failures():
        found = await WatchState.find(WatchState.profile_id == profile_id).to_list()
    return _by_pair(found)


async def states_of_pairs(pairs: Sequence[ProfileTitle]) -> StatesByPair:
    """Return what each profile watched of the title beside it."""
    profiles = sorted({profile for profile, _ in pairs})
    titles = sorted({title for _, title in pairs})
    with translated_failures():
        found = await WatchState.find({"profile_id": {"$in": profiles}, "title_id": {"$in": titles}}).to_list()
    wanted = set(pairs)
    return {pair: states for pair, states in _by_pair(found).items() if pair in wanted}


def _by_pair(found: Iterable[WatchState]) -> StatesByPair:
    pairs: StatesByPair = {}
    for each in found:
        state = PlayState(
            each.playable_id, each.position_seconds, each.duration_seconds, each.watched, each.last_watched_at
        )
        pairs.setdefault((each.profile_id, each.title_id), {})[each.playable_id] = state
    return pairs


async def pairs_of_titles(title_ids: Sequence[str]) -> list[ProfileTitle]:
    """Return which profiles watched any of the titles."""
    with translated_failures():
        cursor = WatchState.get_pymongo_collection().find(
            {"title_id": {"$in": list(title_ids)}}, {"_id": 0, "profile_id": 1, "title_id": 1}
        )
        return sorted({(each["profile_id"], each["title_id"]) async for each in cursor})


async def merge_states(updates: Sequence[WatchUpdate]) -> None:
    """Write the states unless newer ones are known; `watched` never un-sets. Profile and playable must be distinct."""
    if updates:
        with translated_failures():
            await WatchState.get_pymongo_collection().bulk_write([_merge(each) for each in updates], ordered=False)


def _merge(update: WatchUpdate) -> UpdateOne:
    state = update.state
    # A missing field is older than any date, so the same comparison serves the first write.
    is_newer = {"$gt": [state.last_watched_at, "$last_watched_at"]}

    def newest(name: str, value: object) -> dict[str, object]:
        return {"$cond": [is_newer, value, f"${name}"]}

    change = {
        "profile_id": {"$literal": update.profile_id},
        "title_id": {"$literal": update.title_id},
        "playable_id": {"$literal": state.playable_id},
        "position_seconds": newest("position_seconds", state.position_seconds),
        "duration_seconds": newest("duration_seconds", state.duration_seconds),
        "watched": {"$or": [{"$ifNull": ["$watched", False]}, state.watched]},
        "last_watched_at": newest("last_watched_at", state.last_watched_at),
    }
    return UpdateOne({"_id": f"{update.profile_id}|{state.playable_id}"}, [{"$set": change}], upsert=True)


async def merge_history(viewings: Sequence[tuple[str, HistoryRow]]) -> None:
    """Write (profile, viewing): one document per session, which only grows."""
    if not viewings:
        return
    updates = [
        UpdateOne(
            {"_id": row.session_id},
            {
                "$max": {
                    "position_seconds": row.position_seconds,
                    "watch_seconds": row.watch_seconds,
                    "watched_at": row.watched_at,
                },
                "$set": {"duration_seconds": row.duration_seconds},
                "$setOnInsert": {
                    "profile_id": profile_id,
                    "title_id": row.title_id,
                    "playable_id": row.playable_id,
                    "device_type": row.device_type,
                    "country": row.country,
                },
            },
            upsert=True,
        )
        for profile_id, row in viewings
    ]
    with translated_failures():
        await HistoryEntry.get_pymongo_collection().bulk_write(updates, ordered=False)


async def history_page(
    profile_id: str, chosen: HistoryFilter, *, limit: int, after: tuple[datetime, str] | None, watched_percent: int
) -> list[HistoryRow]:
    """Return up to `limit` viewings, newest first, after a (time, session)."""
    condition = _history_condition(profile_id, chosen, watched_percent=watched_percent)
    if after is not None:
        at, session_id = after
        beyond = {"$or": [{"watched_at": {"$lt": at}}, {"watched_at": at, "_id": {"$lt": session_id}}]}
        condition = {"$and": [condition, beyond]}
    with translated_failures():
        found = await HistoryEntry.find(condition).sort("-watched_at", "-_id").limit(limit).to_list()
    return [HistoryRow(session_id=each.id, **each.model_dump(include=_HISTORY_FIELDS)) for each in found]


_HISTORY_FIELDS = set(HistoryRow.__dataclass_fields__) - {"session_id"}


async def titles_in_history(profile_id: str) -> list[str]:
    """Return the titles of all the profile's viewings, each once."""
    with translated_failures():
        found: list[str] = await HistoryEntry.get_pymongo_collection().distinct("title_id", {"profile_id": profile_id})
    return found


async def history_count(profile_id: str, chosen: HistoryFilter, *, watched_percent: int) -> int:
    """Return how many viewings there are."""
    with translated_failures():
        return await HistoryEntry.find(_history_condition(profile_id, chosen, watched_percent=watched_percent)).count()


def _history_condition(profile_id: str, chosen: HistoryFilter, *, watched_percent: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"profile_id": profile_id}
    if chosen.since is not None:
        condition["watched_at"] = {"$gte": chosen.since}
    if chosen.before is not None:
        condition.setdefault("watched_at", {})["$lt"] = chosen.before
    if chosen.playable_ids is not None:
        condition["playable_id"] = {"$in": list(chosen.playable_ids)}
    if chosen.completed_only:
        reached = {"$multiply": ["$position_seconds", 100]}
        needed = {"$multiply": ["$duration_seconds", watched_percent]}
        condition["$expr"] = {"$and": [{"$gt": ["$duration_seconds", 0]}, {"$gte": [reached, needed]}]}
    return condition


async def clear_history(profile_id: str, *, now: datetime) -> None:
    """Delete every viewing of the profile, and remember when, so that late heartbeats bring none back."""
    with translated_failures():
        await HistoryClearing.get_pymongo_collection().update_one(
            {"_id": profile_id}, {"$max": {"cleared_at": now}}, upsert=True
        )
    await delete_viewings({"profile_id": profile_id, "watched_at": {"$lte": now}})


async def clearings_of(profile_ids: Iterable[str]) -> dict[str, datetime]:
    """Return when each of the profiles last cleared its history, where it ever did."""
    with translated_failures():
        found = await HistoryClearing.find({"_id": {"$in": sorted(set(profile_ids))}}).to_list()
    return {each.id: each.cleared_at for each in found}


async def watchlist_of(profile_id: str) -> dict[str, datetime]:
    """Return the profile's list: each title with the time it was added."""
    with translated_failures():
        found = await WatchlistEntry.find(WatchlistEntry.profile_id == profile_id).to_list()
    return {each.title_id: each.added_at for each in found}


async def add_to_watchlist(profile_id: str, title_id: str, *, now: datetime) -> datetime:
    """Put the title on the list unless it is there; return when it was added, the first time."""
    with translated_failures():
        entry = await WatchlistEntry.get_pymongo_collection().find_one_and_update(
            {"_id": f"{profile_id}|{title_id}"},
            {"$setOnInsert": {"profile_id": profile_id, "title_id": title_id, "added_at": now}},
            upsert=True,
            return_document=True,
        )
    added_at: datetime = now if entry is None else entry["added_at"]
    return added_at


async def added_at(profile_id: str, title_id: str) -> datetime | None:
    """Return when the title was put on the list; None when it is not there."""
    with translated_failures():
        entry = await WatchlistEntry.find_one({"_id": f"{profile_id}|{title_id}"})
    return None if entry is None else entry.added_at


async def remove_from_watchlist(profile_id: str, title_id: str) -> None:
    """Take the title off the list; nothing if it is not there."""
    with translated_failures():
        await WatchlistEntry.find_one({"_id": f"{profile_id}|{title_id}"}).delete()


async def ratings_of(profile_id: str) -> dict[str, int]:
    """Return the profile's ratings that are not 0, by title."""
    with translated_failures():
        found = await Rating.find(Rating.profile_id == profile_id).to_list()
    return {each.title_id: each.value for each in found}


async def rating_of(profile_id: str, title_id: str) -> int:
    """Return the profile's rating of the title; 0 for none."""
    with translated_failures():
        found = await Rating.find_one({"_id": f"{profile_id}|{title_id}"})
    return 0 if found is None else found.value


async def set_rating(profile_id: str, title_id: str, value: int, *, now: datetime) -> None:
    """Store the rating; 0 takes it away."""
    with translated_failures():
        collection = Rating.get_pymongo_collection()
        if value == 0:
            await collection.delete_one({"_id": f"{profile_id}|{title_id}"})
        else:
            fields = {"profile_id": profile_id, "title_id": title_id, "value": value, "rated_at": now}
            await collection.update_one({"_id": f"{profile_id}|{title_id}"}, {"$set": fields}, upsert=True)


async def dismissals_of(profile_ids: Iterable[str]) -> dict[ProfileTitle, datetime]:
    """Return what the profiles dismissed, and when."""
    with translated_failures():
        found = await Dismissal.find({"profile_id": {"$in": sorted(set(profile_ids))}}).to_list()
    return {(each.profile_id, each.title_id): each.dismissed_at for each in found}


async def dismiss(profile_id: str, title_id: str, *, now: datetime) -> None:
    """Remember that the profile does not want to see the title among what it continues."""
    with translated_failures():
        await Dismissal.get_pymongo_collection().update_one(
            {"_id": f"{profile_id}|{title_id}"},
            {"$set": {"profile_id": profile_id, "title_id": title_id, "dismissed_at": now}},
            upsert=True,
        )
