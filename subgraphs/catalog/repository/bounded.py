"""Counting to an end: rows are looked for where many are found fast, and only where those are too few among all."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from subgraphs.catalog.repository.visibility import Condition


def first_enough(every: sa.Select[Any], ways: Sequence[Sequence[Condition]], *, most: int) -> sa.CTE:
    """Return at most `most` of the rows: those of the first way that gives so many, else all that the last one gives.

    Each way is what narrows `every`; the last one narrows nothing that the others leave. It is one statement; ways that
    are not needed do not run.
    """
    arms: list[sa.CTE] = []
    for number, conditions in enumerate(ways):
        is_needed = [sa.not_(_is_full(arm, most)) for arm in arms]
        arms.append(every.where(*conditions, *is_needed).limit(most).cte(f"way_{number}"))
    full = [sa.select(arm).where(_is_full(arm, most)) for arm in arms[:-1]]
    return sa.union_all(*full, sa.select(arms[-1])).cte("found")


def _is_full(arm: sa.CTE, most: int) -> Condition:
    return sa.select(sa.func.count() == most).select_from(arm).scalar_subquery()
