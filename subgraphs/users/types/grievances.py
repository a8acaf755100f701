"""Complaints as the grievance officer sees them."""

from datetime import datetime
from typing import Self

import strawberry

from subgraphs.shared.graphql.pagination import PageInfo
from subgraphs.shared.graphql.payloads import UserError
from subgraphs.shared.ids import encode_id
from subgraphs.users.models import GrievanceStatus
from subgraphs.users.service.privacy.grievances import Case
from subgraphs.users.types.administration import ADMIN


@strawberry.federation.type(tags=ADMIN, description="A complaint, with who complained and about what.")
class GrievanceCase:
    id: strawberry.ID = strawberry.field(description="Opaque global id.")
    reference: str = strawberry.field(description="What letters call it.")
    category: str = strawberry.field(description="What kind of complaint it is, see `GrievanceInput`.")
    text: str = strawberry.field(description="The complaint.")
    subject_id: strawberry.ID | None = strawberry.field(description="Global id of what it is about.")
    account_id: strawberry.ID | None = strawberry.field(
        description="Global id of the account that complained; null for somebody without one."
    )
    email: str | None = strawberry.field(description="Address to answer to.")
    status: GrievanceStatus = strawberry.field(description="How far it is.")
    received_at: datetime = strawberry.field(description="When it came.")
    due_at: datetime = strawberry.field(description="Until when it must be decided.")
    overdue: bool = strawberry.field(description="Whether it should have been decided before now.")
    decided_at: datetime | None = strawberry.field(description="When it was decided; null while it was not.")
    decision: str | None = strawberry.field(description="The decision, as it was written to who complained.")

    @classmethod
    def of(cls, case: Case, *, now: datetime) -> Self:
        """Return the GraphQL form of a complaint."""
        row = case.row
        return cls(
            id=strawberry.ID(encode_id("Grievance", row.id)),
            reference=str(row.id)[:8],
            category=row.category,
            text=case.text,
            subject_id=strawberry.ID(row.subject_id) if row.subject_id else None,
            account_id=strawberry.ID(encode_id("User", row.user_id)) if row.user_id else None,
            email=case.email,
            status=row.status,
            received_at=row.received_at,
            due_at=row.due_at,
            overdue=row.status is GrievanceStatus.RECEIVED and row.due_at < now,
            decided_at=row.decided_at,
            decision=case.decision,
        )


@strawberry.federation.type(tags=ADMIN, description="A complaint in a page of complaints.")
class GrievanceEdge:
    cursor: str = strawberry.field(description="Where it stands; give it as `after`.")
    node: GrievanceCase = strawberry.field(description="The complaint.")


@strawberry.federation.type(tags=ADMIN, description="A page of complaints.")
class GrievanceConnection:
    edges: list[GrievanceEdge] = strawberry.field(description="The complaints, what is due first in front.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")


@strawberry.federation.type(tags=ADMIN, description="Outcome of `grievanceDecide`.")
class GrievanceDecidePayload:
    grievance: GrievanceCase | None = strawberry.field(description="The complaint; null when nothing was decided.")
    errors: list[UserError] = strawberry.field(description="What is in the way; empty when it was decided.")
