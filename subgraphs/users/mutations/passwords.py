"""Replacing a password: after losing it, by a letter, or by knowing it."""

from typing import Annotated

import strawberry

from subgraphs.shared.graphql.payloads import OkPayload
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.shared.postgres import WriteSession
from subgraphs.users import models
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import PasswordWrongError, RefusedError, TokenInvalidError, TokenRefusedError
from subgraphs.users.events import MailKind
from subgraphs.users.models import AuditAction, TokenPurpose
from subgraphs.users.mutations.accounts import send_letter
from subgraphs.users.mutations.support import check_own_password, input_errors, own_account, profile_manager
from subgraphs.users.repository import accounts, email_tokens
from subgraphs.users.service import audit
from subgraphs.users.service.adoption import adopt
from subgraphs.users.service.passwords import password_faults
from subgraphs.users.service.verification import is_good_reset, letter_to, owner_of_reset

Address = Annotated[str, strawberry.argument(description="Address of the account.")]
LetterToken = Annotated[str, strawberry.argument(description="The token of the newest letter; good once, for an hour.")]
NewPassword = Annotated[str, strawberry.argument(description="See `passwordPolicy`.")]
CurrentPassword = Annotated[
    str, strawberry.argument(description="The present password; any text for an account that has none.")
]


@strawberry.type
class PasswordMutations:
    """Fields of Mutation about passwords."""

    @strawberry.mutation(
        description="Write a letter with which the password can be replaced, at most once a minute. The answer does "
        "not tell whether the address has an account."
    )
    async def password_reset_request(self, info: Info, email: Address) -> OkPayload:
        context = info.context
        await send_letter(context, email, TokenPurpose.PASSWORD_RESET, AuditAction.PASSWORD_RESET_REQUEST)
        return OkPayload(ok=True)

    @strawberry.mutation(
        description="Replace the password with the token of a letter. Every session of the account ends; the address "
        "counts as confirmed, and a lock is lifted."
    )
    async def password_reset(self, info: Info, token: LetterToken, new_password: NewPassword) -> OkPayload:
        context = info.context
        try:
            await _reset(context, token, new_password)
        except RefusedError as error:
            await context.record_failure(AuditAction.PASSWORD_RESET, error.refusals[0].cause)
            return OkPayload(ok=False, errors=input_errors(error))
        return OkPayload(ok=True)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Replace the own password. Every other session of the account ends, this one goes on.",
    )
    async def password_change(self, info: Info, current: CurrentPassword, new: NewPassword) -> OkPayload:
        context = info.context
        profile_manager(context)
        user = await own_account(context)
        try:
            await _change(context, user, current, new)
        except RefusedError as error:
            subject = encode_id("User", user.id)
            await context.record_failure(AuditAction.PASSWORD_CHANGE, error.refusals[0].cause, subject=subject)
            return OkPayload(ok=False, errors=input_errors(error))
        return OkPayload(ok=True)


async def _reset(context: Context, token: str, new_password: str) -> None:
    _refuse_weak(new_password, argument="newPassword")
    async with context.database.writing() as session:
        if not await is_good_reset(session, token, now=context.now):
            raise RefusedError(TokenRefusedError())
    password_hash = await context.hasher.hash(new_password)
    async with context.database.writing() as session:
        try:
            user = await owner_of_reset(session, token, now=context.now)
        except TokenInvalidError as error:
            raise RefusedError(TokenRefusedError()) from error
        if not user.email_verified:
            # Whoever registered it could not read its letters: this may be the first time that its owner comes.
            await adopt(session, user, origin=context.origin, now=context.now)
        await accounts.replace_password(session, user.id, password_hash)
        await _finish(session, context, user, action=AuditAction.PASSWORD_RESET, kept_session=None)
    await context.attempts.unlock(context.attempts.subject_of_account(user))


async def _change(context: Context, user: models.User, current: str, new: str) -> None:
    await check_own_password(context, user, current, path="current")
    _refuse_weak(new, argument="new")
    password_hash = await context.hasher.hash(new)
    async with context.database.writing() as session:
        if not await accounts.set_password(session, user.id, password_hash, instead_of=user.password_hash):
            raise RefusedError(PasswordWrongError(path=("current",)))
        # Whoever knew the old password may have asked for another address.
        await email_tokens.remove_tokens_of(session, user.id, purposes=[TokenPurpose.EMAIL_CHANGE])
        kept = context.viewer.session_id
        await _finish(session, context, user, action=AuditAction.PASSWORD_CHANGE, kept_session=kept)


async def _finish(
    session: WriteSession, context: Context, user: models.User, *, action: AuditAction, kept_session: str | None
) -> None:
    """End the sessions that the old password opened, write to the owner, record it.

    The account's row is held: a sign-in with the old password is either done, and its session ends here, or it will
    find that the password is another one.
    """
    await context.sessions.revoke_all(user.id, now=context.now, but=kept_session)
    if user.email is not None:
        letter = letter_to(
            user,
            MailKind.PASSWORD_CHANGED,
            email=user.email,
            dedup_key=f"password-changed:{user.id}:{context.now.isoformat()}",
            now=context.now,
            data={"at": context.now.isoformat()},
        )
        await publish(session, [letter])
    subject = encode_id("User", user.id)
    await audit.record(session, action, origin=context.origin, now=context.now, subject=subject)


def _refuse_weak(password: str, *, argument: str) -> None:
    faults = password_faults(password, field=(argument,))
    if faults:
        raise RefusedError(*faults)
