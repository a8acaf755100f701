"""Bulk operations on titles, and their items."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "cms_bulk_operations",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("change", JSONB, nullable=False),
        sa.Column("creation_key_hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cms_bulk_operations"),
        sa.UniqueConstraint("creation_key_hash", name="uq_cms_bulk_operations_creation_key_hash"),
    )
    op.create_table(
        "cms_bulk_items",
        sa.Column("operation_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=True),
        sa.Column("message", sa.Text, nullable=True),
        sa.CheckConstraint("state IN ('PENDING', 'DONE', 'FAILED')", name="ck_cms_bulk_items_state_known"),
        sa.CheckConstraint("(state = 'FAILED') = (code IS NOT NULL)", name="ck_cms_bulk_items_failed_says_why"),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["cms_bulk_operations.id"],
            name="fk_cms_bulk_items_operation_id_cms_bulk_operations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operation_id", "position", name="pk_cms_bulk_items"),
    )
    op.create_index(
        "ix_cms_bulk_items_pending",
        "cms_bulk_items",
        ["operation_id", "position"],
        postgresql_where=sa.text("state = 'PENDING'"),
    )
