"""Trays for segments of viewers, and for buckets of an experiment."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for column in (
        sa.Column("segments", ARRAY(sa.Text), nullable=True),
        sa.Column("experiment", sa.Text, nullable=True),
        sa.Column("bucket_from", sa.SmallInteger, nullable=True),
        sa.Column("bucket_until", sa.SmallInteger, nullable=True),
    ):
        op.add_column("tray_definitions", column)
