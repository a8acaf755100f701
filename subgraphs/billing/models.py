"""Tables of the billing subgraph: plans, subscriptions, and the version of each account's entitlement."""

from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from subgraphs.shared.postgres import subgraph_registry
from subgraphs.shared.values import Tier


class Interval(Enum):
    """How often a plan is paid."""

    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"

    @property
    def months(self) -> int:
        """How many monthly payments one payment replaces."""
        return {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}[self]


class SubscriptionStatus(Enum):
    """State of a subscription. What each admits to is decided in service.entitlement_of."""

    INCOMPLETE = "INCOMPLETE"
    TRIALING = "TRIALING"
    ACTIVE = "ACTIVE"
    PAST_DUE = "PAST_DUE"
    PAUSED = "PAUSED"
    UNPAID = "UNPAID"
    CANCELED = "CANCELED"


LIVING_STATUSES = (
    SubscriptionStatus.TRIALING,
    SubscriptionStatus.ACTIVE,
    SubscriptionStatus.PAST_DUE,
    SubscriptionStatus.PAUSED,
)
"""An account has at most one subscription in these."""

_LIVING = sa.text("status IN ('TRIALING', 'ACTIVE', 'PAST_DUE', 'PAUSED')")


class Model(SQLModel, registry=subgraph_registry()):
    """Base of this subgraph's tables."""


class Plan(Model, table=True):
    """Something on sale. `names` is locale → name and has at least English; the price is in minor units."""

    __tablename__ = "plans"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    code: str = Field(sa_type=sa.Text, unique=True)
    names: dict[str, str] = Field(sa_type=JSONB)
    tier: Tier = Field(sa_type=sa.Enum(Tier, native_enum=False, length=10))
    interval: Interval = Field(sa_type=sa.Enum(Interval, native_enum=False, length=10))
    interval_days: int
    price_minor: int
    currency: str = Field(sa_type=sa.Text)
    max_quality: str = Field(sa_type=sa.Text)
    has_ads: bool
    has_downloads: bool
    max_concurrent_streams: int
    max_profiles: int
    rank: int
    is_archived: bool = False


class Subscription(Model, table=True):
    """An account's subscription. `price_minor` is what is charged for it, whatever the plan costs by now."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        sa.Index("uq_subscriptions_living", "user_id", unique=True, postgresql_where=_LIVING),
        sa.CheckConstraint("current_period_end > current_period_start", name="period_has_length"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: str = Field(sa_type=sa.Text, index=True)
    plan_id: UUID = Field(foreign_key="plans.id")
    status: SubscriptionStatus = Field(sa_type=sa.Enum(SubscriptionStatus, native_enum=False, length=20))
    status_changed_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    current_period_start: datetime = Field(sa_type=sa.DateTime(timezone=True))
    current_period_end: datetime = Field(sa_type=sa.DateTime(timezone=True))
    cancel_at_period_end: bool = False
    price_minor: int
    currency: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))


class EntitlementVersion(Model, table=True):
    """How many times an account's entitlement was announced."""

    __tablename__ = "entitlement_versions"

    user_id: str = Field(sa_type=sa.Text, primary_key=True)
    version: int = Field(sa_type=sa.BigInteger)
