"""Who objects to personal rows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "personalization_choices",
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("is_opted_out", sa.Boolean, nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("profile_id", name="pk_personalization_choices"),
    )


def downgrade() -> None:
    op.drop_table("personalization_choices")
