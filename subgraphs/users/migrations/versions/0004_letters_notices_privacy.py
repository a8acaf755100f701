"""Letters, notices, and what the law asks for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _create_letters_and_notices()
    _create_announcements()
    _create_privacy()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _owner() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE")


def _create_letters_and_notices() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("dedup_key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=True),
        sa.Column("recipient_index", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _moment("next_attempt_at", nullable=True),
        _moment("claimed_at", nullable=True),
        sa.Column("last_error", sa.Text, nullable=True),
        _moment("created_at"),
        _moment("sent_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("dedup_key", name="uq_mails_dedup_key"),
    )
    for column in ("user_id", "recipient_index", "created_at"):
        op.create_index(f"ix_mails_{column}", "mails", [column])
    op.create_index("ix_mails_due", "mails", ["next_attempt_at"], postgresql_where=sa.text("status = 'QUEUED'"))
    op.create_index("ix_mails_sending", "mails", ["claimed_at"], postgresql_where=sa.text("status = 'SENDING'"))
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("position", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("dedup_key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("deep_link", sa.Text, nullable=True),
        _moment("created_at"),
        _moment("read_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
        sa.UniqueConstraint("user_id", "dedup_key", name="uq_notifications_user_id_dedup_key"),
        _owner(),
    )
    op.create_index("ix_notifications_created_at", "notifications", ["created_at"])
    op.create_index("ix_notifications_user_id_position", "notifications", ["user_id", "position"])
    op.create_index(
        "ix_notifications_unread", "notifications", ["user_id", "position"], postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_table(
        "notification_preferences",
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("channels", ARRAY(sa.Text), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "kind", name="pk_notification_preferences"),
        _owner(),
    )


def _create_announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("deep_link", sa.Text, nullable=True),
        sa.Column("channels", ARRAY(sa.Text), nullable=False),
        sa.Column("segment", sa.Text, nullable=False),
        _moment("send_at"),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("last_user_id", sa.Uuid, nullable=True),
        sa.Column("recipients", sa.Integer, nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_announcements"),
    )
    op.create_index("ix_announcements_due", "announcements", ["send_at"], postgresql_where=sa.text("status <> 'SENT'"))


def _create_privacy() -> None:
    op.create_table(
        "consents",
        sa.Column("position", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        _moment("at"),
        sa.PrimaryKeyConstraint("position", name="pk_consents"),
        _owner(),
    )
    op.create_index("ix_consents_user_id_purpose", "consents", ["user_id", "purpose", "position"])
    op.create_table(
        "account_deletions",
        sa.Column("user_id", sa.Uuid, nullable=False),
        _moment("requested_at"),
        _moment("purge_after"),
        sa.PrimaryKeyConstraint("user_id", name="pk_account_deletions"),
        _owner(),
    )
    op.create_index("ix_account_deletions_purge_after", "account_deletions", ["purge_after"])
    op.create_table(
        "account_purges",
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("profile_ids", ARRAY(sa.Uuid), nullable=False),
        _moment("purged_at"),
        _moment("sweep_at"),
        sa.PrimaryKeyConstraint("user_id", name="pk_account_purges"),
    )
    op.create_index("ix_account_purges_sweep_at", "account_purges", ["sweep_at"])
    op.create_table(
        "data_exports",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        _moment("requested_at"),
        _moment("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_data_exports"),
        _owner(),
    )
    for column in ("user_id", "expires_at"):
        op.create_index(f"ix_data_exports_{column}", "data_exports", [column])
    op.create_table(
        "grievances",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=True),
        sa.Column("subject_id", sa.Text, nullable=True),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        _moment("received_at"),
        _moment("due_at"),
        sa.PrimaryKeyConstraint("id", name="pk_grievances"),
    )
    for column in ("user_id", "received_at"):
        op.create_index(f"ix_grievances_{column}", "grievances", [column])


def downgrade() -> None:
    for table in (
        "grievances",
        "data_exports",
        "account_purges",
        "account_deletions",
        "consents",
        "announcements",
        "notification_preferences",
        "notifications",
        "mails",
    ):
        op.drop_table(table)
