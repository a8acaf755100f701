"""Counting what is searched for, to tune search: queries and what they found, never who asked.

Counts gather in memory and are written every few seconds, so that a search costs no write; a process that dies loses
those. A query that looks like it names a person's address or number is not counted at all.
"""

import re
from datetime import datetime, timedelta

from subgraphs.catalog.repository import search_log
from subgraphs.catalog.repository.search_log import QueryCount
from subgraphs.catalog.service.words import normal_form
from subgraphs.shared.postgres import Database

KEPT_DAYS = 90
_LONGEST_QUERY = 80
_MOST_QUERIES = 2_000
"""Different queries between two writes; others are not counted, so that nobody can fill the memory."""

_PERSONAL = re.compile(r"@|(?:\d[\s().+-]*){7,}")


class SearchLog:
    """The counts of one process since they were last written."""

    def __init__(self) -> None:
        self._counts: dict[str, list[int]] = {}

    def add(self, query: str, *, found_any: bool) -> None:
        """Count a search."""
        name = normal_form(query)
        if not name or len(name) > _LONGEST_QUERY or _PERSONAL.search(query):
            return
        if name not in self._counts and len(self._counts) >= _MOST_QUERIES:
            return
        count = self._counts.setdefault(name, [0, 0])
        count[0] += 1
        count[1] += not found_any

    async def write(self, database: Database, *, now: datetime) -> None:
        """Add the counts to the day's figures, and forget figures beyond 90 days; nothing without any.

        Raises:
            ServiceUnavailableError: The database does not answer; the counts are kept.
        """
        if not self._counts:
            return
        counts, self._counts = self._counts, {}
        try:
            async with database.writing() as session:
                rows = [QueryCount(query, searches, zeroes) for query, (searches, zeroes) in counts.items()]
                await search_log.add_counts(session, now.date(), rows)
                await search_log.forget_before(session, (now - timedelta(days=KEPT_DAYS)).date())
        except BaseException:
            self._restore(counts)
            raise

    def _restore(self, counts: dict[str, list[int]]) -> None:
        for query, (searches, zeroes) in counts.items():
            count = self._counts.setdefault(query, [0, 0])
            count[0] += searches
            count[1] += zeroes
