"""Renewal: how a subscription is paid; payments, invoices, changes of plan, and the sandbox provider's books."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)
_LIVING = sa.text("status IN ('TRIALING', 'ACTIVE', 'PAST_DUE', 'PAUSED')")
_ADDED = (
    sa.Column("cancellation_reason", sa.Text),
    sa.Column("scheduled_plan_id", sa.Uuid),
    # Until now nothing could be paid but in the sandbox.
    sa.Column("provider", sa.String(10), nullable=False, server_default="FAKE"),
    sa.Column("payment_token", sa.Text, nullable=False, server_default="sandbox:approve"),
    sa.Column("billing_state", sa.Text),
    sa.Column("failed_charges", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_retry_at", _MOMENT),
)


def upgrade() -> None:
    for column in _ADDED:
        op.add_column("subscriptions", column)
    for name in ("provider", "payment_token", "failed_charges"):
        op.alter_column("subscriptions", name, server_default=None)
    op.create_foreign_key(
        "fk_subscriptions_scheduled_plan_id_plans", "subscriptions", "plans", ["scheduled_plan_id"], ["id"]
    )
    op.create_index("ix_subscriptions_due", "subscriptions", ["current_period_end"], postgresql_where=_LIVING)
    _create_payments()
    _create_invoices()
    op.create_table(
        "plan_changes",
        sa.Column("key_digest", sa.Text, nullable=False),
        sa.Column("subscription_id", sa.Uuid, nullable=False),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("payment_id", sa.Uuid),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name="pk_plan_changes"),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name="fk_plan_changes_subscription_id_subscriptions"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_changes_plan_id_plans"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_plan_changes_payment_id_payments"),
    )
    op.create_index("ix_plan_changes_subscription_id", "plan_changes", ["subscription_id"])
    op.create_table(
        "sandbox_charges",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.Integer, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("failure_code", sa.Text),
        sa.PrimaryKeyConstraint("key", name="pk_sandbox_charges"),
    )


def _create_payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("subscription_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("plan_id", sa.Uuid, nullable=False),
        sa.Column("price_minor", sa.Integer, nullable=False),
        sa.Column("credit_minor", sa.Integer, nullable=False),
        sa.Column("amount_minor", sa.Integer, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("provider", sa.String(10), nullable=False),
        sa.Column("payment_token", sa.Text, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("method", sa.String(12)),
        sa.Column("failure_code", sa.Text),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("settled_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        sa.UniqueConstraint("key", name="uq_payments_key"),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name="fk_payments_subscription_id_subscriptions"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_payments_plan_id_plans"),
        sa.CheckConstraint("amount_minor > 0 AND amount_minor = price_minor - credit_minor", name="amount_is_due"),
    )
    op.create_index(
        "uq_payments_pending",
        "payments",
        ["subscription_id"],
        unique=True,
        postgresql_where=sa.text("status = 'PENDING'"),
    )
    op.create_index("ix_payments_user_id", "payments", ["user_id", "created_at", "id"])


def _create_invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("payment_id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("issued_at", _MOMENT, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("subtotal_minor", sa.Integer, nullable=False),
        sa.Column("round_off_minor", sa.Integer, nullable=False),
        sa.Column("total_minor", sa.Integer, nullable=False),
        sa.Column("taxes", JSONB, nullable=False),
        sa.Column("lines", JSONB, nullable=False),
        sa.Column("sac", sa.Text, nullable=False),
        sa.Column("supplier_gstin", sa.Text),
        sa.Column("place_of_supply", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invoices"),
        sa.UniqueConstraint("number", name="uq_invoices_number"),
        sa.UniqueConstraint("payment_id", name="uq_invoices_payment_id"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_invoices_payment_id_payments"),
    )
    op.create_index("ix_invoices_user_id", "invoices", ["user_id", "issued_at", "id"])
    op.create_table(
        "invoice_counters",
        sa.Column("financial_year", sa.Text, nullable=False),
        sa.Column("last_number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("financial_year", name="pk_invoice_counters"),
    )


def downgrade() -> None:
    for table in ("sandbox_charges", "plan_changes", "invoice_counters", "invoices", "payments"):
        op.drop_table(table)
    op.drop_index("ix_subscriptions_due", "subscriptions")
    op.drop_constraint("fk_subscriptions_scheduled_plan_id_plans", "subscriptions")
    for column in _ADDED:
        op.drop_column("subscriptions", column.name)
