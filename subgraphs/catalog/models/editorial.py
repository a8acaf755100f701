"""The tables that editors work on: apart from what viewers read, so that nothing unpublished can be seen by mistake.

A draft is one JSON document (service/drafts.py says what is in it). Publishing writes it into the tables of
models/published.py; until then no viewer's statement can reach it.
"""

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from subgraphs.catalog.models.published import Model


class WorkflowState(Enum):
    """Where the newest version of a title stands."""

    DRAFT = "DRAFT"
    PENDING_REVIEW = "PENDING_REVIEW"
    APPROVED = "APPROVED"
    SCHEDULED = "SCHEDULED"
    PUBLISHED = "PUBLISHED"
    ARCHIVED = "ARCHIVED"


class EditorialAction(Enum):
    """What an editor does with a title."""

    CREATE = "CREATE"
    EDIT = "EDIT"
    SUBMIT = "SUBMIT"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    PUBLISH = "PUBLISH"
    UNPUBLISH = "UNPUBLISH"
    ARCHIVE = "ARCHIVE"
    UNARCHIVE = "UNARCHIVE"
    ROLLBACK = "ROLLBACK"
    LICENSE = "LICENSE"


def _moment(*, nullable: bool) -> Any:
    return Field(default=None, sa_column=sa.Column(sa.DateTime(timezone=True), nullable=nullable))


def _document() -> Any:
    return Field(sa_column=sa.Column(JSONB, nullable=False))


_STATES = ", ".join(f"'{state.value}'" for state in WorkflowState)


class CmsTitle(Model, table=True):
    """A title in the hands of its editors. `live_version` is the version that viewers see, None when they see none.

    `created_by` is the global id of the account that made it, None for what the seed or an import brought.
    """

    __tablename__ = "cms_titles"
    __table_args__: ClassVar[Any] = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        sa.CheckConstraint("(state = 'SCHEDULED') = (publish_at IS NOT NULL)", name="scheduled_has_a_moment"),
        sa.CheckConstraint("live_version <= version", name="live_is_a_version"),
        sa.UniqueConstraint("creation_key_hash"),
        sa.Index("ix_cms_titles_updated", "updated_at", "title_id"),
        sa.Index("ix_cms_titles_due", "publish_at", postgresql_where=sa.text("publish_at IS NOT NULL")),
        sa.Index("ix_cms_titles_external_ids", sa.text("(draft -> 'external_ids')"), postgresql_using="gin"),
    )

    title_id: UUID = Field(primary_key=True)
    state: str = Field(sa_type=sa.Text)
    version: int
    live_version: int | None
    created_by: str | None = Field(sa_type=sa.Text)
    created_at: datetime = _moment(nullable=False)
    updated_at: datetime = _moment(nullable=False)
    submitted_at: datetime | None = _moment(nullable=True)
    approved_at: datetime | None = _moment(nullable=True)
    publish_at: datetime | None = _moment(nullable=True)
    first_published_at: datetime | None = _moment(nullable=True)
    draft: dict[str, Any] = _document()
    creation_key_hash: str | None = Field(default=None, sa_type=sa.Text)


class CmsVersion(Model, table=True):
    """The document of a version. Who made it, when and how, is in the log."""

    __tablename__ = "cms_versions"

    title_id: UUID = Field(primary_key=True, foreign_key="cms_titles.title_id", ondelete="CASCADE")
    version: int = Field(primary_key=True)
    draft: dict[str, Any] = _document()


class CmsLogEntry(Model, table=True):
    """What an editor did with a title: to which version, when, and what they said of it."""

    __tablename__ = "cms_log"
    __table_args__: ClassVar[Any] = (sa.Index("ix_cms_log_title", "title_id", "id"),)

    id: int | None = Field(default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True))
    title_id: UUID = Field(foreign_key="cms_titles.title_id", ondelete="CASCADE")
    version: int
    action: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)
    author: str | None = Field(sa_type=sa.Text)
    at: datetime = _moment(nullable=False)
    comment: str | None = Field(sa_type=sa.Text)


class CmsRegisterEntry(Model, table=True):
    """What an editor did with a genre or a person: what they were before (None where they were made), and after."""

    __tablename__ = "cms_register_log"
    __table_args__: ClassVar[Any] = (
        sa.UniqueConstraint("owner_id", "version"),
        sa.CheckConstraint("(version = 1) OR (before IS NOT NULL)", name="changes_have_a_before"),
    )

    id: int | None = Field(default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True))
    owner_id: UUID
    version: int
    before: dict[str, Any] | None = Field(sa_column=sa.Column(JSONB(none_as_null=True), nullable=True))
    after: dict[str, Any] = _document()
    author: str | None = Field(sa_type=sa.Text)
    at: datetime = _moment(nullable=False)


class ImageUpload(Model, table=True):
    """A picture that an editor may upload, and has uploaded where its size in pixels is known."""

    __tablename__ = "image_uploads"
    __table_args__: ClassVar[Any] = (
        sa.CheckConstraint("(width IS NULL) = (height IS NULL)", name="size_whole"),
        sa.Index("ix_image_uploads_created", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    created_by: str = Field(sa_type=sa.Text)
    created_at: datetime = _moment(nullable=False)
    width: int | None
    height: int | None


class BulkState(Enum):
    """Where a bulk operation, or one title of it, stands."""

    PENDING = "PENDING"
    DONE = "DONE"
    FAILED = "FAILED"


class CmsBulkOperation(Model, table=True):
    """One change to many titles, made by the worker. `change` is the document of service/bulk.py's BulkChange."""

    __tablename__ = "cms_bulk_operations"
    __table_args__: ClassVar[Any] = (sa.UniqueConstraint("creation_key_hash"),)

    id: UUID = Field(primary_key=True)
    created_by: str = Field(sa_type=sa.Text)
    created_at: datetime = _moment(nullable=False)
    finished_at: datetime | None = _moment(nullable=True)
    change: dict[str, Any] = _document()
    creation_key_hash: str = Field(sa_type=sa.Text)


class CmsBulkItem(Model, table=True):
    """One title of a bulk operation, by its global id, and what became of it."""

    __tablename__ = "cms_bulk_items"
    __table_args__: ClassVar[Any] = (
        sa.CheckConstraint("state IN ('PENDING', 'DONE', 'FAILED')", name="state_known"),
        sa.CheckConstraint("(state = 'FAILED') = (code IS NOT NULL)", name="failed_says_why"),
        sa.Index(
            "ix_cms_bulk_items_pending", "operation_id", "position", postgresql_where=sa.text("state = 'PENDING'")
        ),
    )

    operation_id: UUID = Field(primary_key=True, foreign_key="cms_bulk_operations.id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    title_id: str = Field(sa_type=sa.Text)
    state: str = Field(sa_type=sa.Text)
    code: str | None = Field(default=None, sa_type=sa.Text)
    message: str | None = Field(default=None, sa_type=sa.Text)
