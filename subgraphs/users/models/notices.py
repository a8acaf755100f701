"""Notices in the app, who wants which of them where, and announcements to many."""

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from subgraphs.users.models.base import Model


class NotificationChannel(Enum):
    """A way to reach a person."""

    IN_APP = "IN_APP"
    EMAIL = "EMAIL"
    PUSH = "PUSH"
    SMS = "SMS"


class Notification(Model, table=True):
    """A notice. Its words are made when it is read, from kind and data, in the reader's language."""

    __tablename__ = "notifications"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "dedup_key"),
        sa.Index("ix_notifications_user_id_position", "user_id", "position"),
        sa.Index("ix_notifications_unread", "user_id", "position", postgresql_where=sa.text("read_at IS NULL")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    position: int | None = Field(default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), nullable=False))
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    dedup_key: str = Field(sa_type=sa.Text)
    kind: str = Field(sa_type=sa.Text)
    data: dict[str, Any] = Field(sa_type=JSONB)
    deep_link: str | None = Field(default=None, sa_type=sa.Text)
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True), index=True)
    read_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))


class NotificationPreference(Model, table=True):
    """The channels that a person chose for a kind; without a row the kind's own channels count."""

    __tablename__ = "notification_preferences"

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    kind: str = Field(sa_type=sa.Text, primary_key=True)
    channels: list[str] = Field(sa_type=ARRAY(sa.Text))


class AnnouncementStatus(Enum):
    """How far an announcement is."""

    SCHEDULED = "SCHEDULED"
    SENDING = "SENDING"
    SENT = "SENT"


class Announcement(Model, table=True):
    """Words to many accounts at a time, written to them in the order of their ids."""

    __tablename__ = "announcements"
    __table_args__ = (sa.Index("ix_announcements_due", "send_at", postgresql_where=sa.text("status <> 'SENT'")),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    title: str = Field(sa_type=sa.Text)
    body: str = Field(sa_type=sa.Text)
    deep_link: str | None = Field(default=None, sa_type=sa.Text)
    channels: list[str] = Field(sa_type=ARRAY(sa.Text))
    segment: str = Field(sa_type=sa.Text)
    send_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    status: AnnouncementStatus = Field(sa_type=sa.Enum(AnnouncementStatus, native_enum=False, length=10))
    last_user_id: UUID | None = None
    """The last account that has it; the next batch begins after it."""
    recipients: int = 0
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
