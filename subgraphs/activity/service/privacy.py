"""What activity keeps about people: exporting and forgetting it."""

from collections.abc import Sequence

from subgraphs.activity.repository import erasure
from subgraphs.activity.repository.read_model import ReadModel
from subgraphs.shared.privacy import DataSubject, Records

_FIELDS = {
    "history": {
        "title": "title_id",
        "playable": "playable_id",
        "position_seconds": "position_seconds",
        "watch_seconds": "watch_seconds",
        "device_type": "device_type",
        "country": "country",
        "watched_at": "watched_at",
    },
    "watch_states": {
        "title": "title_id",
        "playable": "playable_id",
        "position_seconds": "position_seconds",
        "watched": "watched",
        "last_watched_at": "last_watched_at",
    },
    "watchlist": {"title": "title_id", "added_at": "added_at"},
    "ratings": {"title": "title_id", "value": "value", "rated_at": "rated_at"},
    "dismissals": {"title": "title_id", "dismissed_at": "dismissed_at"},
}


async def export_account(subject: DataSubject) -> Records:
    """Return what the account's profiles watched, listed, rated and dismissed."""
    found = await erasure.everything_of(subject.profile_ids)
    records = {
        name: [
            {"profile": row.profile_id, **{field: _plain(getattr(row, source)) for field, source in fields.items()}}
            for row in found[name]
        ]
        for name, fields in _FIELDS.items()
    }
    cleared = [{"profile": row.id, "cleared_at": _plain(row.cleared_at)} for row in found["history_clearings"]]
    return {**records, "history_clearings": cleared}


async def forget_profiles(read_model: ReadModel, profile_ids: Sequence[str]) -> None:
    """Delete everything that is kept of the profiles, from both stores."""
    await erasure.delete_everything_of(profile_ids)
    await read_model.forget(profile_ids)


def _plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value
