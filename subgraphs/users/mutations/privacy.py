"""Root fields about consents, export, deletion and grievances."""

from typing import Annotated
from uuid import UUID

import strawberry

from subgraphs.shared.graphql.payloads import InputError
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import WriteSession
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import NoDeletionError, RefusedError
from subgraphs.users.models import AuditAction, ExportStatus
from subgraphs.users.mutations.support import check_own_password, input_errors, own_account, profile_manager
from subgraphs.users.service import audit
from subgraphs.users.service.privacy import consents, deletion, exports, grievances
from subgraphs.users.service.privacy.consents import Decision
from subgraphs.users.service.privacy.grievances import Complaint
from subgraphs.users.types import AccountPayload, User
from subgraphs.users.types.privacy import ConsentInput, DataExport, Grievance, GrievanceInput, GrievancePayload

ConsentArgument = Annotated[list[ConsentInput], strawberry.argument(description="Decisions, each on a purpose.")]
Password = Annotated[str | None, strawberry.argument(description="The account's password, if it has one.")]
GrievanceArgument = Annotated[GrievanceInput, strawberry.argument(description="The complaint.")]


@strawberry.type
class PrivacyMutations:
    """Fields of Mutation about one's own data. A kids profile can use none of them but the complaint."""

    @strawberry.federation.mutation(
        authenticated=True, description="Agree to purposes or withdraw. Every decision is kept."
    )
    async def consent_set(self, info: Info, input: ConsentArgument) -> AccountPayload:
        context = info.context
        user_id = profile_manager(context)
        decisions = [Decision(each.purpose, each.granted, each.version) for each in input]
        try:
            async with context.database.writing() as session:
                await consents.decide(session, user_id, decisions, now=context.now)
                await _record(context, session, AuditAction.CONSENT_SET, user_id, changes=_changes(decisions))
        except RefusedError as error:
            return AccountPayload(account=None, errors=input_errors(error))
        return AccountPayload(account=User.of(await own_account(context)), errors=[])

    @strawberry.federation.mutation(
        authenticated=True,
        description="Ask for everything that is kept about the account. The answer is the export as far as it is: ask "
        "again for its address, or wait for the letter.",
    )
    async def data_export_request(self, info: Info) -> DataExport:
        context = info.context
        user_id = profile_manager(context)
        async with context.database.writing() as session:
            export = await exports.request(session, user_id, now=context.now)
            await _record(context, session, AuditAction.DATA_EXPORT_REQUEST, user_id)
        url = None
        if export.status is ExportStatus.READY and export.expires_at is not None:
            url = context.export_files.link(export.id, expires_at=export.expires_at)
        return DataExport.of(export, url=url)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Have the account deleted in 90 days. Every session ends now; until then its owner can sign in as "
        "always and keep the account.",
    )
    async def account_deletion_request(self, info: Info, password: Password = None) -> AccountPayload:
        context = info.context
        user_id = profile_manager(context)
        user = await own_account(context)
        try:
            await check_own_password(context, user, password, path="password")
        except RefusedError as error:
            subject = encode_id("User", user_id)
            await context.record_failure(AuditAction.ACCOUNT_DELETION_REQUEST, error.refusals[0].cause, subject=subject)
            return AccountPayload(account=None, errors=input_errors(error))
        async with context.database.writing() as session:
            await deletion.request(session, user, now=context.now)
            await _record(context, session, AuditAction.ACCOUNT_DELETION_REQUEST, user_id)
        await context.sessions.revoke_all(user_id, now=context.now)
        return AccountPayload(account=User.of(user), errors=[])

    @strawberry.federation.mutation(authenticated=True, description="Keep the account that was to be deleted.")
    async def account_deletion_cancel(self, info: Info) -> AccountPayload:
        context = info.context
        user_id = profile_manager(context)
        user = await own_account(context)
        async with context.database.writing() as session:
            was_running = await deletion.cancel(session, user, now=context.now)
            if was_running:
                await _record(context, session, AuditAction.ACCOUNT_DELETION_CANCEL, user_id)
        if not was_running:
            refusal = NoDeletionError()
            return AccountPayload(account=None, errors=[InputError(code=refusal.cause, message=refusal.message)])
        return AccountPayload(account=User.of(user), errors=[])

    @strawberry.mutation(description="Complain to the grievance officer, with or without an account.")
    async def grievance_submit(self, info: Info, input: GrievanceArgument) -> GrievancePayload:
        context = info.context
        user = None if context.viewer.is_anonymous else await own_account(context)
        complaint = Complaint(
            category=input.category,
            text=input.text,
            subject_id=input.subject_id,
            user_id=user.id if user else None,
            email=input.email or (user.email if user else None),
            locale=user.locale if user else context.viewer.locales()[0],
        )
        try:
            async with context.database.writing() as session:
                row = await grievances.receive(session, complaint, sealer=context.personal_data, now=context.now)
        except RefusedError as error:
            return GrievancePayload(grievance=None, errors=input_errors(error))
        return GrievancePayload(grievance=Grievance.of(row), errors=[])


async def _record(
    context: Context,
    session: WriteSession,
    action: AuditAction,
    user_id: UUID,
    *,
    changes: list[audit.Change] | None = None,
) -> None:
    await audit.record(
        session,
        action,
        origin=context.origin,
        now=context.now,
        subject=encode_id("User", user_id),
        changes=changes or [],
    )


def _changes(decisions: list[Decision]) -> list[audit.Change]:
    return [audit.Change(each.purpose.value, None, str(each.granted).lower()) for each in decisions]
