"""Drafts of titles, their versions and the log of what editors did; playables may change places."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "cms_titles",
        sa.Column("title_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("live_version", sa.Integer, nullable=True),
        sa.Column("created_by", sa.Text, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", JSONB, nullable=False),
        sa.Column("creation_key_hash", sa.Text, nullable=True),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'PENDING_REVIEW', 'APPROVED', 'SCHEDULED', 'PUBLISHED', 'ARCHIVED')",
            name="ck_cms_titles_state_known",
        ),
        sa.CheckConstraint(
            "(state = 'SCHEDULED') = (publish_at IS NOT NULL)", name="ck_cms_titles_scheduled_has_a_moment"
        ),
        sa.CheckConstraint("live_version <= version", name="ck_cms_titles_live_is_a_version"),
        sa.PrimaryKeyConstraint("title_id", name="pk_cms_titles"),
        sa.UniqueConstraint("creation_key_hash", name="uq_cms_titles_creation_key_hash"),
    )
    op.create_index("ix_cms_titles_updated", "cms_titles", ["updated_at", "title_id"])
    op.create_index(
        "ix_cms_titles_due", "cms_titles", ["publish_at"], postgresql_where=sa.text("publish_at IS NOT NULL")
    )
    op.create_table(
        "cms_versions",
        sa.Column("title_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("draft", JSONB, nullable=False),
        sa.ForeignKeyConstraint(
            ["title_id"], ["cms_titles.title_id"], name="fk_cms_versions_title_id_cms_titles", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("title_id", "version", name="pk_cms_versions"),
    )
    op.create_table(
        "cms_log",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("title_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text, nullable=True),
        sa.ForeignKeyConstraint(
            ["title_id"], ["cms_titles.title_id"], name="fk_cms_log_title_id_cms_titles", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cms_log"),
    )
    op.create_index("ix_cms_log_title", "cms_log", ["title_id", "id"])
    op.drop_constraint("uq_playables_title_id_position", "playables")
    op.create_unique_constraint(
        "uq_playables_title_id_position", "playables", ["title_id", "position"], deferrable=True, initially="DEFERRED"
    )
