"""What the grievance officer does."""

from typing import Annotated

import strawberry

from subgraphs.shared.ids import decode_id
from subgraphs.users.context import Info
from subgraphs.users.errors import RefusedError
from subgraphs.users.models import AuditAction
from subgraphs.users.mutations.support import input_errors
from subgraphs.users.service import audit
from subgraphs.users.service.privacy import grievances
from subgraphs.users.types.administration import ADMIN
from subgraphs.users.types.grievances import GrievanceCase, GrievanceDecidePayload

GrievanceId = Annotated[strawberry.ID, strawberry.argument(description="The complaint.")]
Decision = Annotated[
    str, strawberry.argument(description="1 to 5,000 characters, which are written to who complained.")
]


@strawberry.type
class GrievanceMutations:
    """Fields of Mutation for the grievance officer."""

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["grievances:write"]],
        description="Decide a complaint, once; the decision is written to who complained.",
    )
    async def grievance_decide(self, info: Info, id: GrievanceId, decision: Decision) -> GrievanceDecidePayload:
        context = info.context
        grievance_id = decode_id(id, "Grievance").uuid
        try:
            async with context.database.writing() as session:
                row = await grievances.decide(
                    session, grievance_id, decision, sealer=context.personal_data, now=context.now
                )
                await audit.record(
                    session, AuditAction.GRIEVANCE_DECIDE, origin=context.origin, now=context.now, subject=id
                )
                case = GrievanceCase.of(grievances.open_case(row, sealer=context.personal_data), now=context.now)
        except RefusedError as error:
            await context.record_failure(AuditAction.GRIEVANCE_DECIDE, error.refusals[0].cause, subject=id)
            return GrievanceDecidePayload(grievance=None, errors=input_errors(error))
        return GrievanceDecidePayload(grievance=case, errors=[])
