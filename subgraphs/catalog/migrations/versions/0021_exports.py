"""Exports that editors ask for."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "catalog_exports",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("titles_total", sa.Integer, nullable=True),
        sa.Column("titles_done", sa.Integer, nullable=False, server_default="0"),
        sa.Column("bytes_done", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("last_id", sa.Uuid, nullable=True),
        sa.Column("digest", sa.Text, nullable=True),
        sa.Column("failure_code", sa.Text, nullable=True),
        sa.Column("creation_key_hash", sa.Text, nullable=False),
        sa.CheckConstraint(
            "(finished_at IS NOT NULL) = (digest IS NOT NULL OR failure_code IS NOT NULL)", name="finished_says_how"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("creation_key_hash"),
    )
    waiting = sa.text("finished_at IS NULL")
    op.create_index("ix_catalog_exports_waiting", "catalog_exports", ["created_at", "id"], postgresql_where=waiting)
