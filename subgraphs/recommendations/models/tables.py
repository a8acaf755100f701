"""Tables of the recommendations subgraph. Ids of other domains are global ids, as text."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from subgraphs.recommendations.models.words import PageSlug, RowSource, TrayKind, TrayLayout, TrendPeriod
from subgraphs.shared.postgres import subgraph_registry


def _enum(enum: type[Any]) -> Any:
    return sa.Enum(enum, native_enum=False, length=32)


def _texts(**options: Any) -> Any:
    return Field(sa_type=ARRAY(sa.Text), **options)


def _moment(**options: Any) -> Any:
    return Field(sa_type=sa.DateTime(timezone=True), **options)


class Model(SQLModel, registry=subgraph_registry()):
    """Base of this subgraph's tables."""


class Title(Model, table=True):
    """What ranking needs to know of a title. `genres` are slugs, `people` ids; both have an inverted index.

    `trend_rank` and `trend_score` repeat the seven-day chart, so that every row can be read in its order.
    """

    __tablename__ = "titles"
    __table_args__ = (
        sa.Index("ix_titles_genres", "genres", postgresql_using="gin"),
        sa.Index("ix_titles_people", "people", postgresql_using="gin"),
        sa.Index(
            "ix_titles_trend_rank_release_date", "trend_rank", sa.text("release_date DESC NULLS LAST"), "title_id"
        ),
        sa.Index("ix_titles_release_date", sa.text("release_date DESC NULLS LAST"), "title_id"),
    )

    title_id: str = Field(sa_type=sa.Text, primary_key=True)
    version: int = Field(sa_type=sa.BigInteger)
    published: bool
    kind: str = Field(sa_type=sa.Text)
    names: dict[str, str] = Field(sa_type=JSONB)
    genres: list[str] = _texts()
    genre_names: dict[str, dict[str, str]] = Field(sa_type=JSONB)
    people: list[str] = _texts()
    credits: list[dict[str, str]] = Field(sa_type=JSONB)
    languages: list[str] = _texts()
    release_date: date | None = Field(default=None, sa_type=sa.Date)
    age_floor: int = Field(sa_type=sa.SmallInteger)
    required_tier: str = Field(sa_type=sa.Text)
    available_from: datetime | None = _moment(default=None)
    available_until: datetime | None = _moment(default=None)
    countries: list[str] | None = _texts(default=None, nullable=True)
    trend_rank: int | None = None
    trend_score: float | None = None


class PlayDay(Model, table=True):
    """What a profile watched of a title on one UTC day: its single contribution to trends and taste.

    `weight` is 1 for a start of at least 30 s, 2 from the half, 3 from 90 %; `completion` the furthest fraction.
    """

    __tablename__ = "plays"
    __table_args__ = (sa.Index("ix_plays_last_at", "last_at"),)

    profile_id: str = Field(sa_type=sa.Text, primary_key=True)
    title_id: str = Field(sa_type=sa.Text, primary_key=True)
    day: date = Field(sa_type=sa.Date, primary_key=True)
    weight: int = Field(sa_type=sa.SmallInteger)
    completion: float
    last_at: datetime = _moment()


class TitleEngagement(Model, table=True):
    """What a profile said about a title; each fact keeps its own moment, so that a late one cannot undo a newer."""

    __tablename__ = "engagement"

    profile_id: str = Field(sa_type=sa.Text, primary_key=True)
    title_id: str = Field(sa_type=sa.Text, primary_key=True)
    rating: int = Field(default=0, sa_type=sa.SmallInteger)
    rated_at: datetime | None = _moment(default=None)
    is_watchlisted: bool = False
    watchlisted_at: datetime | None = _moment(default=None)


class ClearedHistory(Model, table=True):
    """When a profile last cleared its history: plays up to then are forgotten, also those that arrive later."""

    __tablename__ = "cleared_histories"

    profile_id: str = Field(sa_type=sa.Text, primary_key=True)
    cleared_at: datetime = _moment()


