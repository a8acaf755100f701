"""Statements on the tokens that letters carry."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.users.models import EmailToken, TokenPurpose


async def issue_token(session: AsyncSession, token: EmailToken, *, unless_since: datetime) -> bool:
    """Put the token in the place of the account's earlier one of its purpose.

    False, and nothing done, when that was written to the same address after `unless_since`.
    """
    insert = postgresql.insert(EmailToken).values(token.model_dump())
    replaced = ("digest", "email", "created_at", "expires_at")
    statement = insert.on_conflict_do_update(
        index_elements=["user_id", "purpose"],
        set_={name: insert.excluded[name] for name in replaced},
        where=(col(EmailToken.created_at) <= unless_since) | (col(EmailToken.email) != insert.excluded["email"]),
    ).returning(col(EmailToken.digest))
    return (await session.execute(statement)).scalar() is not None


async def find_token(
    session: AsyncSession, digest: str, purposes: Collection[TokenPurpose], *, now: datetime
) -> EmailToken | None:
    """Return the token that is still good, and leave it."""
    return (await session.execute(sa.select(EmailToken).where(*_good(digest, purposes, now)))).scalar()


async def take_token(
    session: AsyncSession, digest: str, purposes: Collection[TokenPurpose], *, now: datetime
) -> EmailToken | None:
    """Return the token that is still good, which nobody can take again once the transaction is committed."""
    statement = sa.delete(EmailToken).where(*_good(digest, purposes, now)).returning(EmailToken)
    return (await session.execute(statement)).scalar()


async def take_nothing(session: AsyncSession) -> None:
    """Do as much as issuing a token does, for nobody: so that time does not tell who has an account."""
    await session.execute(sa.delete(EmailToken).where(col(EmailToken.digest) == ""))


async def remove_tokens_of(session: AsyncSession, user_id: UUID, *, purposes: Collection[TokenPurpose]) -> None:
    """Delete the account's tokens of the purposes."""
    await session.execute(
        sa.delete(EmailToken).where(col(EmailToken.user_id) == user_id, col(EmailToken.purpose).in_(purposes))
    )


async def remove_expired_tokens(session: AsyncSession, *, before: datetime) -> None:
    """Delete the tokens that expired before the moment."""
    await session.execute(sa.delete(EmailToken).where(col(EmailToken.expires_at) < before))


def _good(digest: str, purposes: Collection[TokenPurpose], now: datetime) -> list[sa.ColumnElement[bool]]:
    return [
        col(EmailToken.digest) == digest,
        col(EmailToken.purpose).in_(purposes),
        col(EmailToken.expires_at) > now,
    ]
