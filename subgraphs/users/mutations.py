"""Root mutation fields of the users subgraph. Each opens its transactions; the rules are in service."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.graphql.payloads import InputError, OkPayload, UserError
from subgraphs.shared.ids import decode_id
from subgraphs.users import models
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import (
    EmailInvalidError,
    EmailTakenError,
    InvalidCredentialsError,
    RefusedError,
    TokenInvalidError,
)
from subgraphs.users.repository import accounts
from subgraphs.users.service import profiles
from subgraphs.users.service.accounts import (
    Registration,
    active_profile,
    check_may_sign_in,
    check_registration,
    normalise_email,
    register,
)
from subgraphs.users.types import (
    AuthResult,
    AuthTokens,
    LoginInput,
    Profile,
    ProfileInput,
    ProfilePayload,
    RegisterInput,
    RegisterPayload,
    User,
)

RegisterArgument = Annotated[RegisterInput, strawberry.argument(description="The new account.")]
LoginArgument = Annotated[LoginInput, strawberry.argument(description="Who signs in.")]
ProfileArgument = Annotated[ProfileInput, strawberry.argument(description="What the profile is to be.")]
ProfileId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a profile of the own account.")]
RefreshToken = Annotated[str, strawberry.argument(description="The newest refresh token of the session.")]

_CLEARABLE = frozenset({"avatar_url", "maturity_limit", "subtitle_language"})


@strawberry.type
class Mutation:
    @strawberry.mutation(description="Make an account with its first profile. It can be used at once.")
    async def register(self, info: Info, input: RegisterArgument) -> RegisterPayload:
        try:
            user = await _register(info.context, input)
        except RefusedError as error:
            return RegisterPayload(user=None, verification_required=False, errors=_input_errors(error))
        return RegisterPayload(user=User.of(user), verification_required=False, errors=[])

    @strawberry.mutation(description="Sign in with e-mail and password; the profile created first is active.")
    async def login(self, info: Info, input: LoginArgument) -> AuthResult:
        context = info.context
        user = await _authenticate(context, input)
        check_may_sign_in(user)
        async with context.database.writing() as session:
            await accounts.record_login(session, user.id, at=context.now)
            own = (await accounts.profiles_of_users(session, [user.id]))[user.id]
        user.last_login_at = context.now
        profile = active_profile(own)
        return AuthTokens.of(await context.sessions.open(user, profile, now=context.now), user, profile)

    @strawberry.mutation(
        description="Exchange a refresh token for new tokens. Each works once: a used one revokes its session."
    )
    async def token_refresh(self, info: Info, refresh_token: RefreshToken) -> AuthResult:
        context = info.context
        presented = await context.sessions.recognise(refresh_token)
        user, own = await _account_with_profiles(context, presented.session.user_id)
        profile = active_profile(own, wanted=presented.session.profile_id)
        # Rotate first: a used token must reveal itself whatever became of the account.
        pair = await context.sessions.rotate(presented, user=user, profile=profile, now=context.now)
        if user.status is models.AccountStatus.SUSPENDED:
            await context.sessions.revoke(presented.session_id)
        check_may_sign_in(user)
        return AuthTokens.of(pair, user, profile)

    @strawberry.mutation(description="End this session: none of its refresh tokens works again.")
    async def logout(self, info: Info) -> OkPayload:
        info.context.require_user()
        await info.context.sessions.revoke(info.context.require_session())
        return OkPayload(ok=True)

    @strawberry.mutation(description="Add a profile to the own account; at most 5.")
    async def profile_create(self, info: Info, input: ProfileArgument) -> ProfilePayload:
        context = info.context
        user_id = _manager(context)
        default_language = context.viewer.locales()[0]
        try:
            async with context.database.writing() as session:
                row = await profiles.create_profile(
                    session, user_id, _changes(input), default_language=default_language, now=context.now
                )
        except RefusedError as error:
            return ProfilePayload(profile=None, errors=_input_errors(error))
        return ProfilePayload(profile=Profile.of(row), errors=[])

    @strawberry.mutation(description="Change a profile of the own account.")
    async def profile_update(self, info: Info, id: ProfileId, input: ProfileArgument) -> ProfilePayload:
        context = info.context
        user_id = _manager(context)
        try:
            async with context.database.writing() as session:
                row = await profiles.update_profile(session, user_id, _profile_uuid(id), _changes(input))
        except RefusedError as error:
            return ProfilePayload(profile=None, errors=_input_errors(error))
        return ProfilePayload(profile=Profile.of(row), errors=[])

    @strawberry.mutation(description="Delete a profile of the own account; the last one stays.")
    async def profile_delete(self, info: Info, id: ProfileId) -> OkPayload:
        context = info.context
        user_id = _manager(context)
        try:
            async with context.database.writing() as session:
                await profiles.delete_profile(session, user_id, _profile_uuid(id))
        except RefusedError as error:
            return OkPayload(ok=False, errors=_input_errors(error))
        return OkPayload(ok=True)

    @strawberry.mutation(
        description="Make another profile of the own account the active one: new tokens of the same session."
    )
    async def profile_switch(self, info: Info, id: ProfileId) -> AuthResult:
        context = info.context
        user, own = await _account_with_profiles(context, context.require_user())
        profile = next((profile for profile in own if profile.id == _profile_uuid(id)), None)
        if profile is None:
            raise ForbiddenError("This profile does not belong to your account.")
        check_may_sign_in(user)
        session_id = context.require_session()
        pair = await context.sessions.switch_profile(session_id, user=user, profile=profile, now=context.now)
        return AuthTokens.of(pair, user, profile)


async def _register(context: Context, request: RegisterInput) -> models.User:
    """Return the account that the request makes, or made before."""
    registration = Registration(
        email=check_registration(request.email, request.password),
        locale=request.locale or context.viewer.locales()[0],
        idempotency_key=request.idempotency_key,
    )
    password_hash = await context.hasher.hash(request.password)
    async with context.database.writing() as session:
        user, is_new = await register(session, registration, password_hash=password_hash, now=context.now)
    if not is_new and not await context.hasher.verify(request.password, user.password_hash):
        # Only who made the account may see it again by repeating the request.
        raise RefusedError(EmailTakenError())
    return user


async def _authenticate(context: Context, credentials: LoginInput) -> models.User:
    """Return the account of the credentials; an unknown address takes as long as a wrong password."""
    user: models.User | None = None
    try:
        email = normalise_email(credentials.email)
    except EmailInvalidError:
        email = None
    async with context.database.reading() as session:
        if email is not None:
            user = await accounts.user_by_email(session, email)
    if not await context.hasher.verify(credentials.password, user.password_hash if user else None) or user is None:
        raise InvalidCredentialsError
    return user


async def _account_with_profiles(context: Context, user_id: UUID) -> tuple[models.User, list[models.Profile]]:
    """Return the account behind a session.

    Raises:
        TokenInvalidError: It was deleted.
    """
    async with context.database.reading() as session:
        user = await accounts.user_by_id(session, user_id)
        if user is None:
            raise TokenInvalidError
        return user, (await accounts.profiles_of_users(session, [user_id]))[user_id]


def _manager(context: Context) -> UUID:
    """Return the account whose profiles the viewer may manage.

    Raises:
        UnauthenticatedError: Nobody is signed in.
        ForbiddenError: A kids profile is active.
    """
    user_id = context.require_user()
    if context.viewer.is_kids:
        raise ForbiddenError("A kids profile cannot manage profiles.")
    return user_id


def _profile_uuid(global_id: str) -> UUID:
    return decode_id(global_id, "Profile").uuid


def _changes(request: ProfileInput) -> profiles.ProfileChanges:
    """Return what the input names. Null clears what can be empty and leaves the rest as it is, but the name."""
    given: dict[str, Any] = {name: value for name, value in vars(request).items() if value is not strawberry.UNSET}
    return profiles.ProfileChanges(
        {name: value for name, value in given.items() if value is not None or name in {*_CLEARABLE, "name"}}
    )


def _input_errors(error: RefusedError) -> list[UserError]:
    return [
        InputError(code=refusal.cause, message=refusal.message, path=list(refusal.full_path) or None)
        for refusal in error.refusals
    ]
