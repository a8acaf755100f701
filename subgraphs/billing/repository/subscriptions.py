"""Statements on plans, subscriptions and entitlement versions. A subscription is visible to its own account only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from subgraphs.billing.models import (
    LIVING_STATUSES,
    RENEWING_STATUSES,
    EntitlementVersion,
    Payment,
    PaymentStatus,
    Plan,
    Subscription,
    SubscriptionStatus,
)
from subgraphs.shared.postgres import Database, WriteSession
from subgraphs.shared.prepared import Prepared, PreparedEntities, Row, column_names, entity_of

_any_living = sa.any_(sa.literal([status.value for status in LIVING_STATUSES], sa.ARRAY(sa.Text)))
_by_importance = (
    sa.case((sa.cast(col(Subscription.status), sa.Text) == _any_living, 0), else_=1),
    col(Subscription.created_at).desc(),
    col(Subscription.id),
)
_PLANS = sa.select(Plan).order_by(col(Plan.rank), col(Plan.code))
_PLANS_TO_SHOW = PreparedEntities(Plan, _PLANS)
_current = (
    sa.select(Subscription)
    .where(col(Subscription.user_id) == sa.bindparam("user_id", type_=sa.Text))
    .order_by(*_by_importance)
    .limit(1)
    .subquery()
)
# With the plans, which are a handful and which whoever shows a subscription shows too.
_SUBSCRIPTION_TO_SHOW = Prepared(
    sa.select(Plan, _current).outerjoin(_current, sa.true()).order_by(col(Plan.rank), col(Plan.code))
)


class _ShownPlans:
    """Plans to show: the same objects, which nobody changes, for as long as all their rows are equal."""

    def __init__(self) -> None:
        self._rows: Sequence[Row] = []
        self._plans: list[Plan] = []

    def of_rows(self, rows: Sequence[Row]) -> list[Plan]:
        """Return a plan for each row."""
        if rows != self._rows:
            self._plans = [entity_of(Plan, row) for row in rows]
            self._rows = rows
        return self._plans


_shown_plans = _ShownPlans()


async def plans(session: AsyncSession) -> list[Plan]:
    """Return every plan, archived ones too, in the order of sale."""
    return list((await session.execute(_PLANS)).scalars())


async def plans_to_show(database: Database) -> list[Plan]:
    """Like `plans`, for pages, which change nothing."""
    return await database.fetch_entities(_PLANS_TO_SHOW)


async def subscription_to_show(database: Database, user_id: str) -> tuple[Subscription | None, list[Plan]]:
    """Return the account's subscription as `current_subscriptions` does and every plan as `plans` does, in one
    statement, for pages, which change nothing. Without plans there is no subscription."""
    rows = await database.fetch(_SUBSCRIPTION_TO_SHOW, user_id=user_id)
    size = len(column_names(Plan))
    found = _shown_plans.of_rows([row[:size] for row in rows])
    row = rows[0][size:] if rows else None
    if row is None or row[column_names(Subscription).index("id")] is None:
        return None, found
    return entity_of(Subscription, row), found


async def plan_on_sale(session: AsyncSession, code: str) -> Plan | None:
    """Return the plan with the code, unless it is archived."""
    statement = sa.select(Plan).where(col(Plan.code) == code, col(Plan.is_archived).is_(False))
    return (await session.execute(statement)).scalar()


async def add_subscription(session: AsyncSession, subscription: Subscription) -> bool:
    """Insert the subscription; False, and nothing done, when the account has a living one."""
    statement = (
        postgresql.insert(Subscription)
        .values(subscription.model_dump())
        .on_conflict_do_nothing()
        .returning(col(Subscription.id))
    )
    return (await session.execute(statement)).scalar() is not None


async def current_subscriptions(session: AsyncSession, user_ids: Sequence[str]) -> dict[str, Subscription]:
    """Return the subscription that counts for each account: the living one, else the newest; none is left out."""
    statement = (
        sa.select(Subscription)
        .where(col(Subscription.user_id).in_(user_ids))
        .order_by(col(Subscription.user_id), *_by_importance)
        .ext(postgresql.distinct_on(col(Subscription.user_id)))
    )
    return {row.user_id: row for row in (await session.execute(statement)).scalars()}


async def visible_subscriptions(session: AsyncSession, ids: Sequence[UUID], *, viewer: str) -> dict[UUID, Subscription]:
    """Return those of the subscriptions that the viewer may see, by id: the ones of the viewer's account."""
    statement = sa.select(Subscription).where(col(Subscription.id).in_(ids), col(Subscription.user_id) == viewer)
    return {row.id: row for row in (await session.execute(statement)).scalars()}


