"""What the law asks for: consents, exports, deletion in two steps, grievances."""

from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from subgraphs.users.models.base import Model


class Consent(Model, table=True):
    """One decision about one purpose. Rows are only added: the newest counts, the others are the history."""

    __tablename__ = "consents"
    __table_args__ = (sa.Index("ix_consents_user_id_purpose", "user_id", "purpose", "position"),)

    position: int | None = Field(default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), primary_key=True))
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    purpose: str = Field(sa_type=sa.Text)
    granted: bool
    version: str = Field(sa_type=sa.Text)
    at: datetime = Field(sa_type=sa.DateTime(timezone=True))


class AccountDeletion(Model, table=True):
    """An account that its owner wants gone; until `purge_after` the owner may change their mind."""

    __tablename__ = "account_deletions"

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    requested_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    purge_after: datetime = Field(sa_type=sa.DateTime(timezone=True), index=True)


class AccountPurge(Model, table=True):
    """An account that is gone, kept until `sweep_at`: then its ids are forgotten everywhere once more.

    What was on a stream or in an outbox when the account went has arrived by then.
    """

    __tablename__ = "account_purges"

    user_id: UUID = Field(primary_key=True)
    profile_ids: list[UUID] = Field(sa_type=ARRAY(sa.Uuid))
    purged_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    sweep_at: datetime = Field(sa_type=sa.DateTime(timezone=True), index=True)


class ExportStatus(Enum):
    """How far an export is."""

    PENDING = "PENDING"
    READY = "READY"
    EXPIRED = "EXPIRED"


class DataExport(Model, table=True):
    """A person's data as a file, for a limited time."""

    __tablename__ = "data_exports"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    status: ExportStatus = Field(sa_type=sa.Enum(ExportStatus, native_enum=False, length=10))
    requested_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    expires_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True), index=True)


class GrievanceStatus(Enum):
    """How far a grievance is."""

    RECEIVED = "RECEIVED"
    DECIDED = "DECIDED"


class Grievance(Model, table=True):
    """A complaint to the grievance officer. Text, address and decision are sealed."""

    __tablename__ = "grievances"
    __table_args__ = (sa.Index("ix_grievances_status_due_at_id", "status", "due_at", "id"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID | None = Field(default=None, index=True)
    subject_id: str | None = Field(default=None, sa_type=sa.Text)
    category: str = Field(sa_type=sa.Text)
    content: str = Field(sa_type=sa.Text)
    status: GrievanceStatus = Field(sa_type=sa.Enum(GrievanceStatus, native_enum=False, length=10))
    received_at: datetime = Field(sa_type=sa.DateTime(timezone=True), index=True)
    due_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    decision: str | None = Field(default=None, sa_type=sa.Text)
    decided_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
