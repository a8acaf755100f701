"""Figures of titles, counted from the viewings that are kept.

What a profile cleared from its history, and accounts that are gone, are not counted any more: nothing of them is kept.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from subgraphs.activity.config import WATCHED_PERCENT
from subgraphs.activity.models.figures import DateRange, TitleFigures
from subgraphs.activity.repository import figures
from subgraphs.shared.errors import BadUserInputError, ForbiddenError
from subgraphs.shared.identity import Viewer

LONGEST_DAYS = 366

_SCOPE = "analytics:read"
_NOWHERE = "ZZ"


def require_analyst(viewer: Viewer) -> None:
    """Return if the viewer may read figures.

    Raises:
        UnauthenticatedError: Nobody is signed in.
        ForbiddenError: Their roles do not allow it.
    """
    viewer.require_user()
    if _SCOPE not in viewer.scopes:
        raise ForbiddenError(f"This needs the scope `{_SCOPE}`.")


def checked_range(days: DateRange) -> DateRange:
    """Return the days.

    Raises:
        BadUserInputError: They end before they begin, or are too many.
    """
    if days.first > days.last:
        raise BadUserInputError("`from` must not be after `to`.")
    if (days.last - days.first).days >= LONGEST_DAYS:
        raise BadUserInputError(f"Ask for at most {LONGEST_DAYS} days.")
    return days


async def figures_of(title_ids: Sequence[str], days: DateRange) -> dict[str, TitleFigures]:
    """Return the figures of each title: two statements. A title that nobody watched has zeros."""
    since = datetime.combine(days.first, time(), UTC)
    before = datetime.combine(days.last, time(), UTC) + timedelta(days=1)
    groups = await figures.viewings_by_place(title_ids, since=since, before=before, watched_percent=WATCHED_PERCENT)
    viewers = await figures.viewers_by_title(title_ids, since=since, before=before)
    found = {}
    for title_id in title_ids:
        own = [group for group in groups if group["title_id"] == title_id]
        countries, devices = Counter[str](), Counter[str]()
        for group in own:
            countries[group.get("country") or _NOWHERE] += group["views"]
            devices[group["device_type"]] += group["views"]
        found[title_id] = TitleFigures(
            views=sum(group["views"] for group in own),
            unique_viewers=viewers.get(title_id, 0),
            watch_seconds=sum(group["watch_seconds"] for group in own),
            completed=sum(group["completed"] for group in own),
            by_country=countries,
            by_device=devices,
            reached=[sum(group[f"reached_{percent}"] for group in own) for percent in figures.TENTHS],
        )
    return found
