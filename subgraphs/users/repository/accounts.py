"""Statements on accounts and profiles. A profile, and an account, is visible to its own account only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.shared.postgres import Database
from subgraphs.shared.prepared import Prepared, PreparedEntities, column_names, entity_of
from subgraphs.users.models import Profile, User

_any_id = sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid)))
_viewer = sa.bindparam("viewer", type_=sa.Uuid)
_VISIBLE_USERS = PreparedEntities(User, sa.select(User).where(col(User.id) == _any_id, col(User.id) == _viewer))
_VISIBLE_PROFILES = PreparedEntities(
    Profile, sa.select(Profile).where(col(Profile.id) == _any_id, col(Profile.user_id) == _viewer)
)
_OWN_ACCOUNT = Prepared(
    sa.select(User, Profile)
    .outerjoin(
        Profile,
        sa.and_(col(Profile.user_id) == col(User.id), col(Profile.id) == sa.bindparam("profile", type_=sa.Uuid)),
    )
    .where(col(User.id) == _viewer)
)


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The viewer's account with the active profile; None where there is none, or no more."""

    user: User
    profile: Profile | None


async def own_account(database: Database, *, viewer: UUID, profile: UUID | None) -> OwnAccount | None:
    """Return the viewer's account and that one of its profiles in one statement, for pages, which change nothing."""
    rows = await database.fetch(_OWN_ACCOUNT, viewer=viewer, profile=profile)
    if not rows:
        return None
    size = len(column_names(User))
    account, active = rows[0][:size], rows[0][size:]
    return OwnAccount(entity_of(User, account), None if active[0] is None else entity_of(Profile, active))


async def add_user(session: AsyncSession, user: User) -> bool:
    """Insert the account; False, and nothing done, when its address or its registration key is taken."""
    statement = postgresql.insert(User).values(user.model_dump()).on_conflict_do_nothing().returning(col(User.id))
    return (await session.execute(statement)).scalar() is not None


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    """Return the account with the (lower-case) address."""
    return (await session.execute(sa.select(User).where(col(User.email) == email))).scalar()


async def user_by_id(session: AsyncSession, user_id: UUID) -> User | None:
    """Return the account."""
    return (await session.execute(sa.select(User).where(col(User.id) == user_id))).scalar()


async def visible_users(database: Database, ids: Sequence[UUID], *, viewer: UUID) -> dict[UUID, User]:
    """Return those of the accounts that the viewer may see, by id: the viewer's own."""
    found = await database.fetch_entities(_VISIBLE_USERS, ids=ids, viewer=viewer)
    return {user.id: user for user in found}


async def record_login(session: AsyncSession, user: User, *, at: datetime) -> bool:
    """Note when the account was last signed in to; hold its row until the transaction ends.

    False, and nothing done, when its password or status changed since it was read: what was proven then is no longer
    worth anything.
    """
    statement = (
        sa.update(User)
        .where(
            col(User.id) == user.id,
            col(User.password_hash).is_not_distinct_from(user.password_hash),
            col(User.status) == user.status,
        )
        .values(last_login_at=at, locked_until=None)
        .returning(col(User.id))
    )
    return (await session.execute(statement)).scalar() is not None


async def set_password(session: AsyncSession, user_id: UUID, password_hash: str, *, instead_of: str | None) -> bool:
    """Replace the password; False, and nothing done, when it is another one meanwhile."""
    statement = (
        sa.update(User)
        .where(col(User.id) == user_id, col(User.password_hash).is_not_distinct_from(instead_of))
        .values(password_hash=password_hash)
        .returning(col(User.id))
    )
    return (await session.execute(statement)).scalar() is not None


async def replace_password(session: AsyncSession, user_id: UUID, password_hash: str) -> None:
    """Replace the password of an account whose owner proved the address, which counts as verified."""
    statement = sa.update(User).where(col(User.id) == user_id)
    await session.execute(statement.values(password_hash=password_hash, email_verified=True, locked_until=None))


