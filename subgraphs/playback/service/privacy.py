"""What playback keeps about people: exporting and forgetting it."""

from collections.abc import Sequence
from datetime import datetime

from subgraphs.playback.repository import durable, rights, sessions, uploads
from subgraphs.playback.repository.read_model import ReadModel
from subgraphs.playback.repository.stores import Stores
from subgraphs.shared.privacy import DataSubject, Records


async def export_account(stores: Stores, subject: DataSubject) -> Records:
    """Return the account's viewings, how far its profiles came in what they played, and in which languages."""
    async with stores.database.reading() as session:
        viewings = await sessions.sessions_of(session, subject.ids)
        choices = await sessions.choices_of(session, subject.profile_ids)
    progress = await durable.progress_of_profiles(subject.profile_ids)
    return {
        "playback_sessions": [
            {
                "profile": row.profile_id,
                "title": row.title_id,
                "playable": row.playable_id,
                "device_type": row.device_type.value,
                "country": row.country,
                "started_at": row.started_at.isoformat(),
                "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            }
            for row in viewings
        ],
        "track_choices": [
            {
                "profile": row.profile_id,
                "title": row.title_id,
                "audio": row.audio,
                "subtitle": row.subtitle,
                "chosen_at": row.chosen_at.isoformat(),
            }
            for row in choices
        ],
        "progress": [
            {
                "profile": row.profile_id,
                "title": row.title_id,
                "playable": row.playable_id,
                "position_seconds": row.position_seconds,
                "watched": row.watched,
                "updated_at": row.updated_at.isoformat(),
            }
            for row in progress
        ],
    }


async def forget_accounts(stores: Stores, subjects: Sequence[DataSubject]) -> None:
    """Delete viewings, progress and tiers of the accounts from every store; films stay, without who sent them."""
    ids = [each for subject in subjects for each in subject.ids]
    if not ids:
        return
    async with stores.database.writing() as session:
        gone = await sessions.delete_sessions_of(session, ids)
        await sessions.delete_choices_of(session, [each for subject in subjects for each in subject.profile_ids])
        await rights.delete_entitlements_of(session, [subject.user_id for subject in subjects])
        await uploads.forget_uploaders(session, [subject.user_id for subject in subjects])
    await durable.delete_progress_of([each for subject in subjects for each in subject.profile_ids])
    read_model = ReadModel(stores.cache)
    await read_model.forget(
        [each for subject in subjects for each in subject.profile_ids],
        sessions=gone,
    )


async def forget_profiles(stores: Stores, profile_ids: Sequence[str]) -> None:
    """Delete viewings and progress of the profiles from every store."""
    async with stores.database.writing() as session:
        gone = await sessions.delete_sessions_of(session, profile_ids)
        await sessions.delete_choices_of(session, profile_ids)
    await durable.delete_progress_of(profile_ids)
    await ReadModel(stores.cache).forget(profile_ids, sessions=gone)


async def anonymise_viewings(stores: Stores, *, before: datetime) -> int:
    """Forget whose the viewings were that began before the moment; return how many."""
    async with stores.database.writing() as session:
        return await sessions.anonymise_sessions(session, before=before)
