"""What streams contain, and what viewers chose of it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("assets", sa.Column("contents", sa.Text, nullable=True))
    op.create_table(
        "track_choices",
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("audio", sa.Text, nullable=False),
        sa.Column("subtitle", sa.Text, nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "title_id", name="pk_track_choices"),
    )
