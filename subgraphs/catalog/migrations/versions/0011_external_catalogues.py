"""What others call our titles; catalogues of others."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("titles", sa.Column("external_ids", postgresql.ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.create_index(
        "ix_titles_external_ids",
        "titles",
        ["external_ids"],
        postgresql_using="gin",
        postgresql_where=sa.text("external_ids <> '{}'"),
    )
    op.create_table(
        "external_catalogues",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text, nullable=True),
    )
    op.create_table(
        "external_titles",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("catalogue", sa.Text, sa.ForeignKey("external_catalogues.name", ondelete="CASCADE"), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("source_name", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("words", postgresql.TSVECTOR, nullable=False),
        sa.Column("language", sa.Text, nullable=True),
        sa.Column("cost_minor", sa.Integer, nullable=True),
        sa.Column("currency", sa.Text, nullable=True),
        sa.Column("deep_link", sa.Text, nullable=True),
        sa.Column("maturity_rating", sa.Text, nullable=True),
        sa.Column("age_floor", sa.SmallInteger, nullable=False),
        sa.Column("external_ids", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('NETFLIX', 'PRIME', 'OTHER')", name="source_known"),
        sa.CheckConstraint("cost_minor >= 0", name="cost_not_negative"),
        sa.CheckConstraint("(cost_minor IS NULL) = (currency IS NULL)", name="cost_whole"),
        sa.CheckConstraint(
            "age_floor = CASE maturity_rating WHEN 'U' THEN 0 WHEN 'UA_7' THEN 7 WHEN 'UA_13' THEN 13 "
            "WHEN 'UA_16' THEN 16 WHEN 'A' THEN 18 ELSE 18 END",
            name="age_floor_follows_rating",
        ),
        sa.UniqueConstraint("catalogue", "key"),
    )
    op.create_index("ix_external_titles_name", "external_titles", ["sort_name", "id"])
    op.create_index("ix_external_titles_source", "external_titles", ["source", "sort_name", "id"])
    op.create_index("ix_external_titles_words", "external_titles", ["words"], postgresql_using="gin")
