"""Catalogues of others, as the worker last read them."""

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlmodel import Field

from subgraphs.catalog.models.published import Model
from subgraphs.shared.values import MaturityRating

_RATING_FLOORS = " ".join(f"WHEN '{rating.value}' THEN {rating.age_floor}" for rating in MaturityRating)


class ExternalSource(Enum):
    """Whose catalogue it is."""

    NETFLIX = "NETFLIX"
    PRIME = "PRIME"
    OTHER = "OTHER"


class ExternalCatalogue(Model, table=True):
    """A catalogue of somebody else, by its configured name, and how reading it went.

    `due_at` is when a worker is to read it again, and while one does, when another may. `refreshed_at` is when it was
    last read whole; `failure` says what was wrong with the last try, None when nothing was.
    """

    __tablename__ = "external_catalogues"

    name: str = Field(primary_key=True, sa_type=sa.Text)
    due_at: datetime = Field(sa_column=sa.Column(sa.DateTime(timezone=True), nullable=False))
    refreshed_at: datetime | None = Field(sa_column=sa.Column(sa.DateTime(timezone=True), nullable=True))
    failure: str | None = Field(sa_type=sa.Text)


class ExternalTitle(Model, table=True):
    """A title in a catalogue of somebody else. `key` is its name there; `age_floor` counts an unrated one as 18.

    `external_ids` are what others call it: a title of ours that has one of them, too, is the same.
    """

    __tablename__ = "external_titles"
    __table_args__: ClassVar[Any] = (
        sa.CheckConstraint(
            f"source IN ({', '.join(repr(source.value) for source in ExternalSource)})", name="source_known"
        ),
        sa.CheckConstraint("cost_minor >= 0", name="cost_not_negative"),
        sa.CheckConstraint("(cost_minor IS NULL) = (currency IS NULL)", name="cost_whole"),
        sa.CheckConstraint(
            f"age_floor = CASE maturity_rating {_RATING_FLOORS} ELSE 18 END", name="age_floor_follows_rating"
        ),
        sa.UniqueConstraint("catalogue", "key"),
        sa.Index("ix_external_titles_name", "sort_name", "id"),
        sa.Index("ix_external_titles_source", "source", "sort_name", "id"),
        sa.Index("ix_external_titles_words", "words", postgresql_using="gin"),
        sa.Index("ix_external_titles_language", sa.text("split_part(language, '-', 1)"), "sort_name", "id"),
    )

    id: UUID = Field(primary_key=True)
    catalogue: str = Field(sa_type=sa.Text, foreign_key="external_catalogues.name", ondelete="CASCADE")
    key: str = Field(sa_type=sa.Text)
    source: str = Field(sa_type=sa.Text)
    source_name: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    sort_name: str = Field(sa_column=sa.Column(sa.Text(collation="C"), nullable=False))
    words: str = Field(sa_column=sa.Column(TSVECTOR, nullable=False))
    language: str | None = Field(sa_type=sa.Text)
    cost_minor: int | None
    currency: str | None = Field(sa_type=sa.Text)
    deep_link: str | None = Field(sa_type=sa.Text)
    maturity_rating: str | None = Field(sa_type=sa.Text)
    age_floor: int = Field(sa_type=sa.SmallInteger)
    external_ids: list[str] = Field(sa_column=sa.Column(ARRAY(sa.Text), nullable=False))
    fetched_at: datetime = Field(sa_column=sa.Column(sa.DateTime(timezone=True), nullable=False))
