"""Statements on payments and invoices. Those of an account are visible to itself only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.billing.models import Invoice, InvoiceCounter, Payment, PaymentStatus
from subgraphs.shared.postgres import WriteSession

After = tuple[datetime, UUID] | None
"""Moment and id of the last row that the client has; None begins with the newest."""


async def add_payment(session: WriteSession, payment: Payment) -> bool:
    """Insert the payment; False, and nothing done, when its key was used or its subscription has one pending."""
    statement = (
        postgresql.insert(Payment).values(payment.model_dump()).on_conflict_do_nothing().returning(col(Payment.id))
    )
    return (await session.execute(statement)).scalar() is not None


async def has_pending_payment(session: AsyncSession, subscription_id: UUID) -> bool:
    """Return whether a payment of the subscription is under way; for sure only while the subscription is locked."""
    statement = sa.select(col(Payment.id)).where(
        col(Payment.subscription_id) == subscription_id, col(Payment.status) == PaymentStatus.PENDING
    )
    return (await session.execute(statement)).scalar() is not None


async def lock_payment(session: WriteSession, payment_id: UUID) -> Payment:
    """Return the payment, locked until the transaction ends."""
    statement = sa.select(Payment).where(col(Payment.id) == payment_id).with_for_update()
    return (await session.execute(statement)).scalar_one()


async def pending_payments(session: AsyncSession, *, before: datetime, limit: int) -> list[Payment]:
    """Return some payments that are pending since before the moment.

    By chance, so that those for which nobody ever answers cannot take all places for good.
    """
    statement = (
        sa.select(Payment)
        .where(col(Payment.status) == PaymentStatus.PENDING, col(Payment.created_at) < before)
        .order_by(sa.func.random())
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())


async def next_invoice_number(session: WriteSession, financial_year: str) -> int:
    """Return the next number of the year: 1, 2, 3, … without gaps, since a transaction that fails gives it back."""
    statement = (
        postgresql.insert(InvoiceCounter)
        .values(financial_year=financial_year, last_number=1)
        .on_conflict_do_update(
            index_elements=[col(InvoiceCounter.financial_year)],
            set_={"last_number": col(InvoiceCounter.last_number) + 1},
        )
        .returning(col(InvoiceCounter.last_number))
    )
    return int((await session.execute(statement)).scalar_one())


async def payments_page(session: AsyncSession, user_id: str, *, first: int, after: After) -> list[Payment]:
    """Return the account's payments, newest first: a page and one row more."""
    statement = sa.select(Payment).where(col(Payment.user_id) == user_id)
    if after is not None:
        statement = statement.where(sa.tuple_(col(Payment.created_at), col(Payment.id)) < sa.tuple_(*_literals(after)))
    statement = statement.order_by(col(Payment.created_at).desc(), col(Payment.id).desc()).limit(first + 1)
    return list((await session.execute(statement)).scalars())


async def invoices_page(session: AsyncSession, user_id: str, *, first: int, after: After) -> list[Invoice]:
    """Return the account's invoices, newest first: a page and one row more."""
    statement = sa.select(Invoice).where(col(Invoice.user_id) == user_id)
    if after is not None:
        statement = statement.where(sa.tuple_(col(Invoice.issued_at), col(Invoice.id)) < sa.tuple_(*_literals(after)))
    statement = statement.order_by(col(Invoice.issued_at).desc(), col(Invoice.id).desc()).limit(first + 1)
    return list((await session.execute(statement)).scalars())


def _literals(after: tuple[datetime, UUID]) -> tuple[sa.BindParameter[datetime], sa.BindParameter[UUID]]:
    moment, row_id = after
    return sa.literal(moment, sa.DateTime(timezone=True)), sa.literal(row_id, sa.Uuid)


async def visible_invoices(session: AsyncSession, ids: Sequence[UUID], *, viewer: str) -> dict[UUID, Invoice]:
    """Return those of the invoices that the viewer may see, by id: the ones of the viewer's account."""
    statement = sa.select(Invoice).where(col(Invoice.id).in_(ids), col(Invoice.user_id) == viewer)
    return {row.id: row for row in (await session.execute(statement)).scalars()}


async def every_payment_of(session: AsyncSession, user_id: str) -> list[Payment]:
    """Return every payment that the account ever made or failed to make, oldest first."""
    statement = sa.select(Payment).where(col(Payment.user_id) == user_id).order_by(col(Payment.created_at))
    return list((await session.execute(statement)).scalars())


async def every_invoice_of(session: AsyncSession, user_id: str) -> list[Invoice]:
    """Return every invoice of the account, oldest first."""
    statement = sa.select(Invoice).where(col(Invoice.user_id) == user_id).order_by(col(Invoice.issued_at))
    return list((await session.execute(statement)).scalars())
