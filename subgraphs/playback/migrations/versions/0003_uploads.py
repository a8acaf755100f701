"""Films on their way in: uploads, assets, jobs, captions; and the events that tell of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from subgraphs.shared.outbox import create_outbox_table

revision = "0003"
down_revision = "0002"


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    create_outbox_table(op)
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("part_size_bytes", sa.Integer, nullable=False),
        sa.Column("sha256", sa.Text, nullable=True),
        sa.Column("created_by", sa.Text, nullable=True),
        sa.Column("creation_key_hash", sa.Text, nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("completed_at", nullable=True),
        sa.Column("etags", ARRAY(sa.Text), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
        sa.UniqueConstraint("creation_key_hash", name="uq_uploads_creation_key_hash"),
        sa.CheckConstraint("kind IN ('VIDEO', 'CAPTIONS')", name="ck_uploads_kind_known"),
        sa.CheckConstraint("(completed_at IS NULL) = (etags IS NULL)", name="ck_uploads_complete_has_etags"),
    )
    op.create_index("ix_uploads_open", "uploads", ["expires_at"], postgresql_where=sa.text("completed_at IS NULL"))
    op.create_table(
        "video_assets",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("upload_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("uploaded_by", sa.Text, nullable=True),
        _moment("created_at"),
        sa.Column("facts", JSONB, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_video_assets"),
        sa.UniqueConstraint("upload_id", name="uq_video_assets_upload_id"),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name="fk_video_assets_upload_id"),
        sa.CheckConstraint(
            "status IN ('UPLOADED', 'PROCESSING', 'READY', 'FAILED')", name="ck_video_assets_status_known"
        ),
    )
    op.create_table(
        "caption_tracks",
        sa.Column("asset_id", sa.Uuid, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("is_forced", sa.Boolean, nullable=False),
        sa.Column("is_closed_caption", sa.Boolean, nullable=False),
        sa.Column("upload_id", sa.Uuid, nullable=False),
        _moment("added_at"),
        sa.PrimaryKeyConstraint("asset_id", "language", "is_forced", "is_closed_caption", name="pk_caption_tracks"),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["video_assets.id"], name="fk_caption_tracks_asset_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name="fk_caption_tracks_upload_id"),
    )
    op.create_table(
        "media_jobs",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("asset_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("losses", sa.Integer, nullable=False),
        sa.Column("error_code", sa.Text, nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        _moment("queued_at"),
        _moment("started_at", nullable=True),
        _moment("finished_at", nullable=True),
        _moment("lease_until", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_media_jobs"),
        sa.ForeignKeyConstraint(["asset_id"], ["video_assets.id"], name="fk_media_jobs_asset_id", ondelete="CASCADE"),
        sa.CheckConstraint(
            "status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')", name="ck_media_jobs_status_known"
        ),
        sa.CheckConstraint("kind IN ('ENCODE', 'CAPTIONS')", name="ck_media_jobs_kind_known"),
        sa.CheckConstraint("(status = 'RUNNING') = (lease_until IS NOT NULL)", name="ck_media_jobs_running_is_leased"),
        sa.CheckConstraint("(status = 'FAILED') = (error_code IS NOT NULL)", name="ck_media_jobs_failed_says_why"),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name="ck_media_jobs_progress_is_a_share"),
    )
    op.create_index(
        "uq_media_jobs_unfinished",
        "media_jobs",
        ["asset_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')"),
    )
    op.create_index("ix_media_jobs_asset", "media_jobs", ["asset_id", "queued_at"])
    op.create_index("ix_media_jobs_queued", "media_jobs", ["queued_at", "id"])
