"""How every way to sign in ends: a session is opened for an account that may sign in, and that is recorded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from subgraphs.shared.errors import ReelgraphError
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import WriteSession
from subgraphs.users import models
from subgraphs.users.context import Context
from subgraphs.users.models import AuditAction
from subgraphs.users.mutations.cookies import keep_token, wants_cookie
from subgraphs.users.service import audit
from subgraphs.users.service.opening import open_session
from subgraphs.users.service.sessions import TokenPair
from subgraphs.users.types import AuthTokens
from subgraphs.users.types.devices import DeviceInput


async def sign_in(
    context: Context,
    user: models.User,
    device: DeviceInput | None,
    *,
    action: AuditAction,
    profile_id: UUID | None = None,
    proven_at: datetime | None = None,
) -> AuthTokens:
    """Return the tokens of a new session of the account, with the profile wanted, else the first without a PIN.

    `proven_at` is when its owner proved to be that, unless it is now.

    Raises:
        AccountSuspendedError: The account is suspended.
        DeviceInvalidError: The device has no id, or too long a name.
    """
    async with context.database.writing() as session:
        return await sign_in_within(
            session, context, user, device, action=action, profile_id=profile_id, proven_at=proven_at
        )


async def sign_in_within(
    session: WriteSession,
    context: Context,
    user: models.User,
    device: DeviceInput | None,
    *,
    action: AuditAction,
    profile_id: UUID | None = None,
    proven_at: datetime | None = None,
) -> AuthTokens:
    """Do as `sign_in` in a transaction that does more."""
    place = context.place(device.facts() if device else None)
    opened = await open_session(
        session,
        context.sessions,
        user,
        place=place,
        now=context.now,
        profile_id=profile_id,
        proven_at=proven_at,
    )
    subject = encode_id("User", user.id)
    await audit.record(session, action, origin=context.origin, now=context.now, subject=subject)
    return issue(context, opened.tokens, opened.user, opened.profile)


def issue(context: Context, pair: TokenPair, user: models.User, profile: models.Profile | None) -> AuthTokens:
    """Return the tokens as the client gets them: the refresh token in the answer, or in a cookie."""
    in_cookie = wants_cookie(context)
    if in_cookie:
        keep_token(context, pair.refresh_token)
    return AuthTokens.of(pair, user, profile, shows_refresh_token=not in_cookie)


@asynccontextmanager
async def attempt(context: Context, action: AuditAction) -> AsyncIterator[None]:
    """Record a sign-in that is refused within the block; the refusal goes on."""
    try:
        yield
    except ReelgraphError as error:
        await context.record_failure(action, error.cause)
        raise
