"""What activity adds to Profile: its lists, readable by the profile itself alone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Self

import strawberry

from subgraphs.activity.context import Info
from subgraphs.activity.models.states import ContinueItem, HistoryRow
from subgraphs.activity.repository.durable import HistoryFilter as HistoryCondition
from subgraphs.activity.repository.packing import milliseconds, moment
from subgraphs.activity.service import reading
from subgraphs.activity.types.lists import (
    ContinueWatchingConnection,
    HistoryConnection,
    HistoryEdge,
    HistoryEntry,
    HistoryFilter,
    WatchlistConnection,
    WatchlistEdge,
    continue_edge,
)
from subgraphs.activity.types.titles import Title
from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.graphql.pagination import After, First, check_page_size, decode_cursor, encode_cursor, make_page
from subgraphs.shared.graphql.schema import Reference
from subgraphs.shared.ids import decode_ids_leniently

ChosenHistory = Annotated[HistoryFilter | None, strawberry.argument(description="Which viewings; all if left out.")]


@strawberry.federation.type(keys=["id"], description="A person of an account, with what only that person may see.")
class Profile:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")

    @classmethod
    async def resolve_references(cls, references: list[Reference], info: Info) -> Sequence[Self | None]:  # noqa: ARG003  # the same in every entity
        """Return a profile for every id that can be one's; its fields refuse whoever is not that profile."""
        texts = [str(reference.get("id")) for reference in references]
        ids = decode_ids_leniently(texts, "Profile")
        return [None if each is None else cls(id=strawberry.ID(text)) for text, each in zip(texts, ids, strict=True)]

    @strawberry.federation.field(
        authenticated=True, description="At most 20 things to go on with, most recent first. The active profile's only."
    )
    async def continue_watching(
        self, info: Info, first: First = 20, after: After = None
    ) -> ContinueWatchingConnection | None:
        profile_id = self._require_own(info)
        check_page_size(first)
        key = decode_cursor(after, "continue", int, str)
        rows = await reading.continue_watching(
            info.context.read_model, profile_id, age_limit=info.context.viewer.age_limit
        )
        following = [row for row in rows if key is None or _continue_key(row) < key]
        page = make_page(following, first, lambda row: encode_cursor("continue", *_continue_key(row)), after=after)
        return ContinueWatchingConnection(
            edges=[continue_edge(row, cursor, profile_id) for row, cursor in zip(page.rows, page.cursors, strict=True)],
            page_info=page.page_info,
        )

    @strawberry.federation.field(
        authenticated=True,
        description="What was watched, one entry for each viewing, newest first. The active profile's only.",
    )
    async def history(
        self,
        info: Info,
        filter: ChosenHistory = None,  # the argument's name in GraphQL
        first: First = 20,
        after: After = None,
    ) -> HistoryConnection | None:
        profile_id = self._require_own(info)
        check_page_size(first)
        key = decode_cursor(after, "history", moment, str)
        condition = await reading.within_limit(profile_id, _condition(filter), age_limit=info.context.viewer.age_limit)
        rows = await reading.history(
            profile_id, condition, limit=first + 1, after=None if key is None else (key[0], key[1])
        )
        page = make_page(rows, first, lambda row: encode_cursor("history", *_history_key(row)), after=after)
        return HistoryConnection(
            condition=condition,
            profile_id=profile_id,
            edges=[
                HistoryEdge(cursor=cursor, node=HistoryEntry.of(row))
                for row, cursor in zip(page.rows, page.cursors, strict=True)
            ],
            page_info=page.page_info,
        )

    @strawberry.federation.field(
        authenticated=True, description="What the profile wants to watch, newest first. The active profile's only."
    )
    async def watchlist(self, info: Info, first: First = 20, after: After = None) -> WatchlistConnection | None:
        profile_id = self._require_own(info)
        check_page_size(first)
        key = decode_cursor(after, "watchlist", int, str)
        part = await reading.watchlist(
            info.context.read_model,
            profile_id,
            age_limit=info.context.viewer.age_limit,
            limit=first + 1,
            after=None if key is None else (key[0], key[1]),
        )
        page = make_page(part.entries, first, lambda entry: encode_cursor("watchlist", entry[1], entry[0]), after=after)
        return WatchlistConnection(
            edges=[
                WatchlistEdge(cursor=cursor, node=Title(id=strawberry.ID(title_id)), added_at=moment(added_at))
                for (title_id, added_at), cursor in zip(page.rows, page.cursors, strict=True)
            ],
            page_info=page.page_info,
            total_count=part.total,
        )

    def _require_own(self, info: Info) -> str:
        """Return the active profile's id.

        Raises:
            UnauthenticatedError: Nobody is signed in.
            ForbiddenError: This is not the active profile.
        """
        active = info.context.viewer.require_profile()
        if active != str(self.id):
            raise ForbiddenError("Only the active profile may see this.")
        return active


def _continue_key(row: ContinueItem) -> tuple[int, str]:
    return milliseconds(row.last_watched_at), row.title_id


def _history_key(row: HistoryRow) -> tuple[int, str]:
    return milliseconds(row.watched_at), row.session_id


def _condition(chosen: HistoryFilter | None) -> HistoryCondition:
    if chosen is None:
        return HistoryCondition()
    midnight = time(tzinfo=UTC)
    # Nothing lies after the last day that there is, and no moment does.
    last_day = None if chosen.to == date.max else chosen.to
    return HistoryCondition(
        since=None if chosen.from_ is None else datetime.combine(chosen.from_, midnight),
        before=None if last_day is None else datetime.combine(last_day, midnight) + timedelta(days=1),
        completed_only=chosen.completed_only,
    )
