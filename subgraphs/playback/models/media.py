"""Tables of films on their way in: uploads, the assets that they become, the jobs that encode them, captions.

Which parts of an upload have arrived is known to the object store alone.
"""

from datetime import datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from subgraphs.playback.models.tables import Model


class UploadKind(Enum):
    """What a file that is sent is for."""

    VIDEO = "VIDEO"
    CAPTIONS = "CAPTIONS"


class AssetStatus(Enum):
    """How far a film has come."""

    UPLOADED = "UPLOADED"
    PROCESSING = "PROCESSING"
    READY = "READY"
    FAILED = "FAILED"


class MediaJobStatus(Enum):
    """How far a job has come."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class MediaJobKind(Enum):
    """Why a film is encoded."""

    ENCODE = "ENCODE"
    CAPTIONS = "CAPTIONS"


def _moment(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=sa.Column(sa.DateTime(timezone=True), nullable=nullable))


def _one_of(column: str, words: type[Enum]) -> sa.CheckConstraint:
    values = ", ".join(f"'{word.value}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


class Upload(Model, table=True):
    """A file that somebody sends in parts of `part_size_bytes`, of which only the last is smaller.

    `etags` are those of its parts once it is complete. `sha256` is what the sender says of the whole.
    """

    __tablename__ = "uploads"
    __table_args__: ClassVar[Any] = (
        _one_of("kind", UploadKind),
        sa.CheckConstraint("(completed_at IS NULL) = (etags IS NULL)", name="complete_has_etags"),
        sa.UniqueConstraint("creation_key_hash"),
        sa.Index("ix_uploads_open", "expires_at", postgresql_where=sa.text("completed_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    kind: str = Field(sa_type=sa.Text)
    file_name: str = Field(sa_type=sa.Text)
    content_type: str = Field(sa_type=sa.Text)
    size_bytes: int = Field(sa_type=sa.BigInteger)
    part_size_bytes: int
    sha256: str | None = Field(sa_type=sa.Text)
    created_by: str | None = Field(sa_type=sa.Text)
    creation_key_hash: str = Field(sa_type=sa.Text)
    created_at: datetime = _moment()
    expires_at: datetime = _moment()
    completed_at: datetime | None = _moment(nullable=True)
    etags: list[str] | None = Field(default=None, sa_column=sa.Column(ARRAY(sa.Text), nullable=True))


class VideoAsset(Model, table=True):
    """A film that was sent. Its id is also the name of its stream, and of the row in `assets` once that can be played.

    `facts` are what encoding found and made (media.results.Ingested as JSON); None before the first success.
    """

    __tablename__ = "video_assets"
    __table_args__: ClassVar[Any] = (_one_of("status", AssetStatus), sa.UniqueConstraint("upload_id"))

    id: UUID = Field(primary_key=True)
    upload_id: UUID = Field(foreign_key="uploads.id")
    status: str = Field(sa_type=sa.Text)
    uploaded_by: str | None = Field(sa_type=sa.Text)
    created_at: datetime = _moment()
    facts: dict[str, Any] | None = Field(default=None, sa_column=sa.Column(JSONB(none_as_null=True), nullable=True))


class CaptionTrack(Model, table=True):
    """Captions that were sent for a film, one file for each language and purpose."""

    __tablename__ = "caption_tracks"

    asset_id: UUID = Field(primary_key=True, foreign_key="video_assets.id", ondelete="CASCADE")
    language: str = Field(sa_type=sa.Text, primary_key=True)
    is_forced: bool = Field(primary_key=True)
    is_closed_caption: bool = Field(primary_key=True)
    upload_id: UUID = Field(foreign_key="uploads.id")
    added_at: datetime = _moment()


class MediaJob(Model, table=True):
    """One encoding of a film, of which a film has one at a time.

    Whoever works at it does so until `lease_until`, and prolongs that; afterwards the next worker takes it over.
    `attempts` counts who took it, and fences off those who took it before; `losses` those who never came back.
    """

    __tablename__ = "media_jobs"
    __table_args__: ClassVar[Any] = (
        _one_of("status", MediaJobStatus),
        _one_of("kind", MediaJobKind),
        sa.CheckConstraint("(status = 'RUNNING') = (lease_until IS NOT NULL)", name="running_is_leased"),
        sa.CheckConstraint("(status = 'FAILED') = (error_code IS NOT NULL)", name="failed_says_why"),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name="progress_is_a_share"),
        sa.Index(
            "uq_media_jobs_unfinished",
            "asset_id",
            unique=True,
            postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')"),
        ),
        sa.Index("ix_media_jobs_asset", "asset_id", "queued_at"),
        sa.Index("ix_media_jobs_queued", "queued_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    asset_id: UUID = Field(foreign_key="video_assets.id", ondelete="CASCADE")
    kind: str = Field(sa_type=sa.Text)
    status: str = Field(sa_type=sa.Text)
    progress: float
    attempts: int = 0
    losses: int = 0
    error_code: str | None = Field(default=None, sa_type=sa.Text)
    error: str | None = Field(default=None, sa_type=sa.Text)
    queued_at: datetime = _moment()
    started_at: datetime | None = _moment(nullable=True)
    finished_at: datetime | None = _moment(nullable=True)
    lease_until: datetime | None = _moment(nullable=True)
