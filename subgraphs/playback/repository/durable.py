"""Statements on the durable progress in MongoDB."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import UpdateOne

from subgraphs.playback.models.documents import ProgressDocument
from subgraphs.playback.models.rows import Progress
from subgraphs.shared.mongo import translated_failures


async def progress_of_profile(profile_id: str) -> list[Progress]:
    """Return the progress of a profile in everything it ever played.

    Raises:
        ServiceUnavailableError: MongoDB does not answer.
    """
    with translated_failures():
        documents = await ProgressDocument.find(ProgressDocument.profile_id == profile_id).to_list()
    return [
        Progress(
            playable_id=each.playable_id,
            title_id=each.title_id,
            position_seconds=each.position_seconds,
            duration_seconds=each.duration_seconds,
            watched=each.watched,
            updated_at=each.updated_at,
        )
        for each in documents
    ]


async def merge_progress(entries: Sequence[tuple[str, Progress]]) -> None:
    """Write the progress of each (profile, playable) unless a newer one is known; `watched` never un-sets.

    The pairs must be distinct.

    Raises:
        ServiceUnavailableError: MongoDB does not answer.
    """
    if not entries:
        return
    updates = [_update(profile_id, progress) for profile_id, progress in entries]
    with translated_failures():
        await ProgressDocument.get_pymongo_collection().bulk_write(updates, ordered=False)


def _update(profile_id: str, progress: Progress) -> UpdateOne:
    # A missing field is older than any date, so the same comparison serves the first write.
    is_newer = {"$gt": [progress.updated_at, "$updated_at"]}

    def newest(field: str, value: object) -> dict[str, object]:
        return {"$cond": [is_newer, value, f"${field}"]}

    change = {
        "profile_id": {"$literal": profile_id},
        "playable_id": {"$literal": progress.playable_id},
        "title_id": {"$literal": progress.title_id},
        "position_seconds": newest("position_seconds", progress.position_seconds),
        "duration_seconds": newest("duration_seconds", progress.duration_seconds),
        "watched": {"$or": [{"$ifNull": ["$watched", False]}, progress.watched]},
        "updated_at": newest("updated_at", progress.updated_at),
    }
    return UpdateOne({"_id": f"{profile_id}|{progress.playable_id}"}, [{"$set": change}], upsert=True)


async def progress_of_profiles(profile_ids: Sequence[str]) -> list[ProgressDocument]:
    """Return the documents of the profiles, with whose they are."""
    with translated_failures():
        return await ProgressDocument.find({"profile_id": {"$in": list(profile_ids)}}).sort("updated_at").to_list()


async def delete_progress_of(profile_ids: Sequence[str]) -> None:
    """Delete the progress of the profiles in everything."""
    with translated_failures():
        await ProgressDocument.find({"profile_id": {"$in": list(profile_ids)}}).delete()


async def delete_progress_before(moment: datetime) -> int:
    """Delete progress that nobody went on with since the moment; return how much."""
    with translated_failures():
        result = await ProgressDocument.find({"updated_at": {"$lt": moment}}).delete()
    return result.deleted_count if result else 0
