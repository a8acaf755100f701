"""Who sees what: the one predicate of the catalog, in SQL.

Every path to a title, playable, episode or person goes through `listed` or `reachable`; the age floor of an episode
is checked beside that of its show, because an episode may be stricter.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from subgraphs.catalog.models import Playable, Title, table

_titles = table(Title)
_playables = table(Playable).c

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Audience:
    """What decides visibility: the moment, the viewer's country (ISO 3166-1 alpha-2) and highest age floor in years."""

    now: datetime
    country: str
    age_limit: int


def reachable(audience: Audience, titles: sa.FromClause = _titles) -> Condition:
    """Return the condition for a title that is named: by id, slug, reference.

    Published, its window not over (the end is excluded), allowed in the country, within the age limit. A title whose
    window has not begun is reachable, so that it can be announced as coming soon. `titles` is the table or an alias.
    """
    columns = titles.c
    return sa.and_(
        columns.published_at <= audience.now,
        sa.or_(columns.available_until.is_(None), columns.available_until > audience.now),
        sa.or_(columns.countries.is_(None), sa.literal(audience.country) == sa.any_(columns.countries)),
        columns.age_floor <= audience.age_limit,
    )


def listed(audience: Audience, titles: sa.FromClause = _titles) -> Condition:
    """Return the condition for a title in a list, a count or a search: reachable, and its window has begun."""
    begun = sa.or_(titles.c.available_from.is_(None), titles.c.available_from <= audience.now)
    return sa.and_(reachable(audience, titles), begun)


def playable_allowed(audience: Audience) -> Condition:
    """Return the condition for a playable of a visible title: its own rating may be stricter."""
    return _playables.age_floor <= audience.age_limit
