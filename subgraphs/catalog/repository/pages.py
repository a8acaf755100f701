"""A page of an ordered list of titles as one statement whose cost depends neither on its depth nor on how rare the
wanted titles are.

The index of the order gives the next titles, which are looked at one by one until the page is full: fast where many
fit. Where the nearest do not fill it, all candidates are gathered and sorted: fast where there are few. Where there are
many, they lie elsewhere in the order, and the walk goes on. A database that had to choose would guess how many fit, and
walk through a million titles where it guesses wrong.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from subgraphs.catalog.models import Title, table
from subgraphs.catalog.repository.criteria import VIEWER, Shape, TitleCriteria, conditions
from subgraphs.catalog.repository.tags import asked, candidates_for, title_by
from subgraphs.catalog.repository.visibility import Audience, Condition, listed

NEAREST = 2000
"""How many titles of an order are looked at first. Where a page needs more, about one in a hundred fits or fewer."""

FEW = 5000
"""How many candidates are gathered at most."""

_NEAR, _GATHER, _GATHER_IN_COUNTRY, _WALK = range(4)

_titles = table(Title)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of at most `limit` listed titles, in the order of the columns, that follow the key `after`.

    All columns go the same way, so that one index serves the order; the last is the id, so that no two titles share a
    place.
    """

    criteria: TitleCriteria
    audience: Audience
    columns: tuple[sa.Column[Any], ...]
    ascending: bool
    limit: int
    after: tuple[Any, ...] | None
    nearest: int = NEAREST
    few: int = FEW

    def statement(self) -> sa.Select[Any]:
        """Return the select of the columns, built once for all pages of a shape; it takes the `values`."""
        asked_for, days = asked(self.criteria, self.audience), frozenset(self._release_days())
        order = _Order(self.columns, self.ascending, self.after is not None, days)
        return _statement(asked_for.shape, order)

    def values(self) -> dict[str, Any]:
        """Return the values of the statement's parameters."""
        sizes = {"limit": self.limit, "nearest": self.nearest, "few": self.few}
        place = {} if self.after is None else {f"after_{number}": value for number, value in enumerate(self.after)}
        return {**asked(self.criteria, self.audience).values, **self._release_days(), **sizes, **place}

    def _release_days(self) -> dict[str, date]:
        """Return the criteria's years as days, where the order goes by release.

        With a key, nothing else may say where the page begins: PostgreSQL would begin there, and skip all between.
        """
        first, last = self.criteria.year_from, self.criteria.year_to
        found: dict[str, date] = {}
        if self.columns[0].key != _titles.c.release_order.key:
            return found
        if first is not None and first > date.min.year:
            found["first_day"] = date(min(first, date.max.year), 1, 1)
        if last is not None and last < date.max.year:
            last_day = date(max(last, date.min.year), 12, 31)
            if self.after is None or self.after[0] > last_day:
                found["last_day"] = last_day
        return found


@dataclass(frozen=True, slots=True)
class _Order:
    """An order, whether the page follows a key, and which of `first_day` and `last_day` bound it."""

    columns: tuple[sa.Column[Any], ...]
    ascending: bool
    goes_on: bool
    days: frozenset[str]


@lru_cache(maxsize=128)
def _statement(shape: Shape, order: _Order) -> sa.Select[Any]:
    return _Ways(shape, order).statement()


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways to a page, for a shape and an order."""

    shape: Shape
    order: _Order

    def statement(self) -> sa.Select[Any]:
        if "collection_id" in self.shape.fields:
            return self._gathered(candidates_for(self.shape))
        near = self._nearest().cte("near")
        is_full = sa.select(sa.func.count() == _size("limit")).select_from(near).scalar_subquery()
        beyond = self._stretch(_titles.c.id).offset(_size("nearest")).limit(1).scalar_subquery()
        some = self._some(in_country=self.shape.tag_sets == 0)
        gathered = {_GATHER: some}
        if self.shape.tag_sets and "person_id" not in self.shape.fields:
            gathered[_GATHER_IN_COUNTRY] = self._some(in_country=True)
        ways = sa.case(
            (sa.or_(is_full, beyond.is_(None)), _NEAR),
            *((_are_few(candidates), number) for number, candidates in gathered.items()),
            else_=_WALK,
        )
        way = sa.select(sa.select(ways.label("way")).cte("ways").c.way).scalar_subquery()
        arms = (
            sa.select(near).where(way == _NEAR),
            *(sa.select(self._gathered(some, way == number).subquery()) for number, some in gathered.items()),
            sa.select(self._page_of(_titles).where(way == _WALK, *self._bounds(_titles)).subquery("walked")),
        )
        found = sa.union_all(*arms).subquery("found")
        return sa.select(found).order_by(*self._ordered(found)).limit(_size("limit"))

    def _stretch(self, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """Return the select of all titles that follow, whether they fit or not."""
        return sa.select(*columns).where(*self._bounds(_titles)).order_by(*self._ordered(_titles))

    def _nearest(self) -> sa.Select[Any]:
        nearest = self._stretch(*_titles.c).limit(_size("nearest")).subquery("nearest")
        return self._page_of(nearest)

    def _some(self, *, in_country: bool) -> sa.CTE:
        """Return the candidates, one more at most than are few. They are read once, to be counted and gathered."""
        candidates = candidates_for(self.shape, in_country=in_country)
        return sa.select(candidates).limit(_size("few") + 1).cte("some_in_country" if in_country else "some")

    def _gathered(self, candidates: sa.FromClause, *when: Condition) -> sa.Select[Any]:
        title = title_by(candidates.c.title_id)
        page = self._page_of(title, candidates.join(title, sa.true()))
        return page.where(*when, *self._bounds(title))

    def _page_of(self, titles: sa.FromClause, source: sa.FromClause | None = None) -> sa.Select[Any]:
        fitting = sa.select(*self._keys(titles)).select_from(titles if source is None else source)
        page = fitting.where(listed(VIEWER, titles), *conditions(self.shape, titles=titles))
        return page.order_by(*self._ordered(titles)).limit(_size("limit"))

    def _bounds(self, titles: sa.FromClause) -> list[Condition]:
        """Return what the index of the order knows of where the page may lie."""
        days = {"first_day": titles.c.release_order.__ge__, "last_day": titles.c.release_order.__le__}
        found = [bound(sa.bindparam(name, type_=sa.Date)) for name, bound in days.items() if name in self.order.days]
        if not self.order.goes_on:
            return [*found, titles.c.published_at <= VIEWER.now]
        columns = enumerate(self.order.columns)
        bound = sa.tuple_(*(sa.bindparam(f"after_{number}", type_=column.type) for number, column in columns))
        place = sa.tuple_(*self._keys(titles))
        return [*found, place > bound if self.order.ascending else place < bound]

    def _keys(self, rows: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        return [rows.c[column.name] for column in self.order.columns]

    def _ordered(self, rows: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        return [key if self.order.ascending else key.desc() for key in self._keys(rows)]


def _size(name: str) -> sa.ColumnElement[int]:
    return sa.bindparam(name, type_=sa.Integer)


def _are_few(candidates: sa.CTE) -> Condition:
    return sa.select(sa.func.count() <= _size("few")).select_from(candidates).scalar_subquery()
