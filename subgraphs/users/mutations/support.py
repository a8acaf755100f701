"""What several mutations need."""

from uuid import UUID

from subgraphs.shared.errors import ForbiddenError, UnauthenticatedError
from subgraphs.shared.graphql.payloads import InputError, UserError
from subgraphs.shared.ids import decode_id
from subgraphs.users import models
from subgraphs.users.config import SIGNED_IN_LATELY
from subgraphs.users.context import Context
from subgraphs.users.errors import (
    AccountLockedError,
    PasswordLockedError,
    PasswordWrongError,
    RefusedError,
    SignInAgainError,
    TokenInvalidError,
)
from subgraphs.users.repository import accounts


async def account_with_profiles(context: Context, user_id: UUID) -> tuple[models.User, list[models.Profile]]:
    """Return the account behind a session.

    Raises:
        TokenInvalidError: It was deleted.
    """
    async with context.database.reading() as session:
        user = await accounts.user_by_id(session, user_id)
        if user is None:
            raise TokenInvalidError
        return user, (await accounts.profiles_of_users(session, [user_id]))[user_id]


async def own_account(context: Context) -> models.User:
    """Return the viewer's account as it is stored now.

    Raises:
        UnauthenticatedError: Nobody is signed in, or the account was deleted.
    """
    user_id = context.require_user()
    async with context.database.reading() as session:
        user = await accounts.user_by_id(session, user_id)
    if user is None:
        raise UnauthenticatedError
    return user


async def check_own_password(context: Context, user: models.User, password: str | None, *, path: str) -> None:
    """Pass for the account's password. Wrong ones count as at signing in; `path` names the argument.

    An account without a password, made with a phone or at a provider, passes with none, if it was signed in to a moment
    ago: a token that was stolen must not be enough.

    Raises:
        RefusedError: It is wrong, or too many were; or there is none, and the session is older than 15 minutes.
    """
    if user.password_hash is None:
        await _check_signed_in_lately(context)
        return
    stored = user.password_hash
    try:
        miss = await context.attempts.check(
            context.attempts.subject_of_account(user), lambda: context.hasher.verify(password or "", stored)
        )
    except AccountLockedError as error:
        raise RefusedError(PasswordLockedError(path=(path,))) from error
    if miss is not None:
        raise RefusedError(PasswordWrongError(path=(path,)))


async def _check_signed_in_lately(context: Context) -> None:
    session = await context.sessions.session(context.require_session())
    if session is None or context.now - session.created_at > SIGNED_IN_LATELY:
        raise RefusedError(SignInAgainError())


def profile_manager(context: Context) -> UUID:
    """Return the account that the viewer may manage: its profiles, ways to sign in, sessions, data.

    An app that was allowed to use the API would else make itself at home: pair a device, link an identity, set a
    password, and stay when it is no longer allowed.

    Raises:
        UnauthenticatedError: Nobody is signed in.
        ForbiddenError: A kids profile is active, or the token is that of an app which the viewer allowed.
    """
    user_id = context.require_user()
    if context.viewer.client_id is not None:
        raise ForbiddenError("An app that you allowed cannot manage your account.")
    if context.viewer.is_kids:
        raise ForbiddenError("A kids profile cannot manage profiles.")
    return user_id


def limit_manager(context: Context) -> UUID:
    """Return the account whose maturity limits the viewer may change.

    Raises:
        UnauthenticatedError: Nobody is signed in.
        ForbiddenError: A profile with a limit is active, or none is.
    """
    user_id = profile_manager(context)
    if context.viewer.maturity_limit is not None:
        raise ForbiddenError("A profile with a maturity limit cannot change limits. Switch to another profile.")
    return user_id


def profile_uuid(global_id: str) -> UUID:
    return decode_id(global_id, "Profile").uuid


def input_errors(error: RefusedError) -> list[UserError]:
    return [
        InputError(code=refusal.cause, message=refusal.message, path=list(refusal.full_path) or None)
        for refusal in error.refusals
    ]
