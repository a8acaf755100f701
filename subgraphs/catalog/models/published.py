"""The catalog's tables and the words in their columns. Statements live in repository/.

Names and descriptions of everything live in `translations`, one row per owner and language; an owner is a title, a
season, an episode or a genre, told apart by its uuid alone. A playable has no name of its own: it is its title or
its episode.
"""

from datetime import date, datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlmodel import Field, SQLModel

from subgraphs.shared.postgres import subgraph_registry
from subgraphs.shared.values import MaturityRating


class TitleKind(Enum):
    """What a viewer browses."""

    MOVIE = "MOVIE"
    SHOW = "SHOW"
    SPORTS_EVENT = "SPORTS_EVENT"


TYPE_NAMES = {TitleKind.MOVIE: "Movie", TitleKind.SHOW: "Show", TitleKind.SPORTS_EVENT: "SportsEvent"}
"""The entity type of each kind: the first half of a title's global id."""


class PlayableKind(Enum):
    """What a viewer presses play on."""

    FEATURE = "FEATURE"
    EPISODE = "EPISODE"
    LIVE_EVENT = "LIVE_EVENT"
    REPLAY = "REPLAY"


class ImageRole(Enum):
    """Where a picture is shown."""

    POSTER = "POSTER"
    THUMBNAIL = "THUMBNAIL"
    SPOTLIGHT = "SPOTLIGHT"
    STILL = "STILL"
    AVATAR = "AVATAR"


class CreditRole(Enum):
    """What a person did for a title, in the order in which credits are shown."""

    DIRECTOR = "DIRECTOR"
    ACTOR = "ACTOR"
    HOST = "HOST"
    ATHLETE = "ATHLETE"
    WRITER = "WRITER"
    PRODUCER = "PRODUCER"
    COMPOSER = "COMPOSER"
    CINEMATOGRAPHER = "CINEMATOGRAPHER"
    EDITOR = "EDITOR"
    OTHER = "OTHER"


class MarkerKind(Enum):
    """What begins at a marker."""

    INTRO = "INTRO"
    RECAP = "RECAP"
    CREDITS = "CREDITS"
    PREVIEW = "PREVIEW"
    CHAPTER = "CHAPTER"
    AD_CUE = "AD_CUE"
    CONTENT_WARNING = "CONTENT_WARNING"
    TOBACCO_SPOT = "TOBACCO_SPOT"


class ContentDescriptor(Enum):
    """Why a title is rated as it is."""

    VIOLENCE = "VIOLENCE"
    LANGUAGE = "LANGUAGE"
    SEX = "SEX"
    NUDITY = "NUDITY"
    SUBSTANCE_ABUSE = "SUBSTANCE_ABUSE"
    TOBACCO = "TOBACCO"
    ALCOHOL = "ALCOHOL"
    HORROR = "HORROR"
    THREAT = "THREAT"
    THEMES = "THEMES"


_RATING_FLOORS = " ".join(f"WHEN '{rating.value}' THEN {rating.age_floor}" for rating in MaturityRating)


def _timestamp(*, nullable: bool) -> Any:
    return Field(default=None, sa_column=sa.Column(sa.DateTime(timezone=True), nullable=nullable))


def _texts(*, nullable: bool) -> Any:
    return Field(default=None, sa_column=sa.Column(ARRAY(sa.Text), nullable=nullable))


