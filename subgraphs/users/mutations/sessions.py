"""Signing in and out, tokens, and the sessions and devices of an account."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from subgraphs.shared.errors import ForbiddenError, ReelgraphError
from subgraphs.shared.graphql.payloads import OkPayload
from subgraphs.shared.ids import decode_id, encode_id
from subgraphs.shared.outbox import publish
from subgraphs.users import models
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import (
    AccountLockedError,
    DeviceUnknownError,
    EmailInvalidError,
    EmailNotVerifiedError,
    InvalidCredentialsError,
    PinRequiredError,
    RefusedError,
    SessionUnknownError,
    TokenInvalidError,
)
from subgraphs.users.events import MailKind, MailRequested
from subgraphs.users.models import AuditAction
from subgraphs.users.mutations.cookies import forget_token, kept_token
from subgraphs.users.mutations.opening import issue, sign_in
from subgraphs.users.mutations.support import account_with_profiles, input_errors, profile_manager, profile_uuid
from subgraphs.users.repository import accounts, devices, email_tokens
from subgraphs.users.repository.attempts import Miss
from subgraphs.users.service import audit
from subgraphs.users.service.accounts import check_may_sign_in, normalise_email
from subgraphs.users.service.attempts import subject_of_pin
from subgraphs.users.service.verification import letter_to
from subgraphs.users.types import AuthResult, AuthTokens, LoginInput

LoginArgument = Annotated[LoginInput, strawberry.argument(description="Who signs in.")]
ProfileId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a profile of the own account.")]
Pin = Annotated[str | None, strawberry.argument(description="PIN of the profile, if it asks for one.")]
RefreshToken = Annotated[
    str | None,
    strawberry.argument(
        description="The newest refresh token of the session; null with `X-Session-Mode: cookie`: the cookie has it."
    ),
]
AllDevices = Annotated[bool, strawberry.argument(description="Whether to end every session of the account.")]
SessionId = Annotated[strawberry.ID, strawberry.argument(description="A session of the own account.")]
DeviceId = Annotated[strawberry.ID, strawberry.argument(description="A device of the own account.")]


@strawberry.type
class SessionMutations:
    """Fields of Mutation about sessions."""

    @strawberry.mutation(
        description="Sign in with e-mail and password. The oldest profile that asks for no PIN is active. Five wrong "
        "passwords for an address within 15 minutes lock it for 15 minutes."
    )
    async def login(self, info: Info, input: LoginArgument) -> AuthResult:
        context = info.context
        user = await account_named(context, input.email)
        try:
            return await sign_in(
                context, await authenticated(context, input, user), input.device, action=AuditAction.LOGIN
            )
        except ReelgraphError as error:
            subject = encode_id("User", user.id) if user else None
            await context.record_failure(AuditAction.LOGIN, error.cause, subject=subject)
            raise

    @strawberry.mutation(
        description="Exchange a refresh token for new tokens. Each works once: a used one revokes its session."
    )
    async def token_refresh(self, info: Info, refresh_token: RefreshToken = None) -> AuthResult:
        context = info.context
        try:
            return await _refresh(context, refresh_token or kept_token(context) or "")
        except TokenInvalidError as error:
            forget_token(context)
            reason = "REUSE_DETECTED" if error.reuse_detected else error.cause
            await context.record_failure(AuditAction.TOKEN_REFRESH, reason)
            raise

    @strawberry.federation.mutation(
        authenticated=True,
        description="End this session, or every session of the account: no refresh token works again, and no access "
        "token a second later.",
    )
    async def logout(self, info: Info, *, all_devices: AllDevices = False) -> OkPayload:
        context = info.context
        user_id = context.require_user()
        own_session = context.viewer.session_id
        if all_devices and context.viewer.client_id is not None:
            raise ForbiddenError("An app that you allowed can end its own session only.")
        if all_devices:
            await context.sessions.revoke_all(user_id, now=context.now)
        if own_session is not None:
            await context.sessions.revoke(own_session, user_id=user_id, now=context.now)
        forget_token(context)
        await _record(context, AuditAction.LOGOUT, subject=context.viewer.require_user())
        return OkPayload(ok=True)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Make another profile of the own account the active one: new tokens of the same session.",
    )
    async def profile_switch(self, info: Info, id: ProfileId, pin: Pin = None) -> AuthResult:
        context = info.context
        user, own = await account_with_profiles(context, context.require_user())
        profile = next((profile for profile in own if profile.id == profile_uuid(id)), None)
        if profile is None:
            raise ForbiddenError("This profile does not belong to your account.")
        check_may_sign_in(user)
        session_id = context.require_session()
        await _check_pin(context, profile, pin)
        pair = await context.sessions.switch_profile(session_id, user=user, profile=profile, now=context.now)
        await _record(context, AuditAction.PROFILE_SWITCH, subject=id)
        return issue(context, pair, user, profile)

    @strawberry.federation.mutation(
        authenticated=True, description="End a session of the own account, as `logout` there would."
    )
    async def session_revoke(self, info: Info, id: SessionId) -> OkPayload:
        context = info.context
        user_id = profile_manager(context)
        session_id = decode_id(id, "Session").uuid.hex
        if session_id not in await context.sessions.living(user_id, now=context.now):
            return OkPayload(ok=False, errors=input_errors(RefusedError(SessionUnknownError())))
        await context.sessions.revoke(session_id, user_id=user_id, now=context.now)
        await _record(context, AuditAction.SESSION_REVOKE, subject=id)
        return OkPayload(ok=True)

    @strawberry.federation.mutation(
        authenticated=True, description="Forget a device of the own account, and end the sessions on it."
    )
    async def device_revoke(self, info: Info, id: DeviceId) -> OkPayload:
        context = info.context
        user_id = profile_manager(context)
        device_id = decode_id(id, "Device").uuid
        async with context.database.writing() as session:
            if not await devices.remove_device(session, device_id, viewer=user_id):
                return OkPayload(ok=False, errors=input_errors(RefusedError(DeviceUnknownError())))
            await context.sessions.revoke_device(device_id, user_id=user_id, now=context.now)
            await audit.record(session, AuditAction.DEVICE_REVOKE, origin=context.origin, now=context.now, subject=id)
        return OkPayload(ok=True)


async def _refresh(context: Context, refresh_token: str) -> AuthTokens:
    presented = await context.sessions.recognise(refresh_token)
    user, own = await account_with_profiles(context, presented.session.user_id)
    # A profile that is gone gives way to none: another one may have no limit, which a child must not get.
    profile = next((profile for profile in own if profile.id == presented.session.profile_id), None)
    # Rotate first: a used token must reveal itself whatever became of the account.
    pair = await context.sessions.rotate(presented, user=user, profile=profile, now=context.now)
    if user.status is models.AccountStatus.SUSPENDED:
        await context.sessions.revoke(presented.session_id, user_id=user.id, now=context.now)
    check_may_sign_in(user)
    return issue(context, pair, user, profile)


async def account_named(context: Context, email: str) -> models.User | None:
    """Return the account of an address as it was typed."""
    try:
        address = normalise_email(email)
    except EmailInvalidError:
        address = ""  # looked up all the same: nobody has it
    async with context.database.reading() as session:
        return await accounts.user_by_email(session, address)


async def authenticated(context: Context, credentials: LoginInput, user: models.User | None) -> models.User:
    """Return the account, which may be used, for its right password; an unknown address takes as long as a wrong one.

    Raises:
        InvalidCredentialsError: The address is unknown, or the password wrong.
        AccountLockedError: Too many wrong passwords for the address.
        EmailNotVerifiedError: The password is right, the address not confirmed.
        AccountSuspendedError: The password is right, the account suspended.
    """
    stored = user.password_hash if user else None
    subject = context.attempts.subject_of_address(credentials.email.strip().lower())
    await check_guess(context, user, credentials.password, subject=subject)
    if user is None or stored is None:
        raise InvalidCredentialsError
    check_may_sign_in(user)
    if not user.email_verified:
        raise EmailNotVerifiedError
    if context.hasher.is_outdated(stored):
        renewed = await context.hasher.hash(credentials.password)
        async with context.database.writing() as session:
            if await accounts.set_password(session, user.id, renewed, instead_of=stored):
                user.password_hash = renewed
    return user


async def check_guess(context: Context, user: models.User | None, password: str, *, subject: str) -> None:
    """Pass for the account's password, which an account without one and an unknown one do not have.

    Raises:
        InvalidCredentialsError: It is wrong.
        AccountLockedError: Too many were, for the subject by which they are counted.
    """
    stored = user.password_hash if user else None
    miss = await context.attempts.check(subject, lambda: context.hasher.verify(password, stored))
    if miss is not None:
        raise await _refusal(context, user, miss)


async def _refusal(context: Context, user: models.User | None, miss: Miss) -> ReelgraphError:
    """Return what a wrong password leads to; the owner of an account that locks gets a letter."""
    if miss.locked_until is None:
        return InvalidCredentialsError(miss.left)
    async with context.database.writing() as session:
        # As many statements for an address without an account: time is not to tell who has one.
        await accounts.note_lock(session, user.id if user else UUID(int=0), until=miss.locked_until)
        if user is not None and user.email is not None:
            await publish(session, [_locked_letter(user, user.email, miss.locked_until, now=context.now)])
        else:
            await email_tokens.take_nothing(session)
    return AccountLockedError(miss.locked_until)


def _locked_letter(user: models.User, email: str, until: datetime, *, now: datetime) -> MailRequested:
    key = f"account-locked:{user.id}:{until.isoformat()}"
    data = {"until": until.isoformat()}
    return letter_to(user, MailKind.ACCOUNT_LOCKED, email=email, dedup_key=key, now=now, data=data)


async def _check_pin(context: Context, profile: models.Profile, pin: str | None) -> None:
    """Pass for the PIN of a profile that asks for one, and for a profile that asks for none.

    Raises:
        PinRequiredError: None was given, or a wrong one, or too many were.
    """
    if profile.pin_hash is None:
        return
    if pin is None:
        raise PinRequiredError("This profile asks for its PIN.")
    stored = profile.pin_hash
    try:
        miss = await context.attempts.check(subject_of_pin(profile.id), lambda: context.hasher.verify(pin, stored))
    except AccountLockedError as error:
        await context.record_failure(AuditAction.PROFILE_SWITCH, "PIN_LOCKED", subject=encode_id("Profile", profile.id))
        raise PinRequiredError("Too many wrong PINs. Wait.", locked_until=error.locked_until) from error
    if miss is not None:
        await context.record_failure(AuditAction.PROFILE_SWITCH, "PIN_WRONG", subject=encode_id("Profile", profile.id))
        raise PinRequiredError("This PIN is wrong.", locked_until=miss.locked_until)


async def _record(context: Context, action: AuditAction, *, subject: str) -> None:
    async with context.database.writing() as session:
        await audit.record(session, action, origin=context.origin, now=context.now, subject=subject)
