"""Markers of what plays; why titles are rated as they are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0006"
down_revision = "0005"

_KINDS = ("INTRO", "RECAP", "CREDITS", "PREVIEW", "CHAPTER", "AD_CUE", "CONTENT_WARNING", "TOBACCO_SPOT")


def upgrade() -> None:
    op.add_column("titles", sa.Column("content_descriptors", ARRAY(sa.Text), nullable=False, server_default="{}"))
    kinds = ", ".join(f"'{kind}'" for kind in _KINDS)
    op.create_table(
        "markers",
        sa.Column("playable_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("start_ms", sa.Integer, nullable=False),
        sa.Column("end_ms", sa.Integer, nullable=True),
        sa.Column("label", sa.Text, nullable=True),
        sa.CheckConstraint(f"kind IN ({kinds})", name="kind_known"),
        sa.CheckConstraint("start_ms >= 0 AND end_ms > start_ms", name="stretch_not_empty"),
        sa.ForeignKeyConstraint(["playable_id"], ["playables.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("playable_id", "position"),
    )
