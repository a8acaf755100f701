"""The tables of collections: titles that editors put together, by hand or by a rule."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from subgraphs.catalog.models.published import Model


class Collection(Model, table=True):
    """A collection; names and descriptions are in `translations`.

    Without a `rule` its titles are in `collection_titles`; else they are those that the rule (a TitleCriteria as JSON)
    finds, in the order `sort`. `version` counts what editors did; `revision` what was announced to others, and
    `announced` are the titles, as global ids, that they were told of last. `title_ids` are the ids of the same titles:
    who may see one of them finds the collection.
    """

    __tablename__ = "collections"
    __table_args__: ClassVar[Any] = (sa.UniqueConstraint("slug"),)

    id: UUID = Field(primary_key=True)
    slug: str = Field(sa_type=sa.Text)
    version: int
    is_published: bool
    rule: dict[str, Any] | None = Field(default=None, sa_column=sa.Column(JSONB(none_as_null=True), nullable=True))
    sort: str = Field(sa_type=sa.Text)
    updated_at: datetime = Field(sa_column=sa.Column(sa.DateTime(timezone=True), nullable=False))
    revision: int
    announced: list[str] = Field(sa_column=sa.Column(ARRAY(sa.Text), nullable=False))
    title_ids: list[UUID] = Field(
        default=None, sa_column=sa.Column(ARRAY(sa.Uuid), nullable=False, server_default="{}")
    )


class CollectionTitle(Model, table=True):
    """A title, published or not, that an editor put into a collection; `type_name` is the first half of its id."""

    __tablename__ = "collection_titles"
    __table_args__: ClassVar[Any] = (sa.UniqueConstraint("collection_id", "title_id"),)

    collection_id: UUID = Field(primary_key=True, foreign_key="collections.id", ondelete="CASCADE")
    position: int = Field(primary_key=True, sa_type=sa.SmallInteger)
    title_id: UUID
    type_name: str = Field(sa_type=sa.Text)
