"""Decisions on grievances."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("grievances", sa.Column("decision", sa.Text))
    op.add_column("grievances", sa.Column("decided_at", sa.DateTime(timezone=True)))
    op.create_index("ix_grievances_status_due_at_id", "grievances", ["status", "due_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_grievances_status_due_at_id", "grievances")
    op.drop_column("grievances", "decided_at")
    op.drop_column("grievances", "decision")
