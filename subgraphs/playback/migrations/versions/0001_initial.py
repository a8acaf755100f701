"""Rights, entitlements, assets and sessions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "titles",
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("title_id", name="pk_titles"),
    )
    op.create_table(
        "rights",
        sa.Column("playable_id", sa.Text, nullable=False),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("duration_seconds", sa.Integer, nullable=True),
        sa.Column("maturity_rating", sa.Text, nullable=True),
        sa.Column("required_tier", sa.Text, nullable=False),
        sa.Column("available_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("available_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("countries", ARRAY(sa.Text), nullable=True),
        sa.Column("audio_languages", ARRAY(sa.Text), nullable=False),
        sa.Column("subtitle_languages", ARRAY(sa.Text), nullable=False),
        sa.Column("asset_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("playable_id", name="pk_rights"),
    )
    op.create_index("ix_rights_title_id", "rights", ["title_id", "position"])
    op.create_table(
        "entitlements",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_entitlements"),
    )
    op.create_table(
        "assets",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("qualities", ARRAY(sa.Text), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assets"),
    )
    op.create_table(
        "playback_sessions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Text, nullable=True),
        sa.Column("profile_id", sa.Text, nullable=True),
        sa.Column("playable_id", sa.Text, nullable=False),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("duration_seconds", sa.Integer, nullable=True),
        sa.Column("device_type", sa.String(20), nullable=False),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("max_quality", sa.String(10), nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("resume_position_seconds", sa.Integer, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_playback_sessions"),
    )
    op.create_index(
        "uq_playback_sessions_idempotency",
        "playback_sessions",
        ["profile_id", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )


def downgrade() -> None:
    for table in ("playback_sessions", "assets", "entitlements", "rights", "titles"):
        op.drop_table(table)
