"""What a profile says: watchlist, ratings, dismissals, clearing the history.

The revision of the read model is read, MongoDB is written, then the read model, in one round trip with what tells
the workers. When the profile changed meanwhile, MongoDB is asked what it holds by now, and that is stored: of two
things said at once, the one that MongoDB heard last counts. Doing anything twice is the same as doing it once.
"""

from datetime import datetime

from subgraphs.activity.errors import RatingOutOfRangeError, TitleNotFoundError
from subgraphs.activity.events import Engagement, EngagementKind
from subgraphs.activity.repository import durable, titles
from subgraphs.activity.repository.packing import milliseconds
from subgraphs.activity.repository.read_model import ReadModel
from subgraphs.shared.identity import Viewer

RATINGS = (-1, 0, 1)
_ATTEMPTS = 10
"""How often the read model is tried before it is built again as a whole."""


async def add_to_watchlist(read_model: ReadModel, *, viewer: Viewer, title_id: str, now: datetime) -> None:
    """Put the title on the active profile's list; it keeps its place if it was there.

    Raises:
        TitleNotFoundError: No such title, unpublished, or above the profile's limit.
    """
    profile_id = viewer.require_profile()
    await _require_title(title_id, viewer)
    await record(read_model, Engagement(EngagementKind.WATCHLISTED, profile_id, title_id, None, now))


async def remove_from_watchlist(read_model: ReadModel, *, viewer: Viewer, title_id: str, now: datetime) -> None:
    """Take the title off the active profile's list; one that is unpublished by now, too. Nothing for an unknown id."""
    profile_id = viewer.require_profile()
    if not await titles.find_titles([title_id]):
        return
    await record(read_model, Engagement(EngagementKind.UNWATCHLISTED, profile_id, title_id, None, now))


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
    """Hide the title from continue watching until it is played again; its position and history stay.

    Nothing is kept for an unknown id: a client could make up any number of them.
    """
    profile_id = viewer.require_profile()
    if not await titles.find_titles([title_id]):
        return
    await durable.dismiss(profile_id, title_id, now=now)
    await read_model.dismiss(profile_id, title_id)


async def clear_history(read_model: ReadModel, *, viewer: Viewer, now: datetime) -> None:
    """Delete the active profile's history, and let recommendations forget it. Positions stay."""
    profile_id = viewer.require_profile()
    await durable.clear_history(profile_id, now=now)
    await read_model.publish(Engagement(EngagementKind.HISTORY_CLEARED, profile_id, None, None, now))


async def record(read_model: ReadModel, said: Engagement) -> None:
    """Store a title put on a list or taken off it, or a rating; other kinds are left alone."""
    if said.kind is EngagementKind.RATED:
        await _record_rating(read_model, said)
    elif said.kind in {EngagementKind.WATCHLISTED, EngagementKind.UNWATCHLISTED}:
        await _record_listing(read_model, said)


async def _record_rating(read_model: ReadModel, said: Engagement) -> None:
    profile_id, title_id = said.profile_id, str(said.title_id)
    [revision] = await read_model.revisions([profile_id])
    rating = said.value or 0
    await durable.set_rating(profile_id, title_id, rating, now=said.at)
    for left in reversed(range(_ATTEMPTS)):
        if await read_model.say_rated(said, rating, revision=revision, by_force=left == 0):
            return
        [revision] = await read_model.revisions([profile_id])
        rating = await durable.rating_of(profile_id, title_id)


async def _record_listing(read_model: ReadModel, said: Engagement) -> None:
    profile_id, title_id = said.profile_id, str(said.title_id)
    [revision] = await read_model.revisions([profile_id])
    added_at: datetime | None = None
    if said.kind is EngagementKind.WATCHLISTED:
        added_at = await durable.add_to_watchlist(profile_id, title_id, now=said.at)
    else:
        await durable.remove_from_watchlist(profile_id, title_id)
    for left in reversed(range(_ATTEMPTS)):
        added_at_ms = None if added_at is None else milliseconds(added_at)
        if await read_model.say_listed(said, added_at_ms, revision=revision, by_force=left == 0):
            return
        [revision] = await read_model.revisions([profile_id])
        added_at = await durable.added_at(profile_id, title_id)


async def _require_title(title_id: str, viewer: Viewer) -> None:
    found = await titles.find_titles([title_id])
    title = found.get(title_id)
    if title is None or not title.published or title.age_floor > viewer.age_limit:
        raise TitleNotFoundError
