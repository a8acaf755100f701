"""Pictures that editors upload; addresses of trailers."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "image_uploads",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("width", sa.Integer, nullable=True),
        sa.Column("height", sa.Integer, nullable=True),
        sa.CheckConstraint("(width IS NULL) = (height IS NULL)", name="size_whole"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_image_uploads_created", "image_uploads", ["created_at"])
    op.add_column("images", sa.Column("upload_id", sa.Uuid, nullable=True))
    op.add_column("titles", sa.Column("trailer_url", sa.Text, nullable=True))
