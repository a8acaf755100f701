"""What several mutations need."""

from uuid import UUID

from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.graphql.payloads import InputError, UserError
from subgraphs.shared.ids import decode_id
from subgraphs.users import models
from subgraphs.users.context import Context
from subgraphs.users.errors import (
    RefusedError,
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


def profile_manager(context: Context) -> UUID:
    """Return the account whose profiles the viewer may manage.

    Raises:
        UnauthenticatedError: Nobody is signed in.
        ForbiddenError: A kids profile is active.
    """
    user_id = context.require_user()
    if context.viewer.is_kids:
        raise ForbiddenError("A kids profile cannot manage profiles.")
    return user_id


def profile_uuid(global_id: str) -> UUID:
    return decode_id(global_id, "Profile").uuid


def input_errors(error: RefusedError) -> list[UserError]:
    return [
        InputError(code=refusal.cause, message=refusal.message, path=list(refusal.full_path) or None)
        for refusal in error.refusals
    ]
