"""Several licences of one title."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("rights", sa.Column("licences", sa.Text, nullable=True))
