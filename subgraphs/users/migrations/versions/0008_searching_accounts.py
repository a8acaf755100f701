"""Indexes for administrators who look for accounts."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index("ix_users_created_at_id", "users", ["created_at", "id"])
    op.create_index("ix_users_email_beginning", "users", ["email"], postgresql_ops={"email": "text_pattern_ops"})


def downgrade() -> None:
    op.drop_index("ix_users_email_beginning", "users")
    op.drop_index("ix_users_created_at_id", "users")