def _one_of(column: str, words: type[Enum]) -> sa.CheckConstraint:
    values = ", ".join(f"'{word.value}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


class Model(SQLModel, registry=subgraph_registry()):
    """Base of the catalog's tables."""


class Title(Model, table=True):
    """What a viewer browses: a movie, a show or a sports event.

    `age_floor` is the rating in years, 18 when unrated. `release_order` is the release date, or the first of January
    of the year where only that is known, or the year 1. `trending_boost` is 0 for what is not trending and highest for
    rank 1. Where `has_licences` is set, the rows of `licences` decide on window, countries, tier and rent, and the
    columns here are their envelope: true of a viewer whom any licence serves. `external_ids` are the names that others
    know it by, `imdb:tt0054215`. `source_digest` recognises an unchanged record of the seed or an import.
    """

    __tablename__ = "titles"
    __table_args__: ClassVar[Any] = (
        _one_of("kind", TitleKind),
        sa.CheckConstraint("required_tier IN ('FREE', 'PREMIUM')", name="tier_known"),
        sa.CheckConstraint(
            f"age_floor = CASE maturity_rating {_RATING_FLOORS} ELSE 18 END", name="age_floor_follows_rating"
        ),
        sa.CheckConstraint("available_until > available_from", name="window_not_empty"),
        sa.UniqueConstraint("slug"),
        sa.Index("ix_titles_trending", "trending_boost", "published_at", "id"),
        sa.Index("ix_titles_recent", "published_at", "id"),
        sa.Index(
            "ix_titles_untouched",
            sa.text("COALESCE(published_at, '1970-01-01 00:00:00+00'::timestamp with time zone)"),
            "id",
        ),
        sa.Index("ix_titles_name", "sort_name", "id"),
        sa.Index("ix_titles_release", "release_order", "id"),
        sa.Index(
            "ix_titles_external_ids",
            "external_ids",
            postgresql_using="gin",
            postgresql_where=sa.text("external_ids <> '{}'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    slug: str = Field(sa_type=sa.Text)
    original_name: str = Field(sa_type=sa.Text)
    sort_name: str = Field(sa_column=sa.Column(sa.Text(collation="C"), nullable=False))
    release_date: date | None
    release_year: int | None = Field(sa_type=sa.SmallInteger)
    release_order: date
    maturity_rating: str | None = Field(sa_type=sa.Text)
    age_floor: int = Field(sa_type=sa.SmallInteger)
    content_descriptors: list[str] = Field(
        default=None, sa_column=sa.Column(ARRAY(sa.Text), nullable=False, server_default="{}")
    )
    required_tier: str = Field(sa_type=sa.Text)
    rentable: bool
    audio_languages: list[str] = _texts(nullable=False)
    subtitle_languages: list[str] = _texts(nullable=False)
    published_at: datetime | None = _timestamp(nullable=True)
    available_from: datetime | None = _timestamp(nullable=True)
    available_until: datetime | None = _timestamp(nullable=True)
    countries: list[str] | None = _texts(nullable=True)
    trailer_url: str | None = Field(sa_type=sa.Text)
    external_ids: list[str] = Field(
        default=None, sa_column=sa.Column(ARRAY(sa.Text), nullable=False, server_default="{}")
    )
    has_licences: bool = Field(default=False, sa_column=sa.Column(sa.Boolean, nullable=False, server_default="false"))
    trending_boost: int = Field(sa_column=sa.Column(sa.Integer, nullable=False, server_default="0"))
    version: int
    source_digest: str = Field(sa_type=sa.Text)


class Licence(Model, table=True):
    """A right to show a title: where (None is everywhere), from when until when (excluded), to whom."""

    __tablename__ = "licences"
    __table_args__: ClassVar[Any] = (
        sa.CheckConstraint("tier IN ('FREE', 'PREMIUM')", name="tier_known"),
        sa.CheckConstraint("ends_at > starts_at", name="window_not_empty"),
    )

    title_id: UUID = Field(primary_key=True, foreign_key="titles.id", ondelete="CASCADE")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    countries: list[str] | None = _texts(nullable=True)
    starts_at: datetime | None = _timestamp(nullable=True)
    ends_at: datetime | None = _timestamp(nullable=True)
    tier: str = Field(sa_type=sa.Text)
    rentable: bool


class SportsFixture(Model, table=True):
    """What only a sports event has; `title_id` names its title."""

    __tablename__ = "sports_fixtures"
    __table_args__: ClassVar[Any] = (sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),)

    title_id: UUID = Field(primary_key=True, foreign_key="titles.id", ondelete="CASCADE")
    sport: str = Field(sa_type=sa.Text)
    competition: str | None = Field(sa_type=sa.Text)
    starts_at: datetime = _timestamp(nullable=False)
    ends_at: datetime = _timestamp(nullable=False)


class Season(Model, table=True):
    """A season of a show."""

    __tablename__ = "seasons"
    __table_args__: ClassVar[Any] = (sa.UniqueConstraint("title_id", "number"),)

    id: UUID = Field(primary_key=True)
    title_id: UUID = Field(foreign_key="titles.id", ondelete="CASCADE")
    number: int = Field(sa_type=sa.SmallInteger)
    release_date: date | None


class Episode(Model, table=True):
    """An episode of a season."""

    __tablename__ = "episodes"
    __table_args__: ClassVar[Any] = (sa.UniqueConstraint("season_id", "number"),)

    id: UUID = Field(primary_key=True)
    season_id: UUID = Field(foreign_key="seasons.id", ondelete="CASCADE")
    number: int = Field(sa_type=sa.SmallInteger)
    air_date: date | None


class Playable(Model, table=True):
    """What a viewer presses play on. Its id outlives re-encoding: progress hangs on it.

    `position` is its place in playing order within its title. `maturity_rating` is stored with the title's already
    taken into account: never milder than the title. `video_asset_id` is the film that plays, of playback.
    """

    __tablename__ = "playables"
    __table_args__: ClassVar[Any] = (
        _one_of("kind", PlayableKind),
        sa.CheckConstraint("(kind = 'EPISODE') = (episode_id IS NOT NULL)", name="episode_has_episode"),
        sa.CheckConstraint("duration_seconds > 0", name="duration_positive"),
        sa.CheckConstraint(
            f"age_floor = CASE maturity_rating {_RATING_FLOORS} ELSE 18 END", name="age_floor_follows_rating"
        ),
        sa.UniqueConstraint("episode_id"),
        # Looked at when the transaction ends: an episode put in the middle moves those behind it.
        sa.UniqueConstraint("title_id", "position", deferrable=True, initially="DEFERRED"),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    title_id: UUID = Field(foreign_key="titles.id", ondelete="CASCADE")
    episode_id: UUID | None = Field(foreign_key="episodes.id", ondelete="CASCADE")
    position: int = Field(sa_type=sa.SmallInteger)
    duration_seconds: int | None
    maturity_rating: str | None = Field(sa_type=sa.Text)
    age_floor: int = Field(sa_type=sa.SmallInteger)
    video_asset_id: UUID | None = None


class Marker(Model, table=True):
    """A moment or stretch of a playable, in milliseconds; `end_ms` None is a moment. They are numbered by time."""

    __tablename__ = "markers"
    __table_args__: ClassVar[Any] = (
        _one_of("kind", MarkerKind),
        sa.CheckConstraint("start_ms >= 0 AND end_ms > start_ms", name="stretch_not_empty"),
    )

    playable_id: UUID = Field(primary_key=True, foreign_key="playables.id", ondelete="CASCADE")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    kind: str = Field(sa_type=sa.Text)
    start_ms: int
    end_ms: int | None
    label: str | None = Field(sa_type=sa.Text)


class Translation(Model, table=True):
    """A name and a description in one language (BCP 47); `formatted` is the description as cleaned HTML, where it
    has marks."""

    __tablename__ = "translations"

    owner_id: UUID = Field(primary_key=True)
    locale: str = Field(primary_key=True, sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    description: str = Field(sa_column=sa.Column(sa.Text, nullable=False, server_default=""))
    formatted: str | None = Field(default=None, sa_type=sa.Text)


class Genre(Model, table=True):
    """A genre; `position` orders the list of all genres."""

    __tablename__ = "genres"
    __table_args__: ClassVar[Any] = (sa.UniqueConstraint("slug"),)

    id: UUID = Field(primary_key=True)
    slug: str = Field(sa_type=sa.Text)
    position: int = Field(sa_type=sa.SmallInteger)


class TitleGenre(Model, table=True):
    """A title's genres, the most fitting first; `age_floor` is the title's."""

    __tablename__ = "title_genres"
    __table_args__: ClassVar[Any] = (sa.Index("ix_title_genres_genre", "genre_id", "age_floor", "title_id"),)

    title_id: UUID = Field(primary_key=True, foreign_key="titles.id", ondelete="CASCADE")
    genre_id: UUID = Field(primary_key=True, foreign_key="genres.id", ondelete="CASCADE")
    position: int = Field(sa_type=sa.SmallInteger)
    age_floor: int = Field(sa_type=sa.SmallInteger)


class Person(Model, table=True):
    """Somebody who acts in titles or makes them."""

    __tablename__ = "people"

    id: UUID = Field(primary_key=True)
    name: str = Field(sa_type=sa.Text)


class Credit(Model, table=True):
    """What a person did for a title; `position` orders the credits of one role."""

    __tablename__ = "credits"
    __table_args__: ClassVar[Any] = (
        _one_of("role", CreditRole),
        sa.Index("ix_credits_person", "person_id", "title_id"),
    )

    title_id: UUID = Field(primary_key=True, foreign_key="titles.id", ondelete="CASCADE")
    role: str = Field(primary_key=True, sa_type=sa.Text)
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    person_id: UUID = Field(foreign_key="people.id", ondelete="CASCADE")
    character: str | None = Field(sa_type=sa.Text)


class Image(Model, table=True):
    """A picture of a title, an episode or a person, sizes in pixels: uploaded, else drawn from `seed` when first asked
    for; people's are never drawn."""

    __tablename__ = "images"
    __table_args__: ClassVar[Any] = (
        _one_of("role", ImageRole),
        sa.CheckConstraint("width > 0 AND height > 0", name="size_positive"),
        sa.UniqueConstraint("seed"),
        sa.Index("ix_images_owner", "owner_id"),
    )

    id: UUID = Field(primary_key=True)
    owner_id: UUID
    role: str = Field(sa_type=sa.Text)
    width: int
    height: int
    seed: int = Field(sa_type=sa.BigInteger)
    upload_id: UUID | None = Field(default=None)


class SearchDocument(Model, table=True):
    """What search reads of a title, a person or a collection.

    `names` holds every name in normal form between bars (`|the river|नदी|~river|`), and how it sounds; `words` the
    words of the names (weight A), of the people (B) and of the genres (C), and keys of whole names and of words that
    stand in names; `sounds` the consonants of the names' words; `tags` what filters ask for (repository/tags.py).
    All are written by service/words.py and sounds.py, not by PostgreSQL's parser, which breaks Devanagari at vowel
    signs. What `is_prominent` has an index of its own, which is looked through first (repository/prominence.py); a new
    document is.
    """

    __tablename__ = "search_documents"
    __table_args__: ClassVar[Any] = (
        sa.Index("ix_search_documents_all", "words", "sounds", "tags", postgresql_using="gin"),
        sa.Index(
            "ix_search_documents_prominent",
            *("words", "sounds", "tags"),
            postgresql_using="gin",
            postgresql_where=sa.text("is_prominent"),
        ),
        sa.Index("ix_search_documents_chosen", "owner_id", postgresql_where=sa.text("is_prominent")),
    )

    owner_id: UUID = Field(primary_key=True)
    is_person: bool
    names: str = Field(sa_type=sa.Text)
    words: str = Field(sa_column=sa.Column(TSVECTOR, nullable=False))
    sounds: str = Field(sa_column=sa.Column(TSVECTOR, nullable=False, server_default=""))
    tags: list[str] = Field(default=None, sa_column=sa.Column(ARRAY(sa.Text), nullable=False, server_default="{}"))
    is_prominent: bool = Field(default=True, sa_column=sa.Column(sa.Boolean, nullable=False, server_default=sa.true()))


class SearchWord(Model, table=True):
    """A word of any document with its spellings that lack one letter: how a search finds it in spite of a typo."""

    __tablename__ = "search_words"
    __table_args__: ClassVar[Any] = (sa.Index("ix_search_words_spellings", "spellings", postgresql_using="gin"),)

    word: str = Field(primary_key=True, sa_type=sa.Text)
    spellings: list[str] = _texts(nullable=False)


class TrendingSnapshot(Model, table=True):
    """When the ranks behind `titles.trending_boost` were computed: the one row has id 1."""

    __tablename__ = "trending_snapshot"

    id: int = Field(sa_column=sa.Column(sa.SmallInteger, primary_key=True, autoincrement=False))
    computed_at: datetime = _timestamp(nullable=False)


def table(model: type[Model]) -> sa.Table:
    """Return the table of a model, for statements."""
    return Model.metadata.tables[str(model.__tablename__)]
