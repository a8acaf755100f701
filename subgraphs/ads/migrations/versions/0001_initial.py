"""Campaigns, creatives, projected entitlements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("advertiser", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("priority", sa.String(10), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("countries", ARRAY(sa.Text), nullable=True),
        sa.Column("click_through_url", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
        sa.CheckConstraint("ends_at > starts_at", name="flight_has_length"),
    )
    op.create_index("ix_campaigns_ends_at", "campaigns", ["ends_at"])
    op.create_table(
        "creatives",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("image_path", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_creatives"),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_creatives_campaign_id_campaigns", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_creatives_campaign_id", "creatives", ["campaign_id"])
    op.create_table(
        "entitlements",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("tier", sa.String(10), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_entitlements"),
    )


def downgrade() -> None:
    for table in ("entitlements", "creatives", "campaigns"):
        op.drop_table(table)
