"""What a profile says: watchlist, ratings, dismissals, clearing the history.

The revision of the read model is read, MongoDB is written, then the read model, in one round trip with what tells the
workers. When a profile says two things at once, the word that MongoDB heard last counts. Doing anything twice is the
same as doing it once.
"""

from datetime import datetime

from subgraphs.activity.errors import RatingOutOfRangeError, TitleNotFoundError
from subgraphs.activity.events import Engagement, EngagementKind
from subgraphs.activity.repository import durable, titles
from subgraphs.activity.repository.packing import milliseconds
from subgraphs.activity.repository.read_model import ReadModel
from subgraphs.shared.identity import Viewer

RATINGS = (-1, 0, 1)


async def add_to_watchlist(read_model: ReadModel, *, viewer: Viewer, title_id: str, now: datetime) -> None:
    """Put the title on the active profile's list; it keeps its place if it was there.

    Raises:
        TitleNotFoundError: No such title, unpublished, or above the profile's limit.
    """
    profile_id = viewer.require_profile()
    await _require_title(title_id, viewer)
    await record(read_model, Engagement(EngagementKind.WATCHLISTED, profile_id, title_id, None, now))


async def remove_from_watchlist(read_model: ReadModel, *, viewer: Viewer, title_id: str, now: datetime) -> None:
    """Take the title off the active profile's list; a title that is gone can still be taken off."""
    profile_id = viewer.require_profile()
    said = Engagement(EngagementKind.UNWATCHLISTED, profile_id, title_id, None, now)
    [revision] = await read_model.revisions([profile_id])
    await durable.remove_from_watchlist(profile_id, title_id)
    await read_model.remove_from_watchlist(said, revision=revision)


async def rate(read_model: ReadModel, *, viewer: Viewer, title_id: str, value: int, now: datetime) -> None:
    """Store the active profile's rating of the title; 0 takes it away.

    Raises:
        RatingOutOfRangeError: None of −1, 0, 1.
        TitleNotFoundError: No such title, unpublished, or above the profile's limit.
    """
    profile_id = viewer.require_profile()
    if value not in RATINGS:
        raise RatingOutOfRangeError(value)
    await _require_title(title_id, viewer)
    await record(read_model, Engagement(EngagementKind.RATED, profile_id, title_id, value, now))


async def dismiss(read_model: ReadModel, *, viewer: Viewer, title_id: str, now: datetime) -> None:
    """Hide the title from continue watching until it is played again; its position and history stay."""
    profile_id = viewer.require_profile()
    await durable.dismiss(profile_id, title_id, now=now)
    await read_model.dismiss(profile_id, title_id)


async def clear_history(read_model: ReadModel, *, viewer: Viewer, now: datetime) -> None:
    """Delete the active profile's history, and let recommendations forget it. Positions stay."""
    profile_id = viewer.require_profile()
    await durable.clear_history(profile_id, now=now)
    await read_model.publish(Engagement(EngagementKind.HISTORY_CLEARED, profile_id, None, None, now))


async def record(read_model: ReadModel, said: Engagement) -> None:
    """Store a title put on a list, or a rating; other kinds are left alone."""
    title_id = str(said.title_id)
    [revision] = await read_model.revisions([said.profile_id])
    if said.kind is EngagementKind.WATCHLISTED:
        added_at = await durable.add_to_watchlist(said.profile_id, title_id, now=said.at)
        await read_model.add_to_watchlist(said, added_at_ms=milliseconds(added_at), revision=revision)
    elif said.kind is EngagementKind.RATED:
        await durable.set_rating(said.profile_id, title_id, said.value or 0, now=said.at)
        await read_model.rate(said, revision=revision)


async def _require_title(title_id: str, viewer: Viewer) -> None:
    found = await titles.find_titles([title_id])
    title = found.get(title_id)
    if title is None or not title.published or title.age_floor > viewer.age_limit:
        raise TitleNotFoundError
