"""Signing in on the pages: with address and password, under the same limits as `login`."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from subgraphs.shared.errors import ReelgraphError
from subgraphs.shared.ids import encode_id
from subgraphs.users.context import Context
from subgraphs.users.errors import AccountSuspendedError
from subgraphs.users.models import AuditAction, User
from subgraphs.users.mutations.sessions import account_named, authenticated
from subgraphs.users.oauth.browsers import Visit, remember
from subgraphs.users.oauth.pages import Hidden, sign_in_page
from subgraphs.users.oauth.runtime import OAuthRuntime, context_of
from subgraphs.users.repository import accounts
from subgraphs.users.service import audit
from subgraphs.users.service.accounts import check_may_sign_in
from subgraphs.users.types import LoginInput

_UNAUTHORIZED = 401


async def ask_to_sign_in(runtime: OAuthRuntime, visit: Visit | None, *, hidden: Hidden, now: datetime) -> Response:
    """Return the page that asks who one is; it works in this browser only."""
    visit = visit or await runtime.visits.begin(now=now)
    response = sign_in_page({**hidden, "csrf": visit.csrf})
    remember(response, visit, is_secure=runtime.is_secure)
    return response


async def sign_in(
    runtime: OAuthRuntime, request: Request, *, visit: Visit, form: dict[str, str], hidden: Hidden, go_on: str
) -> Response:
    """Return the way on for the right password, else the page again with what is wrong."""
    context = context_of(runtime, request)
    credentials = LoginInput(email=form.get("email", ""), password=form.get("password", ""))
    user = await account_named(context, credentials.email)
    try:
        user = await authenticated(context, credentials, user)
    except ReelgraphError as error:
        subject = encode_id("User", user.id) if user else None
        await context.record_failure(AuditAction.OAUTH_AUTHORIZE, error.cause, subject=subject)
        return sign_in_page({**hidden, "csrf": visit.csrf}, error=error.message, status=_UNAUTHORIZED)
    await record(context, user)
    await runtime.visits.end(visit, now=context.now)
    response = RedirectResponse(go_on, status_code=303)
    remember(response, await runtime.visits.begin(now=context.now, user_id=user.id), is_secure=runtime.is_secure)
    return response


async def account_of(runtime: OAuthRuntime, visit: Visit | None) -> User | None:
    """Return the account that is signed in on the pages, None when none is, or it may not be used any more.

    Whatever ends all sessions of the account, a new password above all, ends this as well.
    """
    if visit is None or visit.user_id is None or visit.signed_in_at is None:
        return None
    if await runtime.server.is_signed_out(visit.user_id, since=visit.signed_in_at):
        return None
    async with runtime.server.database.reading() as session:
        user = await accounts.user_by_id(session, visit.user_id)
    try:
        if user is not None:
            check_may_sign_in(user)
    except AccountSuspendedError:
        return None
    return user


async def record(context: Context, user: User) -> None:
    """Note in the audit log that somebody signed in, or allowed something, on the pages."""
    async with context.database.writing() as session:
        subject = encode_id("User", user.id)
        await audit.record(
            session, AuditAction.OAUTH_AUTHORIZE, origin=context.origin, now=context.now, subject=subject
        )
