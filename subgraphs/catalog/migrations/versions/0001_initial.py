"""Titles and all that hangs on them, search documents, the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from subgraphs.shared.outbox import create_outbox_table

revision = "0001"
down_revision = None

AGE_FLOOR_FOLLOWS_RATING = (
    "age_floor = CASE maturity_rating WHEN 'U' THEN 0 WHEN 'UA_7' THEN 7 WHEN 'UA_13' THEN 13 "
    "WHEN 'UA_16' THEN 16 WHEN 'A' THEN 18 ELSE 18 END"
)


def upgrade() -> None:
    op.create_table(
        "genres",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_genres"),
        sa.UniqueConstraint("slug", name="uq_genres_slug"),
    )
    op.create_table(
        "images",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.CheckConstraint("role IN ('POSTER', 'THUMBNAIL', 'SPOTLIGHT', 'STILL')", name="ck_images_role_known"),
        sa.CheckConstraint("width > 0 AND height > 0", name="ck_images_size_positive"),
        sa.PrimaryKeyConstraint("id", name="pk_images"),
        sa.UniqueConstraint("seed", name="uq_images_seed"),
    )
    op.create_index("ix_images_owner", "images", ["owner_id"])
    create_outbox_table(op)
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "search_documents",
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("is_person", sa.Boolean, nullable=False),
        sa.Column("names", sa.Text, nullable=False),
        sa.Column("words", TSVECTOR, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name="pk_search_documents"),
    )
    op.create_index("ix_search_documents_words", "search_documents", ["words"], postgresql_using="gin")
    op.create_table(
        "search_words",
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("spellings", ARRAY(sa.Text), nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_search_words"),
    )
    op.create_index("ix_search_words_spellings", "search_words", ["spellings"], postgresql_using="gin")
    op.create_table(
        "titles",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("original_name", sa.Text, nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("release_date", sa.Date, nullable=True),
        sa.Column("release_year", sa.SmallInteger, nullable=True),
        sa.Column("release_order", sa.Date, nullable=False),
        sa.Column("maturity_rating", sa.Text, nullable=True),
        sa.Column("age_floor", sa.SmallInteger, nullable=False),
        sa.Column("required_tier", sa.Text, nullable=False),
        sa.Column("rentable", sa.Boolean, nullable=False),
        sa.Column("audio_languages", ARRAY(sa.Text), nullable=False),
        sa.Column("subtitle_languages", ARRAY(sa.Text), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("available_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("available_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("countries", ARRAY(sa.Text), nullable=True),
        sa.Column("trending_boost", sa.Integer, server_default="0", nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("source_digest", sa.Text, nullable=False),
        sa.CheckConstraint(AGE_FLOOR_FOLLOWS_RATING, name="ck_titles_age_floor_follows_rating"),
        sa.CheckConstraint("kind IN ('MOVIE', 'SHOW', 'SPORTS_EVENT')", name="ck_titles_kind_known"),
        sa.CheckConstraint("required_tier IN ('FREE', 'PREMIUM')", name="ck_titles_tier_known"),
        sa.CheckConstraint("available_until > available_from", name="ck_titles_window_not_empty"),
        sa.PrimaryKeyConstraint("id", name="pk_titles"),
        sa.UniqueConstraint("slug", name="uq_titles_slug"),
    )
    op.create_index("ix_titles_name", "titles", ["sort_name", "id"])
    op.create_index("ix_titles_recent", "titles", ["published_at", "id"])
    op.create_index("ix_titles_release", "titles", ["release_order", "id"])
    op.create_index("ix_titles_trending", "titles", ["trending_boost", "published_at", "id"])
    op.create_table(
        "translations",
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("locale", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "locale", name="pk_translations"),
    )
    op.create_table(
        "trending_snapshot",
        sa.Column("id", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trending_snapshot"),
    )
    op.create_table(
        "credits",
        sa.Column("title_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("character", sa.Text, nullable=True),
        sa.CheckConstraint("role IN ('ACTOR', 'DIRECTOR')", name="ck_credits_role_known"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_credits_person_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name="fk_credits_title_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("title_id", "role", "position", name="pk_credits"),
    )
    op.create_index("ix_credits_person", "credits", ["person_id", "title_id"])
    op.create_table(
        "seasons",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("title_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.SmallInteger, nullable=False),
        sa.Column("release_date", sa.Date, nullable=True),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name="fk_seasons_title_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_seasons"),
        sa.UniqueConstraint("title_id", "number", name="uq_seasons_title_id_number"),
    )
    op.create_table(
        "sports_fixtures",
        sa.Column("title_id", sa.Uuid, nullable=False),
        sa.Column("sport", sa.Text, nullable=False),
        sa.Column("competition", sa.Text, nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name="ck_sports_fixtures_ends_after_start"),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name="fk_sports_fixtures_title_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("title_id", name="pk_sports_fixtures"),
    )
    op.create_table(
        "title_genres",
        sa.Column("title_id", sa.Uuid, nullable=False),
        sa.Column("genre_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.ForeignKeyConstraint(["genre_id"], ["genres.id"], name="fk_title_genres_genre_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name="fk_title_genres_title_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("title_id", "genre_id", name="pk_title_genres"),
    )
    op.create_index("ix_title_genres_genre", "title_genres", ["genre_id", "title_id"])
    op.create_table(
        "episodes",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("season_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.SmallInteger, nullable=False),
        sa.Column("air_date", sa.Date, nullable=True),
        sa.ForeignKeyConstraint(["season_id"], ["seasons.id"], name="fk_episodes_season_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_episodes"),
        sa.UniqueConstraint("season_id", "number", name="uq_episodes_season_id_number"),
    )
    op.create_table(
        "playables",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title_id", sa.Uuid, nullable=False),
        sa.Column("episode_id", sa.Uuid, nullable=True),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("duration_seconds", sa.Integer, nullable=True),
        sa.Column("maturity_rating", sa.Text, nullable=True),
        sa.Column("age_floor", sa.SmallInteger, nullable=False),
        sa.CheckConstraint("(kind = 'EPISODE') = (episode_id IS NOT NULL)", name="ck_playables_episode_has_episode"),
        sa.CheckConstraint(AGE_FLOOR_FOLLOWS_RATING, name="ck_playables_age_floor_follows_rating"),
        sa.CheckConstraint("kind IN ('FEATURE', 'EPISODE', 'LIVE_EVENT', 'REPLAY')", name="ck_playables_kind_known"),
        sa.CheckConstraint("duration_seconds > 0", name="ck_playables_duration_positive"),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name="fk_playables_episode_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name="fk_playables_title_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_playables"),
        sa.UniqueConstraint("episode_id", name="uq_playables_episode_id"),
        sa.UniqueConstraint("title_id", "position", name="uq_playables_title_id_position"),
    )


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("search_documents")
    op.drop_table("search_words")
    op.drop_table("images")
    op.drop_table("translations")
    op.drop_table("trending_snapshot")
    op.drop_table("credits")
    op.drop_table("people")
    op.drop_table("title_genres")
    op.drop_table("genres")
    op.drop_table("playables")
    op.drop_table("episodes")
    op.drop_table("seasons")
    op.drop_table("sports_fixtures")
    op.drop_table("titles")
