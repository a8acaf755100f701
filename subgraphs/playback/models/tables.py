"""Tables of the playback subgraph. Ids of titles, playables, users and profiles are global ids of other subgraphs."""

from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from subgraphs.shared.postgres import subgraph_registry
from subgraphs.shared.values import DeviceType, Quality


class StreamFormat(Enum):
    """How the stream is packaged."""

    HLS = "HLS"
    DASH = "DASH"


class Model(SQLModel, registry=subgraph_registry()):
    """Base of this subgraph's tables."""


class ProjectedTitle(Model, table=True):
    """A title that catalog told us of, with the version that we know. Unpublished ones stay, without rights."""

    __tablename__ = "titles"

    title_id: str = Field(sa_type=sa.Text, primary_key=True)
    version: int = Field(sa_type=sa.BigInteger)


class RightsRow(Model, table=True):
    """The projection of rights: one row per playable of a published title. `position` 0 stands for the title.

    `licences` is JSON, `[[countries, from, until, tier]]`; None where the row's own terms decide.
    """

    __tablename__ = "rights"
    __table_args__ = (sa.Index("ix_rights_title_id", "title_id", "position"),)

    playable_id: str = Field(sa_type=sa.Text, primary_key=True)
    title_id: str = Field(sa_type=sa.Text)
    position: int
    kind: str = Field(sa_type=sa.Text)
    duration_seconds: int | None = None
    maturity_rating: str | None = Field(default=None, sa_type=sa.Text)
    required_tier: str = Field(sa_type=sa.Text)
    available_from: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
    available_until: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
    countries: list[str] | None = Field(default=None, sa_type=ARRAY(sa.Text))
    licences: str | None = Field(default=None, sa_type=sa.Text)
    audio_languages: list[str] = Field(sa_type=ARRAY(sa.Text))
    subtitle_languages: list[str] = Field(sa_type=ARRAY(sa.Text))
    asset_id: str = Field(sa_type=sa.Text)


class EntitlementRow(Model, table=True):
    """The projection of entitlements: the tier of each account that ever had one."""

    __tablename__ = "entitlements"

    user_id: str = Field(sa_type=sa.Text, primary_key=True)
    tier: str = Field(sa_type=sa.Text)
    until: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
    version: int = Field(sa_type=sa.BigInteger)


class AssetRow(Model, table=True):
    """A stream in the object store. Rights may name one that is not registered yet: it does not play.

    `contents` is JSON (see contents); None for a stream of which only the qualities are known.
    """

    __tablename__ = "assets"

    id: str = Field(sa_type=sa.Text, primary_key=True)
    qualities: list[str] = Field(sa_type=ARRAY(sa.Text))
    registered_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    contents: str | None = Field(default=None, sa_type=sa.Text)


class TrackChoice(Model, table=True):
    """What a profile last chose to hear and to read in a title. `subtitle` None is none at all."""

    __tablename__ = "track_choices"

    profile_id: str = Field(sa_type=sa.Text, primary_key=True)
    title_id: str = Field(sa_type=sa.Text, primary_key=True)
    audio: str = Field(sa_type=sa.Text)
    subtitle: str | None = Field(default=None, sa_type=sa.Text)
    chosen_at: datetime = Field(sa_type=sa.DateTime(timezone=True))


class PlaybackSession(Model, table=True):
    """One viewing. Without a profile it is an anonymous viewer's."""

    __tablename__ = "playback_sessions"
    __table_args__ = (
        sa.Index(
            "uq_playback_sessions_idempotency",
            "profile_id",
            "idempotency_key",
            unique=True,
            postgresql_where=sa.text("idempotency_key IS NOT NULL"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: str | None = Field(default=None, sa_type=sa.Text)
    profile_id: str | None = Field(default=None, sa_type=sa.Text)
    playable_id: str = Field(sa_type=sa.Text)
    title_id: str = Field(sa_type=sa.Text)
    duration_seconds: int | None = None
    device_type: DeviceType = Field(sa_type=sa.Enum(DeviceType, native_enum=False, length=20))
    format: StreamFormat = Field(sa_type=sa.Enum(StreamFormat, native_enum=False, length=10))
    max_quality: Quality = Field(sa_type=sa.Enum(Quality, native_enum=False, length=10))
    country: str = Field(sa_type=sa.Text)
    resume_position_seconds: int
    idempotency_key: str | None = Field(default=None, sa_type=sa.Text)
    started_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    ended_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
