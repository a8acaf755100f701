"""Title features, plays, engagement, entitlements, trends, tray definitions, the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from subgraphs.shared.outbox import create_outbox_table

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_facts()
    create_rankings()
    create_outbox_table(op)


def create_facts() -> None:
    op.create_table(
        "titles",
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("names", JSONB, nullable=False),
        sa.Column("genres", ARRAY(sa.Text), nullable=False),
        sa.Column("genre_names", JSONB, nullable=False),
        sa.Column("people", ARRAY(sa.Text), nullable=False),
        sa.Column("credits", JSONB, nullable=False),
        sa.Column("languages", ARRAY(sa.Text), nullable=False),
        sa.Column("release_date", sa.Date, nullable=True),
        sa.Column("age_floor", sa.SmallInteger, nullable=False),
        sa.Column("required_tier", sa.Text, nullable=False),
        sa.Column("available_from", MOMENT, nullable=True),
        sa.Column("available_until", MOMENT, nullable=True),
        sa.Column("countries", ARRAY(sa.Text), nullable=True),
        sa.Column("trend_rank", sa.Integer, nullable=True),
        sa.Column("trend_score", sa.Float, nullable=True),
        sa.PrimaryKeyConstraint("title_id", name="pk_titles"),
    )
    op.create_index("ix_titles_genres", "titles", ["genres"], postgresql_using="gin")
    op.create_index("ix_titles_people", "titles", ["people"], postgresql_using="gin")
    newest_first = sa.text("release_date DESC NULLS LAST")
    op.create_index("ix_titles_trend_rank_release_date", "titles", ["trend_rank", newest_first, "title_id"])
    op.create_index("ix_titles_release_date", "titles", [newest_first, "title_id"])
    op.create_table(
        "plays",
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("weight", sa.SmallInteger, nullable=False),
        sa.Column("completion", sa.Float, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "title_id", "day", name="pk_plays"),
    )
    op.create_index("ix_plays_last_at", "plays", ["last_at"])
    op.create_table(
        "engagement",
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("rating", sa.SmallInteger, nullable=False),
        sa.Column("rated_at", MOMENT, nullable=True),
        sa.Column("is_watchlisted", sa.Boolean, nullable=False),
        sa.Column("watchlisted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("profile_id", "title_id", name="pk_engagement"),
    )
    op.create_table(
        "cleared_histories",
        sa.Column("profile_id", sa.Text, nullable=False),
        sa.Column("cleared_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("profile_id", name="pk_cleared_histories"),
    )
    op.create_table(
        "entitlements",
        sa.Column("user_id", sa.Text, nullable=False),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_entitlements"),
    )


def create_rankings() -> None:
    op.create_table(
        "trends",
        sa.Column("period", sa.String(32), nullable=False),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("previous_rank", sa.Integer, nullable=True),
        sa.Column("computed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("period", "title_id", name="pk_trends"),
    )
    op.create_index("ix_trends_period_rank", "trends", ["period", "rank"])
    op.create_table(
        "tray_definitions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("page", sa.String(32), nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("layout", sa.String(32), nullable=False),
        sa.Column("headings", JSONB, nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("argument", sa.Text, nullable=True),
        sa.Column("title_kinds", ARRAY(sa.Text), nullable=True),
        sa.Column("size", sa.SmallInteger, nullable=False),
        sa.Column("min_items", sa.SmallInteger, nullable=False),
        sa.Column("ad_after", sa.SmallInteger, nullable=True),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tray_definitions"),
    )
    op.create_index("ix_tray_definitions_page_position", "tray_definitions", ["page", "position"])
