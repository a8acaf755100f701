"""Who sees what: the one predicate of the catalog, in SQL.

Every path to a title, playable, episode or person goes through `listed` or `reachable`; the age floor of an episode
is checked beside that of its show, because an episode may be stricter.

Where a title has licences of its own, one of them must serve the viewer: its columns are only the licences' envelope.
Most titles have none, and cost no look at that table.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from subgraphs.catalog.models import Licence, Playable, Title, table
from subgraphs.shared.values import MaturityRating, age_floor

_titles = table(Title)
_licences = table(Licence).c
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
        sa.or_(columns.countries.is_(None), sa.type_coerce(audience.country, sa.Text) == sa.any_(columns.countries)),
        columns.age_floor <= audience.age_limit,
        _licensed(_serves(audience), titles),
    )


def listed(audience: Audience, titles: sa.FromClause = _titles) -> Condition:
    """Return the condition for a title in a list, a count or a search: reachable, and its window has begun."""
    begun = sa.or_(titles.c.available_from.is_(None), titles.c.available_from <= audience.now)
    return sa.and_(reachable(audience, titles), begun, _licensed(sa.and_(_serves(audience), _begun(audience)), titles))


def begins_at(audience: Audience, titles: sa.FromClause = _titles) -> sa.ColumnElement[datetime]:
    """Return when the window of a title that comes soon begins for the audience; NULL where it has begun long ago."""
    first = sa.select(sa.func.min(_licences.starts_at)).where(_licences.title_id == titles.c.id, _serves(audience))
    return _of_licences(first.correlate(titles).scalar_subquery(), titles.c.available_from, titles)


def effective_tier(audience: Audience, titles: sa.FromClause = _titles) -> sa.ColumnElement[str]:
    """Return the tier that the viewer needs for a title of the table: that of the licence that serves them best."""
    served = _best(audience, _licences.tier, titles).scalar_subquery()
    return _of_licences(sa.func.coalesce(served, titles.c.required_tier), titles.c.required_tier, titles)


def effective_rentable(audience: Audience, titles: sa.FromClause = _titles) -> sa.ColumnElement[bool]:
    """Return whether the viewer can rent a title of the table, by the licence that serves them best."""
    served = _best(audience, _licences.rentable, titles).scalar_subquery()
    return _of_licences(sa.func.coalesce(served, sa.false()), titles.c.rentable, titles)


def terms_of(audience: Audience) -> sa.ColumnElement[str]:
    """Return the licence that serves the viewer best, `[tier, rentable, from, until, countries]` as JSON.

    One that has begun goes before those that have not, of which the next one counts; then the free before the paid, the
    rentable, the longest. NULL where the title's own columns decide, or no licence serves.
    """
    facts = sa.func.json_build_array(
        _licences.tier, _licences.rentable, _licences.starts_at, _licences.ends_at, _licences.countries
    )
    return sa.case((_titles.c.has_licences, sa.cast(_best(audience, facts, _titles).scalar_subquery(), sa.Text)))


def _best(audience: Audience, column: sa.ColumnElement[Any], titles: sa.FromClause) -> sa.Select[Any]:
    return (
        sa.select(column)
        .where(_licences.title_id == titles.c.id, _serves(audience))
        .order_by(
            _begun(audience).desc(),
            sa.case((_begun(audience), None), else_=_licences.starts_at),
            (_licences.tier == "FREE").desc(),
            _licences.rentable.desc(),
            _licences.ends_at.desc().nulls_first(),
            _licences.position,
        )
        .limit(1)
        .correlate(titles)
    )


def _of_licences(
    licensed: sa.ColumnElement[Any], own: sa.ColumnElement[Any], titles: sa.FromClause
) -> sa.ColumnElement[Any]:
    return sa.case((titles.c.has_licences, licensed), else_=own)


def _licensed(condition: Condition, titles: sa.FromClause) -> Condition:
    """Return that the title has no licences of its own, or one that meets the condition.

    LIMIT has it asked for each title; EXISTS would be hashed over all licences first.
    """
    found = sa.select(sa.true()).where(_licences.title_id == titles.c.id, condition).correlate(titles).limit(1)
    return sa.or_(sa.not_(titles.c.has_licences), found.scalar_subquery().is_(True))


def _serves(audience: Audience) -> Condition:
    """Return that a licence is not over and holds in the viewer's country."""
    return sa.and_(
        sa.or_(_licences.ends_at.is_(None), _licences.ends_at > audience.now),
        sa.or_(
            _licences.countries.is_(None), sa.type_coerce(audience.country, sa.Text) == sa.any_(_licences.countries)
        ),
    )


def _begun(audience: Audience) -> Condition:
    return sa.or_(_licences.starts_at.is_(None), _licences.starts_at <= audience.now)


def playable_allowed(audience: Audience) -> Condition:
    """Return the condition for a playable of a visible title: its own rating may be stricter."""
    return _playables.age_floor <= audience.age_limit


def is_age_allowed(rating: MaturityRating | None, age_limit: int) -> bool:
    """Return what `playable_allowed` says, for a playable that was read already."""
    return age_floor(rating) <= age_limit