async def void_password(session: AsyncSession, user_id: UUID) -> None:
    """Leave a confirmed account without a password, and without the key by which its registration is repeated."""
    values = {"email_verified": True, "password_hash": None, "registration_key_hash": None}
    await session.execute(sa.update(User).where(col(User.id) == user_id).values(**values))


async def set_email(session: AsyncSession, user_id: UUID, email: str) -> bool:
    """Give the account a verified address; False, and nothing done, when another account has it."""
    statement = sa.update(User).where(col(User.id) == user_id).values(email=email, email_verified=True)
    try:
        async with session.begin_nested():
            await session.execute(statement)
    except IntegrityError:
        return False
    return True


async def set_details(session: AsyncSession, user_id: UUID, values: dict[str, str]) -> None:
    """Write the columns that the account's owner may write as they are: `locale`, `state_code`."""
    await session.execute(sa.update(User).where(col(User.id) == user_id).values(**values))


async def note_lock(session: AsyncSession, user_id: UUID, *, until: datetime | None) -> None:
    """Note until when the account's password is not checked; None when it is again."""
    await session.execute(sa.update(User).where(col(User.id) == user_id).values(locked_until=until))


async def lock_user(session: AsyncSession, user_id: UUID) -> bool:
    """Hold the account's row until the transaction ends, so that its profiles are counted by one writer at a time.

    False when there is no such account.
    """
    statement = sa.select(col(User.id)).where(col(User.id) == user_id).with_for_update()
    return (await session.execute(statement)).scalar() is not None


async def add_profile(session: AsyncSession, profile: Profile) -> None:
    """Insert the profile."""
    await session.execute(sa.insert(Profile).values(profile.model_dump(exclude={"position"})))


async def profiles_of_users(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, list[Profile]]:
    """Return the profiles of each account, oldest first; an account without any has an empty list."""
    statement = (
        sa.select(Profile)
        .where(col(Profile.user_id).in_(user_ids))
        .order_by(col(Profile.user_id), col(Profile.position))
    )
    profiles: dict[UUID, list[Profile]] = {user_id: [] for user_id in user_ids}
    for profile in (await session.execute(statement)).scalars():
        profiles[profile.user_id].append(profile)
    return profiles


async def visible_profiles(database: Database, ids: Sequence[UUID], *, viewer: UUID) -> dict[UUID, Profile]:
    """Return those of the profiles that the viewer may see, by id: the ones of the viewer's account."""
    found = await database.fetch_entities(_VISIBLE_PROFILES, ids=ids, viewer=viewer)
    return {profile.id: profile for profile in found}


async def count_profiles(session: AsyncSession, user_id: UUID) -> int:
    """Return how many profiles the account has."""
    statement = sa.select(sa.func.count()).select_from(Profile).where(col(Profile.user_id) == user_id)
    return int((await session.execute(statement)).scalar_one())


async def own_profile_for_update(session: AsyncSession, profile_id: UUID, *, viewer: UUID) -> Profile | None:
    """Return the profile of the viewer's account, held until the transaction ends."""
    statement = (
        sa.select(Profile).where(col(Profile.id) == profile_id, col(Profile.user_id) == viewer).with_for_update()
    )
    return (await session.execute(statement)).scalar()


async def update_profile(session: AsyncSession, profile_id: UUID, changes: dict[str, Any]) -> Profile:
    """Write the changed columns and return the profile as it is now."""
    statement = sa.update(Profile).where(col(Profile.id) == profile_id).values(**changes).returning(Profile)
    return (await session.execute(statement, execution_options={"populate_existing": True})).scalar_one()


async def delete_profile(session: AsyncSession, profile_id: UUID, *, viewer: UUID) -> bool:
    """Delete the profile of the viewer's account; False when it has no such profile."""
    statement = (
        sa.delete(Profile)
        .where(col(Profile.id) == profile_id, col(Profile.user_id) == viewer)
        .returning(col(Profile.id))
    )
    return (await session.execute(statement)).scalar() is not None
