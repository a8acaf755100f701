"""Statements on identities at providers and on phone numbers. Both are visible to their own account only."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.users.models import Identity, IdentityProvider, PhoneNumber, User


async def user_by_identity(session: AsyncSession, provider: IdentityProvider, subject: str) -> User | None:
    """Return the account that the person signs in to."""
    statement = (
        sa.select(User)
        .join(Identity, col(Identity.user_id) == col(User.id))
        .where(col(Identity.provider) == provider, col(Identity.subject) == subject)
    )
    return (await session.execute(statement)).scalar()


async def add_identity(session: AsyncSession, identity: Identity) -> bool:
    """Link the identity; False, and nothing done, when the person or the account's place at the provider is taken."""
    statement = (
        postgresql.insert(Identity).values(identity.model_dump()).on_conflict_do_nothing().returning(col(Identity.id))
    )
    return (await session.execute(statement)).scalar() is not None


async def identities_of_users(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, list[Identity]]:
    """Return the identities linked to each account, oldest first; an account without any has an empty list."""
    statement = (
        sa.select(Identity)
        .where(col(Identity.user_id).in_(user_ids))
        .order_by(col(Identity.linked_at), col(Identity.provider))
    )
    found: dict[UUID, list[Identity]] = {user_id: [] for user_id in user_ids}
    for identity in (await session.execute(statement)).scalars():
        found[identity.user_id].append(identity)
    return found


async def remove_identity(session: AsyncSession, user_id: UUID, provider: IdentityProvider) -> bool:
    """Unlink the account's identity at the provider; False when it has none."""
    statement = (
        sa.delete(Identity)
        .where(col(Identity.user_id) == user_id, col(Identity.provider) == provider)
        .returning(col(Identity.id))
    )
    return (await session.execute(statement)).scalar() is not None


async def remove_ways_in(session: AsyncSession, user_id: UUID) -> None:
    """Unlink every identity and phone number of the account."""
    await session.execute(sa.delete(Identity).where(col(Identity.user_id) == user_id))
    await session.execute(sa.delete(PhoneNumber).where(col(PhoneNumber.user_id) == user_id))


async def user_by_phone(session: AsyncSession, number_index: str) -> User | None:
    """Return the account with the phone number of this blind index."""
    statement = (
        sa.select(User)
        .join(PhoneNumber, col(PhoneNumber.user_id) == col(User.id))
        .where(col(PhoneNumber.number_index) == number_index)
    )
    return (await session.execute(statement)).scalar()


async def phone_of_user(session: AsyncSession, user_id: UUID) -> PhoneNumber | None:
    """Return the account's phone number, sealed."""
    return (await session.execute(sa.select(PhoneNumber).where(col(PhoneNumber.user_id) == user_id))).scalar()


async def phones_of_users(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, PhoneNumber]:
    """Return the phone numbers of the accounts that have one, sealed."""
    rows = await session.execute(sa.select(PhoneNumber).where(col(PhoneNumber.user_id).in_(user_ids)))
    return {phone.user_id: phone for phone in rows.scalars()}


async def set_phone(session: AsyncSession, phone: PhoneNumber) -> bool:
    """Give the account this phone number in place of the one before; False, and nothing done, when another has it."""
    insert = postgresql.insert(PhoneNumber).values(phone.model_dump())
    replaced = ("number_index", "sealed_number", "verified_at")
    statement = insert.on_conflict_do_update(
        index_elements=["user_id"], set_={name: insert.excluded[name] for name in replaced}
    )
    try:
        async with session.begin_nested():
            await session.execute(statement)
    except IntegrityError:
        return False
    return True


async def add_phone(session: AsyncSession, phone: PhoneNumber) -> bool:
    """Give the account its phone number; False, and nothing done, when another account has it or this one has one."""
    statement = (
        postgresql.insert(PhoneNumber)
        .values(phone.model_dump())
        .on_conflict_do_nothing()
        .returning(col(PhoneNumber.user_id))
    )
    return (await session.execute(statement)).scalar() is not None
