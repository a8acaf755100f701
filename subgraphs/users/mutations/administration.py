"""What administrators do to accounts of others. The rules are in service/administration.py."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry

from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.postgres import WriteSession
from subgraphs.users import models
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import RefusedError
from subgraphs.users.models import AuditAction, Role
from subgraphs.users.mutations.support import input_errors
from subgraphs.users.service import administration
from subgraphs.users.service.administration import Administrator
from subgraphs.users.types.accounts import AccountPayload
from subgraphs.users.types.administration import ADMIN
from subgraphs.users.types.entities import User

UserId = Annotated[strawberry.ID, strawberry.argument(description="Global id of the account.")]
Reason = Annotated[str, strawberry.argument(description="Why, in 1 to 500 characters; for the audit log.")]
Roles = Annotated[
    list[Role], strawberry.argument(description="Every role that the account is to have; USER is always one.")
]

Act = Callable[[WriteSession, Administrator, UUID], Awaitable[models.User]]


@strawberry.type
class AdministrationMutations:
    """Fields of Mutation for administrators."""

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["users:write"]],
        description="Suspend an account: its sessions end within a second, and it cannot be signed in to.",
    )
    async def user_suspend(self, info: Info, id: UserId, reason: Reason) -> AccountPayload:
        context = info.context

        async def suspend(session: WriteSession, actor: Administrator, user_id: UUID) -> models.User:
            return await administration.suspend(session, actor, user_id, reason=reason, now=context.now)

        payload = await _act(context, id, AuditAction.USER_SUSPEND, suspend)
        if payload.account is not None:
            await context.sessions.revoke_all(payload.account.user_id, now=context.now)
            await context.sessions.outdate(payload.account.id, now=context.now)
        return payload

    @strawberry.federation.mutation(
        tags=ADMIN, requires_scopes=[["users:write"]], description="Let a suspended account be signed in to again."
    )
    async def user_reactivate(self, info: Info, id: UserId) -> AccountPayload:
        context = info.context

        async def reactivate(session: WriteSession, actor: Administrator, user_id: UUID) -> models.User:
            return await administration.reactivate(session, actor, user_id, now=context.now)

        return await _act(context, id, AuditAction.USER_REACTIVATE, reactivate)

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["users:write"]],
        description="Forget the wrong passwords that locked an account.",
    )
    async def user_unlock(self, info: Info, id: UserId) -> AccountPayload:
        context = info.context

        async def unlock(session: WriteSession, actor: Administrator, user_id: UUID) -> models.User:
            user = await administration.unlock(session, actor, user_id, now=context.now)
            await context.attempts.unlock(context.attempts.subject_of_account(user))
            user.locked_until = None
            return user

        return await _act(context, id, AuditAction.USER_UNLOCK, unlock)

    @strawberry.federation.mutation(
        tags=ADMIN,
        requires_scopes=[["users:roles"]],
        description="Give an account exactly these roles. Its access tokens end within a second; refreshed ones say "
        "what it may do now.",
    )
    async def user_roles_set(self, info: Info, id: UserId, roles: Roles) -> AccountPayload:
        context = info.context

        async def set_roles(session: WriteSession, actor: Administrator, user_id: UUID) -> models.User:
            return await administration.set_roles(session, actor, user_id, roles=roles, now=context.now)

        payload = await _act(context, id, AuditAction.USER_ROLES_SET, set_roles)
        if payload.account is not None:
            await context.sessions.outdate(payload.account.id, now=context.now)
        return payload


async def _act(context: Context, global_id: str, action: AuditAction, act: Act) -> AccountPayload:
    """Return the account after the act; what was refused changed nothing but the audit log."""
    user_id = decode_id(global_id, "User").uuid
    actor = Administrator(context.require_user(), context.origin)
    try:
        async with context.database.writing() as session:
            user = await act(session, actor, user_id)
    except RefusedError as error:
        await context.record_failure(action, error.refusals[0].cause, subject=encode_id("User", user_id))
        return AccountPayload(account=None, errors=input_errors(error))
    except ForbiddenError as error:
        await context.record_failure(action, error.cause, subject=encode_id("User", user_id))
        raise
    return AccountPayload(account=User.of(user), errors=[])
