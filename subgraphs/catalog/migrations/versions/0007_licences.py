"""Licences: where, when and to whom a title may be shown, several for one title."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("titles", sa.Column("has_licences", sa.Boolean, nullable=False, server_default="false"))
    op.create_table(
        "licences",
        sa.Column("title_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("countries", ARRAY(sa.Text), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("rentable", sa.Boolean, nullable=False),
        sa.CheckConstraint("tier IN ('FREE', 'PREMIUM')", name="tier_known"),
        sa.CheckConstraint("ends_at > starts_at", name="window_not_empty"),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("title_id", "position"),
    )
