"""Bulk operations: one change to many titles, made by the worker."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from subgraphs.catalog.repository import bulk as repository
from subgraphs.catalog.service.bulk import BulkChange
from subgraphs.catalog.types.editorial import ADMIN
from subgraphs.catalog.types.words import Info
from subgraphs.shared.graphql.pagination import First, check_page_size
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.values import Tier

TYPE_NAME = "BulkOperation"


@strawberry.federation.input(
    tags=ADMIN,
    description="One change to many titles. Fields that are left out change nothing; null removes a window's end.",
)
class BulkUpdateInput:
    title_ids: list[strawberry.ID] = strawberry.field(description="Global ids of 1 to 10,000 titles.")
    add_genre_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Genres to add.")
    remove_genre_ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Genres to remove.")
    available_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Begin of the window in which they are offered."
    )
    available_until: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="End of the window, excluded."
    )
    tier: Tier | None = strawberry.field(default=None, description="What a viewer must have to play them.")
    archive: bool | None = strawberry.field(
        default=None, description="True puts them away, false takes archived ones back into work."
    )
    idempotency_key: strawberry.ID = strawberry.field(
        description="Text of your choice; the same one, come again, returns the operation that it made."
    )


@strawberry.federation.type(tags=ADMIN, description="A title that a bulk operation could not change.")
class BulkFailure:
    title_id: strawberry.ID = strawberry.field(description="Global id of the title, as it was given.")
    code: str = strawberry.field(description="Stable code: INVALID_TRANSITION, TITLE_UNKNOWN, WINDOW_EMPTY.")
    message: str = strawberry.field(description="English text for editors.")


@strawberry.federation.type(tags=ADMIN, description="One change to many titles, and how far the worker has come.")
class BulkOperation:
    row: strawberry.Private[repository.BulkOperation]
    counts: strawberry.Private[repository.BulkCounts]

    created_at: datetime = strawberry.field(description="When it was asked for.")
    finished_at: datetime | None = strawberry.field(description="When the last title was done; null until then.")
    total: int = strawberry.field(description="How many titles it has.")
    done: int = strawberry.field(description="How many were changed.")
    failed: int = strawberry.field(description="How many could not be changed.")
    percent: float = strawberry.field(description="How far it has come, from 0 to 100, to one decimal.")

    @strawberry.field(description="Opaque id; give it to `bulkOperation`.")
    def id(self) -> strawberry.ID:
        return strawberry.ID(encode_id(TYPE_NAME, self.row.id))

    @strawberry.field(description="The titles that could not be changed, in the order in which they were given.")
    async def failures(self, info: Info, first: First = 20) -> list[BulkFailure]:
        async with info.context.database.reading() as session:
            items = await repository.failed_items(session, self.row.id, limit=check_page_size(first))
        return [
            BulkFailure(title_id=strawberry.ID(item.title_id), code=item.code or "", message=item.message or "")
            for item in items
        ]

    @classmethod
    def of(cls, row: repository.BulkOperation, counts: repository.BulkCounts) -> Self:
        """Return the GraphQL form."""
        total = counts.pending + counts.done + counts.failed
        return cls(
            row=row,
            counts=counts,
            created_at=row.created_at,
            finished_at=row.finished_at,
            total=total,
            done=counts.done,
            failed=counts.failed,
            percent=round(100 * (counts.done + counts.failed) / total, 1),
        )


@strawberry.federation.type(tags=ADMIN, description="Outcome of asking for a bulk operation.")
class BulkOperationPayload:
    operation: BulkOperation | None = strawberry.field(description="The operation; null when it was refused.")
    errors: list[UserError] = strawberry.field(description="What to mend; empty when it was taken in.")


def change_of(given: BulkUpdateInput) -> BulkChange:
    """Return the change that the input names.

    Raises:
        InvalidIdError: A genre's id is none.
    """
    ends = {"available_from": given.available_from, "available_until": given.available_until}
    return BulkChange(
        add_genre_ids=_genre_ids(given.add_genre_ids or ()),
        remove_genre_ids=_genre_ids(given.remove_genre_ids or ()),
        available_from=given.available_from or None,
        available_until=given.available_until or None,
        clear=tuple(name for name, moment in ends.items() if moment is None),
        tier=given.tier,
        archive=given.archive,
    )


def _genre_ids(ids: Sequence[str]) -> tuple[UUID, ...]:
    return tuple(decode_id(each, "Genre").uuid for each in ids)