class PersonalizationChoice(Model, table=True):
    """Whether a profile objects to personal rows; no row means that it does not. The newest choice counts."""

    __tablename__ = "personalization_choices"

    profile_id: str = Field(sa_type=sa.Text, primary_key=True)
    is_opted_out: bool
    chosen_at: datetime = _moment()


class AccountTier(Model, table=True):
    """The tier of an account; no row means FREE."""

    __tablename__ = "entitlements"

    user_id: str = Field(sa_type=sa.Text, primary_key=True)
    tier: str = Field(sa_type=sa.Text)
    until: datetime | None = _moment(default=None)
    version: int = Field(sa_type=sa.BigInteger)


class Trend(Model, table=True):
    """A title's place in the chart of a period."""

    __tablename__ = "trends"
    __table_args__ = (sa.Index("ix_trends_period_rank", "period", "rank"),)

    period: TrendPeriod = Field(primary_key=True, sa_type=_enum(TrendPeriod))
    title_id: str = Field(sa_type=sa.Text, primary_key=True)
    score: float
    rank: int
    previous_rank: int | None = None
    computed_at: datetime = _moment()


class Collection(Model, table=True):
    """The titles of an editors' collection, in order, hidden ones too; none of one that was deleted or withdrawn."""

    __tablename__ = "collections"

    collection_id: str = Field(sa_type=sa.Text, primary_key=True)
    version: int = Field(sa_type=sa.BigInteger)
    title_ids: list[str] = _texts()


class TrayDefinition(Model, table=True):
    """One tray of a page: what fills it, how it looks, what it is called. Rows of this table are the page.

    `collection_ids` are those of a tray of collections; `title_kinds` narrows the source to kinds of title; a tray with
    fewer than `min_items` items is left out; `ad_after` is the number of titles before the ad slot, null for a tray
    without one. Pinned trays stand before all others of their page. Whom it is for, and when: models/targeting.py; null
    narrows nothing. `version` counts what curators did.
    """

    __tablename__ = "tray_definitions"
    __table_args__ = (sa.Index("ix_tray_definitions_page_position", "page", "position"),)

    id: UUID = Field(primary_key=True)
    page: PageSlug = Field(sa_type=_enum(PageSlug))
    position: int = Field(sa_type=sa.SmallInteger)
    kind: TrayKind = Field(sa_type=_enum(TrayKind))
    layout: TrayLayout = Field(sa_type=_enum(TrayLayout))
    headings: dict[str, str] = Field(sa_type=JSONB)
    source: RowSource = Field(sa_type=_enum(RowSource))
    argument: str | None = Field(default=None, sa_type=sa.Text)
    collection_ids: list[str] | None = _texts(default=None, nullable=True)
    title_kinds: list[str] | None = _texts(default=None, nullable=True)
    size: int = Field(sa_type=sa.SmallInteger)
    min_items: int = Field(sa_type=sa.SmallInteger)
    ad_after: int | None = Field(default=None, sa_type=sa.SmallInteger)
    is_active: bool = True
    pinned: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    starts_at: datetime | None = _moment(default=None)
    ends_at: datetime | None = _moment(default=None)
    in_countries: list[str] | None = _texts(default=None, nullable=True)
    tiers: list[str] | None = _texts(default=None, nullable=True)
    devices: list[str] | None = _texts(default=None, nullable=True)
    languages: list[str] | None = _texts(default=None, nullable=True)
    age_limits: list[int] | None = Field(default=None, sa_type=ARRAY(sa.SmallInteger), nullable=True)
    kids: bool | None = Field(default=None, nullable=True)
    segments: list[str] | None = _texts(default=None, nullable=True)
    experiment: str | None = Field(default=None, sa_type=sa.Text)
    bucket_from: int | None = Field(default=None, sa_type=sa.SmallInteger)
    bucket_until: int | None = Field(default=None, sa_type=sa.SmallInteger)
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
