"""Which film plays, and by which names editors sent films."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("playables", sa.Column("video_asset_id", sa.Uuid, nullable=True))
    op.create_table(
        "video_files",
        sa.Column("asset_id", sa.Uuid, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("asset_id"),
    )
    op.create_index("ix_video_files_name", "video_files", ["file_name", "uploaded_at"])
