"""The tables of imports: files that were sent, what becomes of each, what was wrong with rows and what they changed."""

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from subgraphs.catalog.models.published import Model


class ImportFormat(Enum):
    """What a file of titles is."""

    JSON_LINES = "JSON_LINES"
    CSV = "CSV"
    MRSS = "MRSS"
    SQLITE_LEGACY = "SQLITE_LEGACY"


class ImportState(Enum):
    """Where an import stands."""

    QUEUED = "QUEUED"
    STORING = "STORING"
    COMPARING = "COMPARING"
    DONE = "DONE"
    FAILED = "FAILED"


def _moment(*, nullable: bool) -> Any:
    return Field(default=None, sa_column=sa.Column(sa.DateTime(timezone=True), nullable=nullable))


def _number() -> Any:
    return Field(default=0, sa_column=sa.Column(sa.Integer, nullable=False, server_default="0"))


_STATES = ", ".join(f"'{state.value}'" for state in ImportState)


class ImportUpload(Model, table=True):
    """A file that an editor may send, and has sent where its size and digest (SHA-256) are known."""

    __tablename__ = "import_uploads"
    __table_args__: ClassVar[Any] = (
        sa.CheckConstraint("(size_bytes IS NULL) = (digest IS NULL)", name="sent_whole"),
        sa.Index("ix_import_uploads_created", "created_at"),
    )

    id: UUID = Field(primary_key=True)
    created_by: str = Field(sa_type=sa.Text)
    created_at: datetime = _moment(nullable=False)
    size_bytes: int | None = Field(default=None, sa_type=sa.BigInteger)
    digest: str | None = Field(default=None, sa_type=sa.Text)


class CatalogImport(Model, table=True):
    """One file's way into the catalogue, by an editor (`created_by`, a global id) or from a feed (its name).

    `rows_done` is how many rows the worker is through with: it changes in the transaction that stores them.
    """

    __tablename__ = "catalog_imports"
    __table_args__: ClassVar[Any] = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        sa.CheckConstraint("(state = 'FAILED') = (failure_code IS NOT NULL)", name="failed_says_why"),
        sa.CheckConstraint("(state IN ('DONE', 'FAILED')) = (finished_at IS NOT NULL)", name="finished_has_a_moment"),
        sa.UniqueConstraint("creation_key_hash"),
        sa.Index("ix_catalog_imports_created", "created_at", "id"),
        sa.Index("ix_catalog_imports_feed", "feed", "created_at", postgresql_where=sa.text("feed IS NOT NULL")),
        sa.Index("ix_catalog_imports_waiting", "created_at", "id", postgresql_where=sa.text("finished_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    created_by: str | None = Field(default=None, sa_type=sa.Text)
    feed: str | None = Field(default=None, sa_type=sa.Text)
    file_id: UUID | None
    format: str = Field(sa_type=sa.Text)
    dry_run: bool
    created_at: datetime = _moment(nullable=False)
    finished_at: datetime | None = _moment(nullable=True)
    state: str = Field(sa_type=sa.Text)
    rows_total: int | None
    rows_done: int = _number()
    inserted: int = _number()
    updated: int = _number()
    unchanged: int = _number()
    kept: int = _number()
    failed: int = _number()
    failure_code: str | None = Field(default=None, sa_type=sa.Text)
    failure_message: str | None = Field(default=None, sa_type=sa.Text)
    file_digest: str | None = Field(default=None, sa_type=sa.Text)
    compared: int | None
    matching: int | None
    source_checksum: str | None = Field(default=None, sa_type=sa.Text)
    stored_checksum: str | None = Field(default=None, sa_type=sa.Text)
    creation_key_hash: str | None = Field(default=None, sa_type=sa.Text)


class CatalogImportError(Model, table=True):
    """A row that was not taken; `position` counts those of an import from 0."""

    __tablename__ = "catalog_import_errors"

    import_id: UUID = Field(primary_key=True, foreign_key="catalog_imports.id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    row: int
    external_id: str | None = Field(default=None, sa_type=sa.Text)
    code: str = Field(sa_type=sa.Text)
    message: str = Field(sa_type=sa.Text)


class CatalogImportChange(Model, table=True):
    """What an import changes of a title, or would in a dry run; `fields` is empty for a new one."""

    __tablename__ = "catalog_import_changes"

    import_id: UUID = Field(primary_key=True, foreign_key="catalog_imports.id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    title_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    is_new: bool
    fields: list[dict[str, Any]] = Field(sa_column=sa.Column(JSONB, nullable=False))


class VideoFile(Model, table=True):
    """A film that editors uploaded, as playback told of it. Names may come twice; the one sent last is meant."""

    __tablename__ = "video_files"
    __table_args__: ClassVar[Any] = (sa.Index("ix_video_files_name", "file_name", "uploaded_at"),)

    asset_id: UUID = Field(primary_key=True)
    file_name: str = Field(sa_type=sa.Text)
    uploaded_at: datetime = Field(default=None, sa_column=sa.Column(sa.DateTime(timezone=True), nullable=False))
