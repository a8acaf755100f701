"""What the grievance officer reads. Reading is recorded."""

from typing import Annotated
from uuid import UUID

import strawberry

from subgraphs.shared.graphql.pagination import (
    After,
    First,
    check_page_size,
    cursor_moment,
    decode_cursor,
    encode_cursor,
    make_page,
)
from subgraphs.users.context import Info
from subgraphs.users.models import AuditAction, GrievanceStatus
from subgraphs.users.repository import grievances as statements
from subgraphs.users.service import audit
from subgraphs.users.service.privacy.grievances import open_case
from subgraphs.users.types.administration import ADMIN
from subgraphs.users.types.grievances import GrievanceCase, GrievanceConnection, GrievanceEdge

Status = Annotated[GrievanceStatus | None, strawberry.argument(description="How far they are; null means all.")]

_GRIEVANCES = "grievances"


@strawberry.type
class GrievanceQueries:
    """Fields of Query for the grievance officer."""

    @strawberry.federation.field(
        tags=ADMIN,
        requires_scopes=[["grievances:write"]],
        description="Complaints, what is due first in front. Reading is audited.",
    )
    async def grievances(
        self, info: Info, status: Status = None, first: First = 20, after: After = None
    ) -> GrievanceConnection | None:
        context = info.context
        check_page_size(first)
        key = decode_cursor(after, _GRIEVANCES, cursor_moment, UUID)
        async with context.database.writing() as session:
            rows = await statements.grievances(
                session, status, after=None if key is None else (key[0], key[1]), limit=first + 1
            )
            await audit.record(session, AuditAction.GRIEVANCES_READ, origin=context.origin, now=context.now)
        page = make_page(
            rows, first, lambda row: encode_cursor(_GRIEVANCES, row.due_at.isoformat(), str(row.id)), after=after
        )
        edges = [
            GrievanceEdge(
                cursor=cursor,
                node=GrievanceCase.of(open_case(row, sealer=context.personal_data), now=context.now),
            )
            for row, cursor in zip(page.rows, page.cursors, strict=True)
        ]
        return GrievanceConnection(edges=edges, page_info=page.page_info)
