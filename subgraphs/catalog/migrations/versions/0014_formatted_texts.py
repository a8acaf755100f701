"""Descriptions with marks."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("translations", sa.Column("formatted", sa.Text, nullable=True))
