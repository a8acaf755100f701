"""Parting an account from what it bought: the books keep the sale under an owner that exists nowhere else."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from subgraphs.billing.models import (
    LIVING_STATUSES,
    EntitlementVersion,
    Invoice,
    Payment,
    Subscription,
    SubscriptionStatus,
)
from subgraphs.shared.postgres import WriteSession


async def pseudonymise(session: WriteSession, user_ids: Sequence[str], *, at: datetime) -> None:
    """Give the accounts' subscriptions, ended now at the latest, an owner of their own that nothing else knows.

    Their payments and invoices get the same owner; what the person wrote, and how it paid, goes.
    """
    status = sa.case(
        (col(Subscription.status).in_(LIVING_STATUSES), SubscriptionStatus.CANCELED.value),
        else_=sa.cast(col(Subscription.status), sa.Text),
    )
    # Before the subscriptions lose the id by which they are found: who locks both takes the subscription first.
    owned = sa.select(col(Subscription.id)).where(col(Subscription.user_id).in_(user_ids)).with_for_update()
    ids = (await session.execute(owned)).scalars().all()
    await session.execute(
        sa.update(Subscription)
        .where(col(Subscription.id).in_(ids))
        .values(
            user_id=sa.literal("deleted:") + sa.cast(sa.func.gen_random_uuid(), sa.Text),
            status=sa.cast(status, sa.Text),
            status_changed_at=at,
            scheduled_plan_id=None,
            next_retry_at=None,
            cancellation_reason=None,
            payment_token="",
        )
        .execution_options(synchronize_session=False)
    )
    new_owner = (
        sa.select(col(Subscription.user_id))
        .where(col(Subscription.id) == col(Payment.subscription_id))
        .scalar_subquery()
    )
    await session.execute(
        sa.update(Payment)
        .where(col(Payment.subscription_id).in_(ids))
        .values(user_id=new_owner, payment_token="")
        .execution_options(synchronize_session=False)
    )
    payer = sa.select(col(Payment.user_id)).where(col(Payment.id) == col(Invoice.payment_id)).scalar_subquery()
    await session.execute(
        sa.update(Invoice)
        .where(col(Invoice.user_id).in_(user_ids))
        .values(user_id=payer)
        .execution_options(synchronize_session=False)
    )
    await session.execute(sa.delete(EntitlementVersion).where(col(EntitlementVersion.user_id).in_(user_ids)))
