"""Signing in and out, and tokens."""

from typing import Annotated

import strawberry

from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.graphql.payloads import OkPayload
from subgraphs.users import models
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import (
    EmailInvalidError,
    InvalidCredentialsError,
)
from subgraphs.users.models import AuditAction
from subgraphs.users.mutations.opening import sign_in
from subgraphs.users.mutations.support import account_with_profiles, profile_uuid
from subgraphs.users.repository import accounts
from subgraphs.users.service.accounts import (
    active_profile,
    check_may_sign_in,
    normalise_email,
)
from subgraphs.users.types import (
    AuthResult,
    AuthTokens,
    LoginInput,
)

LoginArgument = Annotated[LoginInput, strawberry.argument(description="Who signs in.")]
ProfileId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a profile of the own account.")]
RefreshToken = Annotated[str, strawberry.argument(description="The newest refresh token of the session.")]


@strawberry.type
class SessionMutations:
    """Fields of Mutation about sessions."""

    @strawberry.mutation(description="Sign in with e-mail and password; the profile created first is active.")
    async def login(self, info: Info, input: LoginArgument) -> AuthResult:
        context = info.context
        user = await _authenticate(context, input)
        return await sign_in(context, user, input.device, action=AuditAction.LOGIN)

    @strawberry.mutation(
        description="Exchange a refresh token for new tokens. Each works once: a used one revokes its session."
    )
    async def token_refresh(self, info: Info, refresh_token: RefreshToken) -> AuthResult:
        context = info.context
        presented = await context.sessions.recognise(refresh_token)
        user, own = await account_with_profiles(context, presented.session.user_id)
        profile = active_profile(own, wanted=presented.session.profile_id)
        # Rotate first: a used token must reveal itself whatever became of the account.
        pair = await context.sessions.rotate(presented, user=user, profile=profile, now=context.now)
        if user.status is models.AccountStatus.SUSPENDED:
            await context.sessions.revoke(presented.session_id, user_id=user.id, now=context.now)
        check_may_sign_in(user)
        return AuthTokens.of(pair, user, profile)

    @strawberry.mutation(description="End this session: none of its refresh tokens works again.")
    async def logout(self, info: Info) -> OkPayload:
        context = info.context
        user_id = context.require_user()
        await context.sessions.revoke(context.require_session(), user_id=user_id, now=context.now)
        return OkPayload(ok=True)

    @strawberry.mutation(
        description="Make another profile of the own account the active one: new tokens of the same session."
    )
    async def profile_switch(self, info: Info, id: ProfileId) -> AuthResult:
        context = info.context
        user, own = await account_with_profiles(context, context.require_user())
        profile = next((profile for profile in own if profile.id == profile_uuid(id)), None)
        if profile is None:
            raise ForbiddenError("This profile does not belong to your account.")
        check_may_sign_in(user)
        session_id = context.require_session()
        pair = await context.sessions.switch_profile(session_id, user=user, profile=profile, now=context.now)
        return AuthTokens.of(pair, user, profile)


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
