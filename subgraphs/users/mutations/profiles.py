"""Managing the profiles of an account."""

from typing import Annotated, Any

import strawberry

from subgraphs.shared.graphql.payloads import OkPayload
from subgraphs.users.context import Info
from subgraphs.users.errors import (
    RefusedError,
)
from subgraphs.users.mutations.support import input_errors, profile_manager, profile_uuid
from subgraphs.users.service import profiles
from subgraphs.users.types import (
    Profile,
    ProfileInput,
    ProfilePayload,
)

ProfileArgument = Annotated[ProfileInput, strawberry.argument(description="What the profile is to be.")]
ProfileId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a profile of the own account.")]
_CLEARABLE = frozenset({"avatar_url", "maturity_limit", "subtitle_language"})


@strawberry.type
class ProfileMutations:
    """Fields of Mutation about profiles."""

    @strawberry.mutation(description="Add a profile to the own account; at most 5.")
    async def profile_create(self, info: Info, input: ProfileArgument) -> ProfilePayload:
        context = info.context
        user_id = profile_manager(context)
        default_language = context.viewer.locales()[0]
        try:
            async with context.database.writing() as session:
                row = await profiles.create_profile(
                    session, user_id, _changes(input), default_language=default_language, now=context.now
                )
        except RefusedError as error:
            return ProfilePayload(profile=None, errors=input_errors(error))
        return ProfilePayload(profile=Profile.of(row), errors=[])

    @strawberry.mutation(description="Change a profile of the own account.")
    async def profile_update(self, info: Info, id: ProfileId, input: ProfileArgument) -> ProfilePayload:
        context = info.context
        user_id = profile_manager(context)
        try:
            async with context.database.writing() as session:
                row = await profiles.update_profile(session, user_id, profile_uuid(id), _changes(input))
        except RefusedError as error:
            return ProfilePayload(profile=None, errors=input_errors(error))
        return ProfilePayload(profile=Profile.of(row), errors=[])

    @strawberry.mutation(description="Delete a profile of the own account; the last one stays.")
    async def profile_delete(self, info: Info, id: ProfileId) -> OkPayload:
        context = info.context
        user_id = profile_manager(context)
        try:
            async with context.database.writing() as session:
                await profiles.delete_profile(session, user_id, profile_uuid(id))
        except RefusedError as error:
            return OkPayload(ok=False, errors=input_errors(error))
        return OkPayload(ok=True)


def _changes(request: ProfileInput) -> profiles.ProfileChanges:
    """Return what the input names. Null clears what can be empty and leaves the rest as it is, but the name."""
    given: dict[str, Any] = {name: value for name, value in vars(request).items() if value is not strawberry.UNSET}
    return profiles.ProfileChanges(
        {name: value for name, value in given.items() if value is not None or name in {*_CLEARABLE, "name"}}
    )
