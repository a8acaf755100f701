"""The lists of a profile: items, edges and connections."""

from datetime import date, datetime
from functools import lru_cache
from typing import Self
from uuid import UUID, uuid5

import strawberry

from subgraphs.activity.models.states import ContinueItem, HistoryRow
from subgraphs.activity.repository.durable import HistoryFilter as HistoryCondition
from subgraphs.activity.service import reading
from subgraphs.activity.types.titles import Playable, Title
from subgraphs.shared.graphql.kept import keeps_answers
from subgraphs.shared.graphql.pagination import PageInfo
from subgraphs.shared.ids import encode_id
from subgraphs.shared.values import DeviceType

_ITEMS = UUID("5d0c6c2e-8f43-4b0e-9b57-2f0f5b1f3a86")
"""Namespace of the ids of items of continue watching."""


@keeps_answers()
@strawberry.type(description="Something to go on with.")
class ContinueWatchingItem:
    id: strawberry.ID = strawberry.field(description="Opaque id, the same for the same profile and title.")
    title: Title | None = strawberry.field(description="The film or show.")
    playable: Playable | None = strawberry.field(description="What to play.")
    percent: float = strawberry.field(description="How far it was seen, to one decimal.")
    position_seconds: int = strawberry.field(description="Where to go on, in seconds.")
    last_watched_at: datetime = strawberry.field(description="When the title was last watched.")
    is_next_episode: bool = strawberry.field(description="Whether it follows what was finished.")

    @classmethod
    def of(cls, item: ContinueItem, *, profile_id: str) -> Self:
        """Return the GraphQL form of a row."""
        # Not the title's id: caches that know objects by their id alone would take one for the other.
        own = uuid5(_ITEMS, f"{profile_id}:{item.title_id}")
        return cls(
            id=strawberry.ID(encode_id("ContinueWatchingItem", own)),
            title=Title(id=strawberry.ID(item.title_id)),
            playable=Playable(id=strawberry.ID(item.playable_id)),
            percent=item.percent,
            position_seconds=item.position_seconds,
            last_watched_at=item.last_watched_at,
            is_next_episode=item.is_next_episode,
        )


@keeps_answers()
@strawberry.type(description="An item with its place in the list.")
class ContinueWatchingEdge:
    cursor: str = strawberry.field(description="Give it as `after` to get what follows.")
    node: ContinueWatchingItem = strawberry.field(description="The item.")


# Home page after home page shows a profile the same: 8 MB in each process when full.
@lru_cache(maxsize=4096)
def continue_edge(item: ContinueItem, cursor: str, profile_id: str) -> ContinueWatchingEdge:
    """Return a row with its place in the list of a profile: the same object for the same row."""
    return ContinueWatchingEdge(cursor=cursor, node=ContinueWatchingItem.of(item, profile_id=profile_id))


@strawberry.type(description="At most 20 things to go on with, most recent first.")
class ContinueWatchingConnection:
    edges: list[ContinueWatchingEdge] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")


@strawberry.type(description="One viewing of more than 30 s.")
class HistoryEntry:
    id: strawberry.ID = strawberry.field(description="Opaque id.")
    title: Title | None = strawberry.field(description="The film or show.")
    playable: Playable | None = strawberry.field(description="What was played.")
    watched_at: datetime = strawberry.field(description="When it was last watched in this viewing.")
    completion_percent: float = strawberry.field(description="How far the viewing came, to one decimal.")
    watch_seconds: int = strawberry.field(description="How long it was watched.")
    device: DeviceType | None = strawberry.field(description="What it was watched on.")

    @classmethod
    def of(cls, row: HistoryRow) -> Self:
        """Return the GraphQL form of a viewing."""
        return cls(
            id=strawberry.ID(encode_id("HistoryEntry", UUID(row.session_id))),
            title=Title(id=strawberry.ID(row.title_id)),
            playable=Playable(id=strawberry.ID(row.playable_id)),
            watched_at=row.watched_at,
            completion_percent=row.completion_percent,
            watch_seconds=row.watch_seconds,
            device=DeviceType(row.device_type) if row.device_type in DeviceType.__members__ else None,
        )


@strawberry.type(description="A viewing with its place in the list.")
class HistoryEdge:
    cursor: str = strawberry.field(description="Give it as `after` to get what follows.")
    node: HistoryEntry = strawberry.field(description="The viewing.")


@strawberry.type(description="What was watched, newest first.")
class HistoryConnection:
    condition: strawberry.Private[HistoryCondition]
    profile_id: strawberry.Private[str]
    edges: list[HistoryEdge] = strawberry.field(description="The viewings of this page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")

    @strawberry.field(description="How many viewings the filter lets through.")
    async def total_count(self) -> int | None:
        return await reading.history_count(self.profile_id, self.condition)


@strawberry.input(description="Which viewings. Days are days in UTC.")
class HistoryFilter:
    from_: date | None = strawberry.field(default=None, name="from", description="The first day.")
    to: date | None = strawberry.field(default=None, description="The last day; it belongs to the range.")
    completed_only: bool = strawberry.field(default=False, description="Only what was seen up to 90 % or further.")


@strawberry.type(description="A title on the list, with its place.")
class WatchlistEdge:
    cursor: str = strawberry.field(description="Give it as `after` to get what follows.")
    node: Title | None = strawberry.field(description="The title; null when it is not published any more.")
    added_at: datetime = strawberry.field(description="When it was put on the list.")


@strawberry.type(description="What the profile wants to watch, newest first.")
class WatchlistConnection:
    edges: list[WatchlistEdge] = strawberry.field(description="The titles of this page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")
    total_count: int = strawberry.field(description="How many titles are on the list.")
