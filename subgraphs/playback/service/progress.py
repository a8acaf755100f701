"""How far a profile has come: read from Valkey, built again from MongoDB when it is not there, kept in MongoDB."""

from collections.abc import Sequence

from subgraphs.playback.config import RESUME_FROM_SECONDS, WATCHED_PERCENT
from subgraphs.playback.models.facts import Heartbeat
from subgraphs.playback.models.rows import Progress
from subgraphs.playback.repository import durable
from subgraphs.playback.repository.read_model import ReadModel


async def progress_of(read_model: ReadModel, profile_id: str, *, ids: Sequence[str]) -> dict[str, Progress]:
    """Return the profile's progress in each of the playables and titles that it ever played.

    A title's progress is that of its playable played last. One round trip to Valkey; after a loss of the read model
    one statement to MongoDB and two round trips more.
    """
    found = await read_model.progress_of(profile_id, ids)
    if found is None:
        await build_read_model(read_model, profile_id)
        found = await read_model.progress_of(profile_id, ids)
    return found or {}


async def build_read_model(read_model: ReadModel, profile_id: str) -> None:
    """Bring the profile's progress back into Valkey."""
    await read_model.build(profile_id, await durable.progress_of_profile(profile_id))


def is_watched(position_seconds: int, duration_seconds: int) -> bool:
    """Whether a position counts as watched: from 90.0 % on; never for an unknown length."""
    return duration_seconds > 0 and position_seconds * 100 >= duration_seconds * WATCHED_PERCENT


def resume_position(progress: Progress | None) -> int:
    """Return where to start, in seconds: at the beginning after more than 90 % or less than 15 s."""
    if progress is None or progress.position_seconds < RESUME_FROM_SECONDS:
        return 0
    if progress.position_seconds * 100 > progress.duration_seconds * WATCHED_PERCENT > 0:
        return 0
    return progress.position_seconds


async def persist(heartbeats: Sequence[Heartbeat]) -> None:
    """Write heartbeats to the durable store: the newest position of each playable, `watched` if any of them was."""
    newest: dict[tuple[str, str], Progress] = {}
    for heartbeat in sorted(heartbeats, key=lambda each: each.at):
        key = (heartbeat.profile_id, heartbeat.playable_id)
        earlier = newest.get(key)
        newest[key] = Progress(
            playable_id=heartbeat.playable_id,
            title_id=heartbeat.title_id,
            position_seconds=heartbeat.position_seconds,
            duration_seconds=heartbeat.duration_seconds,
            watched=is_watched(heartbeat.position_seconds, heartbeat.duration_seconds)
            or (earlier is not None and earlier.watched),
            updated_at=heartbeat.at,
        )
    await durable.merge_progress([(profile_id, progress) for (profile_id, _), progress in newest.items()])
