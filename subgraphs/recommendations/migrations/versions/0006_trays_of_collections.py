"""Trays in which collections stand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("tray_definitions", sa.Column("collection_ids", ARRAY(sa.Text), nullable=True))
