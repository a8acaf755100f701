"""What to continue and what plays next: pure functions of what a profile watched of one title."""

from collections.abc import Sequence
from datetime import datetime

from subgraphs.activity.config import BEGUN_AFTER_SECONDS, WATCHED_PERCENT
from subgraphs.activity.models.documents import TitleDocument
from subgraphs.activity.models.states import ContinueItem, PlayState, PlayStates


def is_watched(position_seconds: int, duration_seconds: int) -> bool:
    """Whether a position counts as watched: from 90.0 % on; never for an unknown length."""
    return duration_seconds > 0 and position_seconds * 100 >= duration_seconds * WATCHED_PERCENT


def has_begun(state: PlayState) -> bool:
    """Whether it was watched for more than 30 s, or to its end."""
    return state.watched or state.position_seconds > BEGUN_AFTER_SECONDS


def is_finished(state: PlayState) -> bool:
    """Whether the profile stopped in the last tenth: somebody who watches again from the start has not finished."""
    return is_watched(state.position_seconds, state.duration_seconds)


def up_next(playable_ids: Sequence[str], states: PlayStates) -> str | None:
    """Return what the play button plays: the last unfinished playable, else the one after the last finished one.

    The first one where nothing was watched or nothing comes after; None without playables.
    """
    if not playable_ids:
        return None
    watched = sorted(
        (states[playable_id] for playable_id in playable_ids if playable_id in states),
        key=lambda state: state.last_watched_at,
        reverse=True,
    )
    unfinished = next((state for state in watched if not is_finished(state)), None)
    if unfinished is not None:
        return unfinished.playable_id
    if watched:
        following = playable_ids[playable_ids.index(watched[0].playable_id) + 1 :]
        if following:
            return following[0]
    return playable_ids[0]


def continue_item(
    title: TitleDocument | None, title_id: str, states: PlayStates, *, dismissed_at: datetime | None
) -> ContinueItem | None:
    """Return the title's row of continue watching, None where it has none.

    What was played last counts. Stopped between 30 s and 90 %, it is the row; finished, the next playable that has not
    been seen is. Dismissed, the title has no row until it is played again. A title that is unpublished or unknown has
    none: there is nothing to continue.
    """
    begun = [state for state in states.values() if has_begun(state)]
    if title is None or not title.published or not begun:
        return None
    last = max(begun, key=lambda state: state.last_watched_at)
    if dismissed_at is not None and last.last_watched_at <= dismissed_at:
        return None
    facts = {playable.playable_id: playable for playable in title.playables}
    shown = last if not is_finished(last) else _next_unseen(list(facts), states, after=last)
    if shown is None or shown.playable_id not in facts:
        return None
    known = facts[shown.playable_id]
    return ContinueItem(
        title_id=title_id,
        playable_id=shown.playable_id,
        position_seconds=shown.position_seconds,
        duration_seconds=shown.duration_seconds or known.duration_seconds or 0,
        last_watched_at=last.last_watched_at,
        is_next_episode=shown.playable_id != last.playable_id,
        age_floor=max(title.age_floor, known.age_floor),
    )


def _next_unseen(playable_ids: list[str], states: PlayStates, *, after: PlayState) -> PlayState | None:
    if after.playable_id not in playable_ids:
        return None
    for playable_id in playable_ids[playable_ids.index(after.playable_id) + 1 :]:
        state = states.get(playable_id)
        if state is None:
            return PlayState(playable_id, 0, 0, watched=False, last_watched_at=after.last_watched_at)
        if not state.watched:
            return state
    return None


def average_of_five(up: int, down: int) -> float | None:
    """Return the share of those who like a title, from 1 for nobody to 5 for all, to one decimal; None of no rating."""
    return round(1 + 4 * up / (up + down), 1) if up + down else None
