"""Managing the profiles of an account."""

import re
from typing import Annotated, Any

import strawberry

from subgraphs.shared.errors import ForbiddenError
from subgraphs.shared.graphql.payloads import OkPayload
from subgraphs.shared.ids import encode_id
from subgraphs.shared.outbox import publish
from subgraphs.users.config import PIN_PATTERN
from subgraphs.users.context import Context, Info
from subgraphs.users.errors import PinInvalidError, RefusedError
from subgraphs.users.events import ProfileDeleted
from subgraphs.users.models import AuditAction
from subgraphs.users.mutations.support import (
    check_own_password,
    input_errors,
    limit_manager,
    own_account,
    profile_manager,
    profile_uuid,
)
from subgraphs.users.service import audit, profiles
from subgraphs.users.service.attempts import subject_of_pin
from subgraphs.users.service.privacy import personalization
from subgraphs.users.types import Profile, ProfileInput, ProfilePayload

ProfileArgument = Annotated[ProfileInput, strawberry.argument(description="What the profile is to be.")]
ProfileId = Annotated[strawberry.ID, strawberry.argument(description="Global id of a profile of the own account.")]
Pin = Annotated[str | None, strawberry.argument(description="4 to 6 digits; null asks for none from now on.")]
AccountPassword = Annotated[str | None, strawberry.argument(description="The account's password, if it has one.")]
_CLEARABLE = frozenset({"avatar_url", "maturity_limit", "subtitle_language"})
_LIMITS = frozenset({"maturity_limit", "is_kids"})


@strawberry.type
class ProfileMutations:
    """Fields of Mutation about profiles. A profile with a maturity limit can neither make, free nor remove any."""

    @strawberry.federation.mutation(authenticated=True, description="Add a profile to the own account; at most 5.")
    async def profile_create(self, info: Info, input: ProfileArgument) -> ProfilePayload:
        context = info.context
        user_id = limit_manager(context)
        default_language = context.viewer.locales()[0]
        try:
            async with context.database.writing() as session:
                row = await profiles.create_profile(
                    session, user_id, _changes(input), default_language=default_language, now=context.now
                )
                await personalization.announce_profile(session, row, now=context.now, is_new=True)
                await audit.record(
                    session,
                    AuditAction.PROFILE_CREATE,
                    origin=context.origin,
                    now=context.now,
                    subject=encode_id("Profile", row.id),
                )
        except RefusedError as error:
            return ProfilePayload(profile=None, errors=input_errors(error))
        return ProfilePayload(profile=Profile.of(row), errors=[])

    @strawberry.federation.mutation(
        authenticated=True,
        description="Change a profile of the own account. Its clients must refresh their access tokens when its limit "
        "or language changes.",
    )
    async def profile_update(self, info: Info, id: ProfileId, input: ProfileArgument) -> ProfilePayload:
        context = info.context
        changes = _changes(input)
        user_id = limit_manager(context) if _LIMITS & changes.values.keys() else profile_manager(context)
        try:
            async with context.database.writing() as session:
                row = await profiles.update_profile(session, user_id, profile_uuid(id), changes)
                if "personalization_opt_out" in changes.values:
                    await personalization.announce_profile(session, row, now=context.now)
                if {*_LIMITS, "language"} & changes.values.keys():
                    # In the transaction: without the denial there is no change.
                    await context.sessions.outdate(id, now=context.now)
                await audit.record(
                    session,
                    AuditAction.PROFILE_UPDATE,
                    origin=context.origin,
                    now=context.now,
                    subject=id,
                    changes=[audit.Change(name, None, None) for name in sorted(changes.values)],
                )
        except RefusedError as error:
            return ProfilePayload(profile=None, errors=input_errors(error))
        return ProfilePayload(profile=Profile.of(row), errors=[])

    @strawberry.federation.mutation(
        authenticated=True, description="Delete a profile of the own account; the last one stays."
    )
    async def profile_delete(self, info: Info, id: ProfileId) -> OkPayload:
        context = info.context
        user_id = limit_manager(context)
        try:
            async with context.database.writing() as session:
                await profiles.delete_profile(session, user_id, profile_uuid(id))
                deleted = ProfileDeleted(occurred_at=context.now, user_id=encode_id("User", user_id), profile_id=id)
                await publish(session, [deleted])
                await context.sessions.outdate(id, now=context.now)
                await audit.record(
                    session, AuditAction.PROFILE_DELETE, origin=context.origin, now=context.now, subject=id
                )
        except RefusedError as error:
            return OkPayload(ok=False, errors=input_errors(error))
        return OkPayload(ok=True)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Have a profile of the own account ask for a PIN when somebody switches to it, or for none.",
    )
    async def profile_pin_set(
        self, info: Info, id: ProfileId, pin: Pin = None, account_password: AccountPassword = None
    ) -> OkPayload:
        context = info.context
        user_id = limit_manager(context)
        await _check_own_profile(context, id)  # before the password: what is not one's own is none of one's business
        try:
            pin_hash = await _pin_hash(context, pin, account_password)
            async with context.database.writing() as session:
                await profiles.set_pin(session, user_id, profile_uuid(id), pin_hash)
                await audit.record(
                    session, AuditAction.PROFILE_PIN_SET, origin=context.origin, now=context.now, subject=id
                )
        except RefusedError as error:
            return OkPayload(ok=False, errors=input_errors(error))
        await context.attempts.unlock(subject_of_pin(profile_uuid(id)))
        return OkPayload(ok=True)


async def _check_own_profile(context: Context, global_id: str) -> None:
    if await context.loaders.profile_by_id.load(profile_uuid(global_id)) is None:
        raise ForbiddenError("This profile does not belong to your account.")


async def _pin_hash(context: Context, pin: str | None, account_password: str | None) -> str | None:
    """Return the hash of a new PIN, None to ask for none; who sets it must know the account's password."""
    if pin is not None and not re.fullmatch(PIN_PATTERN, pin):
        raise RefusedError(PinInvalidError())
    await check_own_password(context, await own_account(context), account_password, path="accountPassword")
    return await context.hasher.hash(pin) if pin is not None else None


def _changes(request: ProfileInput) -> profiles.ProfileChanges:
    """Return what the input names. Null clears what can be empty and leaves the rest as it is, but the name."""
    given: dict[str, Any] = {name: value for name, value in vars(request).items() if value is not strawberry.UNSET}
    return profiles.ProfileChanges(
        {name: value for name, value in given.items() if value is not None or name in {*_CLEARABLE, "name"}}
    )
