"""Who agreed to ads chosen by who watches."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "targeting_consents",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("is_granted", sa.Boolean, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_targeting_consents"),
    )


def downgrade() -> None:
    op.drop_table("targeting_consents")
