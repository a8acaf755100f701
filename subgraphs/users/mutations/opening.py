"""How every way to sign in ends: a session is opened for an account that may sign in, and that is recorded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from subgraphs.shared.errors import ReelgraphError
from subgraphs.shared.ids import encode_id
from subgraphs.users import models
from subgraphs.users.context import Context
from subgraphs.users.models import AuditAction
from subgraphs.users.repository import accounts
from subgraphs.users.service import audit
from subgraphs.users.service.accounts import active_profile, check_may_sign_in
from subgraphs.users.types import AuthTokens
from subgraphs.users.types.devices import DeviceInput


async def sign_in(
    context: Context,
    user: models.User,
    device: DeviceInput | None,
    *,
    action: AuditAction,
    profile_id: UUID | None = None,
) -> AuthTokens:
    """Return the tokens of a new session of the account, with the profile wanted, else the first.

    Raises:
        AccountSuspendedError: The account is suspended.
    """
    check_may_sign_in(user)
    async with context.database.writing() as session:
        await accounts.record_login(session, user.id, at=context.now)
        own = (await accounts.profiles_of_users(session, [user.id]))[user.id]
        subject = encode_id("User", user.id)
        await audit.record(session, action, origin=context.origin, now=context.now, subject=subject)
    user.last_login_at = context.now
    profile = active_profile(own, wanted=profile_id)
    return AuthTokens.of(await context.sessions.open(user, profile, now=context.now), user, profile)


@asynccontextmanager
async def attempt(context: Context, action: AuditAction) -> AsyncIterator[None]:
    """Record a sign-in that is refused within the block; the refusal goes on."""
    try:
        yield
    except ReelgraphError as error:
        await context.record_failure(action, error.cause)
        raise
