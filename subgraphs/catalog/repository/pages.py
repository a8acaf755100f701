"""A page of an ordered list of titles as one statement whose cost depends neither on its depth nor on how rare the
wanted titles are.

The index of the order gives the next titles, which are looked at one by one until the page is full: fast where many
fit. Where the nearest do not fill it, all candidates are gathered and sorted: fast where there are few. Where there are
many, they lie elsewhere in the order, and the walk goes on. A database that had to choose would guess how many fit, and
walk through a million titles where it guesses wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from subgraphs.catalog.models import Title, table
from subgraphs.catalog.repository.criteria import TitleCriteria, conditions
from subgraphs.catalog.repository.tags import candidates_for, title_by
from subgraphs.catalog.repository.visibility import Audience, Condition, listed

NEAREST = 2000
"""How many titles of an order are looked at first. Where a page needs more, about one in a hundred fits or fewer."""

FEW = 5000
"""How many candidates are gathered at most."""

_NEAR, _GATHER, _WALK = 0, 1, 2

_titles = table(Title)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of at most `limit` listed titles, in the order of the columns, that follow the key `after`.

    All columns go the same way, so that one index serves the order; the last is the id, so that no two titles share a
    place.
    """

    criteria: TitleCriteria
    audience: Audience
    columns: Sequence[sa.Column[Any]]
    ascending: bool
    limit: int
    after: tuple[Any, ...] | None
    nearest: int = NEAREST
    few: int = FEW

    def statement(self) -> sa.Select[Any]:
        """Return the select of the columns."""
        if self.criteria.collection_id is not None:
            return self._gathered()
        near = self._nearest().cte("near")
        is_full = sa.select(sa.func.count() == self.limit).select_from(near).scalar_subquery()
        beyond = self._stretch(_titles.c.id).offset(self.nearest).limit(1).scalar_subquery()
        ways = sa.case((sa.or_(is_full, beyond.is_(None)), _NEAR), (self._has_few_candidates(), _GATHER), else_=_WALK)
        way = sa.select(sa.select(ways.label("way")).cte("ways").c.way).scalar_subquery()
        arms = (
            sa.select(near).where(way == _NEAR),
            sa.select(self._gathered(way == _GATHER).subquery("gathered")),
            sa.select(self._page_of(_titles).where(way == _WALK, *self._bounds(_titles)).subquery("walked")),
        )
        found = sa.union_all(*arms).subquery("found")
        return sa.select(found).order_by(*self._ordered(found)).limit(self.limit)

    def _stretch(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """Return the select of all titles that follow, whether they fit or not."""
        return sa.select(*columns).where(*self._bounds(_titles)).order_by(*self._ordered(_titles))

    def _nearest(self) -> sa.Select[Any]:
        nearest = self._stretch(*_titles.c).limit(self.nearest).subquery("nearest")
        return self._page_of(nearest)

    def _has_few_candidates(self) -> Condition:
        some = sa.select(candidates_for(self.criteria, audience=self.audience)).limit(self.few + 1).subquery()
        return sa.select(sa.func.count() <= self.few).select_from(some).scalar_subquery()

    def _gathered(self, *when: Condition) -> sa.Select[Any]:
        candidates = candidates_for(self.criteria, audience=self.audience)
        title = title_by(candidates.c.title_id)
        page = self._page_of(title, candidates.join(title, sa.true()))
        return page.where(*when, *self._bounds(title))

    def _page_of(self, titles: sa.FromClause, source: sa.FromClause | None = None) -> sa.Select[Any]:
        fits = conditions(self.criteria, audience=self.audience, titles=titles)
        fitting = sa.select(*self._keys(titles)).select_from(titles if source is None else source)
        page = fitting.where(listed(self.audience, titles), *fits)
        return page.order_by(*self._ordered(titles)).limit(self.limit)

    def _bounds(self, titles: sa.FromClause) -> list[Condition]:
        """Return what the index of the order knows of where the page may lie.

        With a key, nothing else may say where the page begins: PostgreSQL would begin there, and skip all between.
        """
        found = self._release_bounds(titles)
        if self.after is None:
            found.append(titles.c.published_at <= self.audience.now)
        else:
            place, values = sa.tuple_(*self._keys(titles)), zip(self.after, self.columns, strict=True)
            bound = sa.tuple_(*(sa.literal(value, column.type) for value, column in values))
            found.append(place > bound if self.ascending else place < bound)
        return found

    def _release_bounds(self, titles: sa.FromClause) -> list[Condition]:
        """Return the criteria's years as days, where the order goes by release."""
        first, last = self.criteria.year_from, self.criteria.year_to
        found: list[Condition] = []
        if self.columns[0].key != _titles.c.release_order.key:
            return found
        if first is not None and first > date.min.year:
            found.append(titles.c.release_order >= date(min(first, date.max.year), 1, 1))
        if last is not None and last < date.max.year:
            last_day = date(max(last, date.min.year), 12, 31)
            if self.after is None or self.after[0] > last_day:
                found.append(titles.c.release_order <= last_day)
        return found

    def _keys(self, rows: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        return [rows.c[column.name] for column in self.columns]

    def _ordered(self, rows: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        return [key if self.ascending else key.desc() for key in self._keys(rows)]
