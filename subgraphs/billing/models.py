"""Tables of the billing subgraph: plans, subscriptions, payments, invoices, and the version of each entitlement.

Card numbers have no column anywhere: `payment_token` is the provider's name for a way to pay.
"""

from datetime import datetime
from enum import Enum
from typing import Any
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

RENEWING_STATUSES = (SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE)
"""Access is paid for, or given, until the end of the period."""

_LIVING = sa.text("status IN ('TRIALING', 'ACTIVE', 'PAST_DUE', 'PAUSED')")


class Provider(Enum):
    """Who collects the money."""

    STRIPE = "STRIPE"
    RAZORPAY = "RAZORPAY"
    YOOKASSA = "YOOKASSA"
    PAYPAL = "PAYPAL"
    FAKE = "FAKE"


class MethodKind(Enum):
    """How somebody pays."""

    CARD = "CARD"
    UPI = "UPI"
    NETBANKING = "NETBANKING"
    WALLET = "WALLET"


class PaymentStatus(Enum):
    """What became of a payment."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class PaymentPurpose(Enum):
    """What a payment is for."""

    RENEWAL = "RENEWAL"
    """The next period of a subscription."""
    CHANGE = "CHANGE"
    """A period of a better plan, less what is left of the one paid before."""


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
    """An account's subscription. `price_minor` is what is charged for a period, whatever the plan costs by now.

    `status_changed_at` is when the status took effect: for one that ended, when access did. `failed_charges` counts
    the charges that were declined since the last paid period; `next_retry_at` is when the next one is due.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        sa.Index("uq_subscriptions_living", "user_id", unique=True, postgresql_where=_LIVING),
        sa.Index("ix_subscriptions_due", "current_period_end", postgresql_where=_LIVING),
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
    cancellation_reason: str | None = Field(default=None, sa_type=sa.Text)
    price_minor: int
    currency: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    scheduled_plan_id: UUID | None = Field(default=None, foreign_key="plans.id")
    provider: Provider = Field(default=Provider.FAKE, sa_type=sa.Enum(Provider, native_enum=False, length=10))
    payment_token: str = Field(sa_type=sa.Text)
    billing_state: str | None = Field(default=None, sa_type=sa.Text)
    failed_charges: int = 0
    next_retry_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))


class Payment(Model, table=True):
    """Money asked for, once: `key` names the occasion, and the provider knows the payment by its id.

    It is PENDING from before the provider is asked until its answer is recorded; a subscription has at most one such.
    `price_minor` is the price of the whole period, of which `credit_minor` was paid before.
    """

    __tablename__ = "payments"
    __table_args__ = (
        sa.Index("uq_payments_pending", "subscription_id", unique=True, postgresql_where=sa.text("status = 'PENDING'")),
        sa.Index("ix_payments_user_id", "user_id", "created_at", "id"),
        sa.CheckConstraint("amount_minor > 0 AND amount_minor = price_minor - credit_minor", name="amount_is_due"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    key: str = Field(sa_type=sa.Text, unique=True)
    user_id: str = Field(sa_type=sa.Text)
    subscription_id: UUID = Field(foreign_key="subscriptions.id")
    purpose: PaymentPurpose = Field(sa_type=sa.Enum(PaymentPurpose, native_enum=False, length=10))
    plan_id: UUID = Field(foreign_key="plans.id")
    price_minor: int
    credit_minor: int = 0
    amount_minor: int
    currency: str = Field(sa_type=sa.Text)
    provider: Provider = Field(sa_type=sa.Enum(Provider, native_enum=False, length=10))
    payment_token: str = Field(sa_type=sa.Text)
    status: PaymentStatus = Field(
        default=PaymentStatus.PENDING, sa_type=sa.Enum(PaymentStatus, native_enum=False, length=10)
    )
    method: MethodKind | None = Field(default=None, sa_type=sa.Enum(MethodKind, native_enum=False, length=12))
    failure_code: str | None = Field(default=None, sa_type=sa.Text)
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    settled_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))


class Invoice(Model, table=True):
    """The bill of a payment, as it was issued. Amounts are in minor units; `taxes` and `lines` are lists of them.

    `subtotal_minor` and the taxes add up to the total with `round_off_minor`, which is -1, 0 or 1 for two taxes.
    """

    __tablename__ = "invoices"
    __table_args__ = (sa.Index("ix_invoices_user_id", "user_id", "issued_at", "id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    number: str = Field(sa_type=sa.Text, unique=True)
    payment_id: UUID = Field(foreign_key="payments.id", unique=True)
    user_id: str = Field(sa_type=sa.Text)
    issued_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    currency: str = Field(sa_type=sa.Text)
    subtotal_minor: int
    round_off_minor: int
    total_minor: int
    taxes: list[dict[str, Any]] = Field(sa_type=JSONB)
    lines: list[dict[str, Any]] = Field(sa_type=JSONB)
    sac: str = Field(sa_type=sa.Text)
    supplier_gstin: str | None = Field(default=None, sa_type=sa.Text)
    place_of_supply: str = Field(sa_type=sa.Text)


class InvoiceCounter(Model, table=True):
    """The number of the last invoice of a financial year, `26-27`."""

    __tablename__ = "invoice_counters"

    financial_year: str = Field(sa_type=sa.Text, primary_key=True)
    last_number: int


class PlanChange(Model, table=True):
    """A change of plan that was asked for under an idempotency key, of which only a digest is kept.

    Without a payment it was scheduled, or a scheduled one was withdrawn.
    """

    __tablename__ = "plan_changes"

    key_digest: str = Field(sa_type=sa.Text, primary_key=True)
    subscription_id: UUID = Field(foreign_key="subscriptions.id", index=True)
    plan_id: UUID = Field(foreign_key="plans.id")
    payment_id: UUID | None = Field(default=None, foreign_key="payments.id")
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))


class SandboxCharge(Model, table=True):
    """What the sandbox provider remembers of a charge: its own books, which nothing else reads or joins."""

    __tablename__ = "sandbox_charges"

    key: str = Field(sa_type=sa.Text, primary_key=True)
    token: str = Field(sa_type=sa.Text)
    amount_minor: int
    currency: str = Field(sa_type=sa.Text)
    failure_code: str | None = Field(default=None, sa_type=sa.Text)


class EntitlementVersion(Model, table=True):
    """How many times an account's entitlement was announced."""

    __tablename__ = "entitlement_versions"

    user_id: str = Field(sa_type=sa.Text, primary_key=True)
    version: int = Field(sa_type=sa.BigInteger)
