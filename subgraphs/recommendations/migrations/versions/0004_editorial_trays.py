"""Trays that curators arrange: pinned, aimed, scheduled; collections to fill them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "collections",
        sa.Column("collection_id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("title_ids", ARRAY(sa.Text), nullable=False),
        sa.PrimaryKeyConstraint("collection_id", name="pk_collections"),
    )
    for column in (
        sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("starts_at", MOMENT, nullable=True),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("in_countries", ARRAY(sa.Text), nullable=True),
        sa.Column("tiers", ARRAY(sa.Text), nullable=True),
        sa.Column("devices", ARRAY(sa.Text), nullable=True),
        sa.Column("languages", ARRAY(sa.Text), nullable=True),
        sa.Column("age_limits", ARRAY(sa.SmallInteger), nullable=True),
        sa.Column("kids", sa.Boolean, nullable=True),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    ):
        op.add_column("tray_definitions", column)
