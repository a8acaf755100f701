"""How the read model writes its values: short texts that cost little to read by the hundred."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from subgraphs.activity.models.states import ContinueItem, PlayState, TitleMarks


def milliseconds(moment: datetime) -> int:
    """Return the moment as milliseconds since 1970; what the read model keeps of a time."""
    return int(moment.timestamp() * 1000)


def moment(value: float | str) -> datetime:
    """Return the moment behind milliseconds since 1970."""
    return datetime.fromtimestamp(float(value) / 1000, UTC)


def pack_states(states: Iterable[PlayState]) -> str:
    """Return the states of one title as one text."""
    return ";".join(
        f"{state.playable_id}|{state.position_seconds}|{state.duration_seconds}|{int(state.watched)}"
        f"|{milliseconds(state.last_watched_at)}"
        for state in states
    )


def unpack_states(text: str | None) -> dict[str, PlayState]:
    """Return the states of one title by playable; none for None."""
    states: dict[str, PlayState] = {}
    for part in text.split(";") if text else ():
        playable_id, position, duration, watched, at = part.split("|")
        states[playable_id] = PlayState(playable_id, int(position), int(duration), watched == "1", moment(at))
    return states


# Nothing for most titles, and for the others what they said in the request before: 8 MB in each process when full.
@lru_cache(maxsize=8192)
def unpack_marks(states: str | None, rating: str | None, *, in_watchlist: bool) -> TitleMarks:
    """Return what a profile did with a title: the same object for the same texts."""
    return TitleMarks(unpack_states(states), int(rating or 0), in_watchlist)


def pack_item(item: ContinueItem) -> str:
    """Return a row of continue watching as a text."""
    return (
        f"{item.title_id}|{item.playable_id}|{item.position_seconds}|{item.duration_seconds}"
        f"|{milliseconds(item.last_watched_at)}|{int(item.is_next_episode)}|{item.age_floor}"
    )


@lru_cache(maxsize=8192)
def unpack_item(text: str) -> ContinueItem:
    """Return the row behind the text: the same object for the same text; 6 MB in each process when full."""
    title_id, playable_id, position, duration, at, is_next, age_floor = text.split("|")
    return ContinueItem(
        title_id=title_id,
        playable_id=playable_id,
        position_seconds=int(position),
        duration_seconds=int(duration),
        last_watched_at=moment(at),
        is_next_episode=is_next == "1",
        age_floor=int(age_floor),
    )
