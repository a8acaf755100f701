"""What viewers wait for; what editors did with genres and people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("title_id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("age_limit", sa.SmallInteger, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "title_id"),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_reminders_title", "reminders", ["title_id"])
    op.create_table(
        "cms_register_log",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("before", JSONB, nullable=True),
        sa.Column("after", JSONB, nullable=False),
        sa.Column("author", sa.Text, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(version = 1) OR (before IS NOT NULL)", name="changes_have_a_before"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner_id", "version"),
    )
