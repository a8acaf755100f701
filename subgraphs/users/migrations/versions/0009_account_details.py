"""The state of an account, for invoices, and until when it is locked."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("users", sa.Column("state_code", sa.Text))
    op.add_column("users", sa.Column("locked_until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("users", "locked_until")
    op.drop_column("users", "state_code")