async def next_entitlement_version(session: AsyncSession, user_id: str) -> int:
    """Return the number of the account's next announcement: 1, 2, 3, … in the order of commit."""
    statement = (
        postgresql.insert(EntitlementVersion)
        .values(user_id=user_id, version=1)
        .on_conflict_do_update(
            index_elements=[col(EntitlementVersion.user_id)], set_={"version": col(EntitlementVersion.version) + 1}
        )
        .returning(col(EntitlementVersion.version))
    )
    return int((await session.execute(statement)).scalar_one())


async def subscriptions_of(session: AsyncSession, user_id: str) -> list[Subscription]:
    """Return every subscription that the account had, oldest first."""
    statement = (
        sa.select(Subscription).where(col(Subscription.user_id) == user_id).order_by(col(Subscription.created_at))
    )
    return list((await session.execute(statement)).scalars())


async def renewals_between(session: AsyncSession, since: datetime, until: datetime) -> list[Subscription]:
    """Return paid subscriptions whose period ends in that time and that go on then; `until` is not included."""
    statement = sa.select(Subscription).where(
        col(Subscription.status).in_(RENEWING_STATUSES),
        col(Subscription.cancel_at_period_end).is_(False),
        col(Subscription.current_period_end) >= since,
        col(Subscription.current_period_end) < until,
    )
    return list((await session.execute(statement)).scalars())


async def lock_living_subscription(session: WriteSession, user_id: str) -> Subscription | None:
    """Return the account's living subscription, locked until the transaction ends; None without one."""
    statement = (
        sa.select(Subscription)
        .where(col(Subscription.user_id) == user_id, col(Subscription.status).in_(LIVING_STATUSES))
        .with_for_update()
    )
    return (await session.execute(statement)).scalar()


async def lock_subscription(session: WriteSession, subscription_id: UUID) -> Subscription:
    """Return the subscription, locked until the transaction ends."""
    statement = sa.select(Subscription).where(col(Subscription.id) == subscription_id).with_for_update()
    return (await session.execute(statement)).scalar_one()


async def lock_due(session: WriteSession, *, now: datetime, charge_until: datetime, limit: int) -> list[Subscription]:
    """Return subscriptions to end, to renew or to charge again, the longest due first, locked; others' locks are
    skipped, and so is what has a payment pending.

    Those that end are due at the end of their period, those that renew when it ends before `charge_until`.
    """
    is_renewing = col(Subscription.status).in_(RENEWING_STATUSES)
    ends_before = sa.case((col(Subscription.cancel_at_period_end), now), else_=charge_until)
    is_retried = (col(Subscription.status) == SubscriptionStatus.PAST_DUE) & (col(Subscription.next_retry_at) <= now)
    is_pending = sa.exists().where(
        col(Payment.subscription_id) == col(Subscription.id), col(Payment.status) == PaymentStatus.PENDING
    )
    statement = (
        sa.select(Subscription)
        .where((is_renewing & (col(Subscription.current_period_end) <= ends_before)) | is_retried, ~is_pending)
        .order_by(col(Subscription.current_period_end), col(Subscription.id))
        .limit(limit)
        .with_for_update(of=Subscription, skip_locked=True)
    )
    return list((await session.execute(statement)).scalars())
