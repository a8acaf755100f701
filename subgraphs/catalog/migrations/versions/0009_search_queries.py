"""What is searched for, as figures."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "search_query_days",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("searches", sa.Integer, nullable=False),
        sa.Column("zero_results", sa.Integer, nullable=False),
        sa.CheckConstraint("zero_results <= searches", name="zeroes_are_searches"),
        sa.PrimaryKeyConstraint("day", "query"),
    )
