"""Devices, letters' tokens, and what a profile prefers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("agent", sa.Text, nullable=True),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("ip_hash", sa.Text, nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_devices_user_id_users", ondelete="CASCADE"),
        sa.UniqueConstraint("user_id", "client_id", name="uq_devices_user_id_client_id"),
    )
    op.create_table(
        "email_tokens",
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_email_tokens"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_email_tokens_user_id_users", ondelete="CASCADE"),
        sa.UniqueConstraint("user_id", "purpose", name="uq_email_tokens_user_id_purpose"),
    )
    op.add_column("profiles", sa.Column("pin_hash", sa.Text, nullable=True))
    op.add_column("profiles", sa.Column("preferred_quality", sa.String(20), nullable=False, server_default="AUTO"))
    for name in ("autoplay_next", "autoplay_previews", "skip_intros"):
        default = sa.false() if name == "skip_intros" else sa.true()
        op.add_column("profiles", sa.Column(name, sa.Boolean, nullable=False, server_default=default))


def downgrade() -> None:
    for name in ("skip_intros", "autoplay_previews", "autoplay_next", "preferred_quality", "pin_hash"):
        op.drop_column("profiles", name)
    op.drop_table("email_tokens")
    op.drop_table("devices")
