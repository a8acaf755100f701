"""Profiles that object to personal recommendations."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "profiles",
        sa.Column("personalization_opt_out", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("profiles", "personalization_opt_out")
