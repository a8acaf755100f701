"""The table of devices: what an account is signed in on, or was."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field

from subgraphs.shared.values import DeviceType
from subgraphs.users.models.base import Model


class Device(Model, table=True):
    """A device of an account, known again by the id that its client gave itself. Sessions on it are in Valkey."""

    __tablename__ = "devices"
    __table_args__ = (sa.UniqueConstraint("user_id", "client_id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    client_id: str = Field(sa_type=sa.Text)
    name: str = Field(sa_type=sa.Text)
    type: DeviceType = Field(sa_type=sa.Enum(DeviceType, native_enum=False, length=20))
    agent: str | None = Field(default=None, sa_type=sa.Text)
    """The User-Agent that it last signed in with."""
    country: str = Field(sa_type=sa.Text)
    ip_hash: str | None = Field(default=None, sa_type=sa.Text)
    first_seen_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    last_seen_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
