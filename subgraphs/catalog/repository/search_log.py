"""Statements on what is searched for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from subgraphs.catalog.models import SearchQueryDay, table
from subgraphs.shared.postgres import ReadSession, WriteSession

_days = table(SearchQueryDay)


@dataclass(frozen=True, slots=True)
class QueryCount:
    """How often a query was asked, and how often it found nothing."""

    query: str
    searches: int
    zero_results: int


async def add_counts(session: WriteSession, day: date, counts: Sequence[QueryCount]) -> None:
    """Add to the day's figures."""
    rows = [
        {"day": day, "query": each.query, "searches": each.searches, "zero_results": each.zero_results}
        for each in sorted(counts, key=lambda each: each.query)
    ]
    upsert = insert(_days).values(rows)
    await session.execute(
        upsert.on_conflict_do_update(
            index_elements=[_days.c.day, _days.c.query],
            set_={name: _days.c[name] + upsert.excluded[name] for name in ("searches", "zero_results")},
        )
    )


async def forget_before(session: WriteSession, day: date) -> None:
    """Delete the figures of earlier days."""
    await session.execute(sa.delete(_days).where(_days.c.day < day))


async def most_asked(
    session: ReadSession, *, since: date, until: date, only_without_results: bool, limit: int
) -> list[QueryCount]:
    """Return the queries that were asked most between the days, both included; or that found nothing most often."""
    searches, zeroes = sa.func.sum(_days.c.searches), sa.func.sum(_days.c.zero_results)
    rank = zeroes if only_without_results else searches
    statement = (
        sa.select(_days.c.query, searches.label("searches"), zeroes.label("zero_results"))
        .where(_days.c.day.between(since, until))
        .group_by(_days.c.query)
        .having(rank > 0)
        .order_by(rank.desc(), _days.c.query)
        .limit(limit)
    )
    return [QueryCount(row.query, row.searches, row.zero_results) for row in await session.execute(statement)]
