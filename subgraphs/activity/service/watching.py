"""What heartbeats change: how far a profile has come, its history, its rows of continue watching.

MongoDB is written first. Then the read models of the profiles are brought up to date from it; they are stored only if
nobody changed the profile meanwhile, else they are computed again.
"""

from collections.abc import Iterable, Sequence

from subgraphs.activity.config import BEGUN_AFTER_SECONDS
from subgraphs.activity.models.facts import Watching
from subgraphs.activity.models.states import HistoryRow, PlayState
from subgraphs.activity.repository import durable, titles
from subgraphs.activity.repository.durable import ProfileTitle, WatchUpdate
from subgraphs.activity.repository.packing import milliseconds
from subgraphs.activity.repository.read_model import Changes, ReadModel
from subgraphs.activity.service.rules import continue_item, is_watched
from subgraphs.shared.errors import ServiceUnavailableError

_ATTEMPTS = 5


async def record(read_model: ReadModel, entries: Sequence[Watching]) -> None:
    """Record the entries, in any order and any number of times, and bring the read models up to date."""
    if not entries:
        return
    in_order = sorted(entries, key=lambda entry: entry.at)
    await durable.merge_states(_newest_states(in_order))
    await durable.merge_history(await _viewings(in_order))
    await refresh(read_model, {(entry.profile_id, entry.title_id) for entry in in_order})


async def refresh(read_model: ReadModel, pairs: Iterable[ProfileTitle]) -> None:
    """Compute again what the read models hold of each profile and title.

    Raises:
        ServiceUnavailableError: A profile kept changing while it was computed.
    """
    pending = sorted(set(pairs))
    for _attempt in range(_ATTEMPTS):
        pending = await _refresh_once(read_model, pending)
        if not pending:
            return
    raise ServiceUnavailableError("A profile changes faster than its read model can be built.")


async def build(read_model: ReadModel, profile_id: str) -> None:
    """Build the whole read model of a profile again.

    Raises:
        ServiceUnavailableError: The profile kept changing meanwhile.
    """
    for _attempt in range(_ATTEMPTS):
        [revision] = await read_model.revisions([profile_id])
        states = await durable.states_of_profile(profile_id)
        dismissed = await durable.dismissals_of([profile_id])
        known = await titles.find_titles([title_id for _, title_id in states])
        rows = {
            title_id: continue_item(
                known.get(title_id), title_id, played, dismissed_at=dismissed.get((profile, title_id))
            )
            for (profile, title_id), played in states.items()
        }
        whole = Changes(
            states={title_id: played for (_, title_id), played in states.items()},
            rows={title_id: row for title_id, row in rows.items() if row is not None},
            ratings=await durable.ratings_of(profile_id),
            watchlist={title: milliseconds(at) for title, at in (await durable.watchlist_of(profile_id)).items()},
            whole=True,
        )
        if await read_model.apply([(profile_id, revision, whole)]) == [True]:
            return
    raise ServiceUnavailableError("A profile changes faster than its read model can be built.")


async def _refresh_once(read_model: ReadModel, pairs: Sequence[ProfileTitle]) -> list[ProfileTitle]:
    """Return the pairs whose profile changed meanwhile."""
    profiles = sorted({profile for profile, _ in pairs})
    if not profiles:
        return []
    revisions = await read_model.revisions(profiles)
    states = await durable.states_of_pairs(pairs)
    dismissed = await durable.dismissals_of(profiles)
    known = await titles.find_titles(sorted({title for _, title in pairs}))
    changes = []
    for profile, revision in zip(profiles, revisions, strict=True):
        played = {title: states.get((profile, title), {}) for owner, title in pairs if owner == profile}
        rows = {
            title: continue_item(known.get(title), title, each, dismissed_at=dismissed.get((profile, title)))
            for title, each in played.items()
        }
        changes.append((profile, revision, Changes(states=played, rows=rows)))
    stored = dict(zip(profiles, await read_model.apply(changes), strict=True))
    return [pair for pair in pairs if not stored[pair[0]]]


def _newest_states(in_order: Sequence[Watching]) -> list[WatchUpdate]:
    newest: dict[tuple[str, str], WatchUpdate] = {}
    for entry in in_order:
        key = (entry.profile_id, entry.playable_id)
        earlier = newest.get(key)
        state = PlayState(
            playable_id=entry.playable_id,
            position_seconds=entry.position_seconds,
            duration_seconds=entry.duration_seconds,
            watched=is_watched(entry.position_seconds, entry.duration_seconds)
            or (earlier is not None and earlier.state.watched),
            last_watched_at=entry.at,
        )
        newest[key] = WatchUpdate(entry.profile_id, entry.title_id, state)
    return list(newest.values())


async def _viewings(in_order: Sequence[Watching]) -> list[tuple[str, HistoryRow]]:
    """Return one row per session that has begun: more than 30 s, or to the end."""
    cleared = await durable.clearings_of(entry.profile_id for entry in in_order)
    viewings: dict[str, tuple[str, HistoryRow]] = {}
    for entry in in_order:
        is_cleared = entry.profile_id in cleared and entry.at <= cleared[entry.profile_id]
        has_ended = is_watched(entry.position_seconds, entry.duration_seconds)
        if is_cleared or (entry.position_seconds <= BEGUN_AFTER_SECONDS and not has_ended):
            continue
        furthest = viewings[entry.session_id][1].position_seconds if entry.session_id in viewings else 0
        row = HistoryRow(
            session_id=entry.session_id,
            title_id=entry.title_id,
            playable_id=entry.playable_id,
            position_seconds=max(furthest, entry.position_seconds),
            duration_seconds=entry.duration_seconds,
            watch_seconds=entry.watch_seconds,
            device_type=entry.device_type,
            watched_at=entry.at,
            country=entry.country,
        )
        viewings[entry.session_id] = (entry.profile_id, row)
    return list(viewings.values())
