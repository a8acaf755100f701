"""Imports of titles: files that were sent, what becomes of each, what was wrong with rows and what they changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def upgrade() -> None:
    op.create_table(
        "import_uploads",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=True),
        sa.Column("digest", sa.Text, nullable=True),
        sa.CheckConstraint("(size_bytes IS NULL) = (digest IS NULL)", name="sent_whole"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_import_uploads_created", "import_uploads", ["created_at"])
    op.create_table(
        "catalog_imports",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_by", sa.Text, nullable=True),
        sa.Column("feed", sa.Text, nullable=True),
        sa.Column("file_id", sa.Uuid, nullable=True),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("rows_total", sa.Integer, nullable=True),
        *map(_number, ("rows_done", "inserted", "updated", "unchanged", "kept", "failed")),
        sa.Column("failure_code", sa.Text, nullable=True),
        sa.Column("failure_message", sa.Text, nullable=True),
        sa.Column("file_digest", sa.Text, nullable=True),
        sa.Column("compared", sa.Integer, nullable=True),
        sa.Column("matching", sa.Integer, nullable=True),
        sa.Column("source_checksum", sa.Text, nullable=True),
        sa.Column("stored_checksum", sa.Text, nullable=True),
        sa.Column("creation_key_hash", sa.Text, nullable=True),
        sa.CheckConstraint("state IN ('QUEUED', 'STORING', 'COMPARING', 'DONE', 'FAILED')", name="state_known"),
        sa.CheckConstraint("(state = 'FAILED') = (failure_code IS NOT NULL)", name="failed_says_why"),
        sa.CheckConstraint("(state IN ('DONE', 'FAILED')) = (finished_at IS NOT NULL)", name="finished_has_a_moment"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("creation_key_hash"),
    )
    op.create_index("ix_catalog_imports_created", "catalog_imports", ["created_at", "id"])
    op.create_index(
        "ix_catalog_imports_feed",
        "catalog_imports",
        ["feed", "created_at"],
        postgresql_where=sa.text("feed IS NOT NULL"),
    )
    op.create_index(
        "ix_catalog_imports_waiting",
        "catalog_imports",
        ["created_at", "id"],
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "catalog_import_errors",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("external_id", sa.Text, nullable=True),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["catalog_imports.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("import_id", "position"),
    )
    op.create_table(
        "catalog_import_changes",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("is_new", sa.Boolean, nullable=False),
        sa.Column("fields", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["catalog_imports.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("import_id", "position"),
    )
