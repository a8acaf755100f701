"""Registration and changes to an account."""

from typing import Annotated

import strawberry

from subgraphs.users import models
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import (
    EmailTakenError,
    RefusedError,
)
from subgraphs.users.mutations.support import input_errors
from subgraphs.users.service.accounts import (
    Registration,
    check_registration,
    register,
)
from subgraphs.users.types import (
    RegisterInput,
    RegisterPayload,
    User,
)

RegisterArgument = Annotated[RegisterInput, strawberry.argument(description="The new account.")]


@strawberry.type
class AccountMutations:
    """Fields of Mutation about accounts."""

    @strawberry.mutation(description="Make an account with its first profile. It can be used at once.")
    async def register(self, info: Info, input: RegisterArgument) -> RegisterPayload:
        try:
            user = await _register(info.context, input)
        except RefusedError as error:
            return RegisterPayload(user=None, verification_required=False, errors=input_errors(error))
        return RegisterPayload(user=User.of(user), verification_required=False, errors=[])


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
