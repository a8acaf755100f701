"""Letters on their way, and what became of them."""

from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field

from subgraphs.users.models.base import Model


class MailStatus(Enum):
    """Where a letter stands. DEAD and IN_DOUBT are the dead letters: nothing happens to them by itself."""

    QUEUED = "QUEUED"
    """Waits for its next attempt."""
    SENDING = "SENDING"
    """A worker has it in hand."""
    SENT = "SENT"
    """The mail server took it."""
    DEAD = "DEAD"
    """The mail server refused it for good, or too often."""
    IN_DOUBT = "IN_DOUBT"
    """It was handed over, and nobody knows whether the server took it: sending again might send twice."""


class Mail(Model, table=True):
    """A letter. Address and contents are sealed, and gone once it was sent; the rest is its delivery record."""

    __tablename__ = "mails"
    __table_args__ = (
        sa.Index("ix_mails_due", "next_attempt_at", postgresql_where=sa.text("status = 'QUEUED'")),
        sa.Index("ix_mails_sending", "claimed_at", postgresql_where=sa.text("status = 'SENDING'")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    dedup_key: str = Field(sa_type=sa.Text, unique=True)
    kind: str = Field(sa_type=sa.Text)
    user_id: UUID | None = Field(default=None, index=True)
    """No foreign key: a letter may come after its account went, and is deleted with the next sweep."""
    recipient_index: str = Field(sa_type=sa.Text, index=True)
    content: str | None = Field(default=None, sa_type=sa.Text)
    status: MailStatus = Field(sa_type=sa.Enum(MailStatus, native_enum=False, length=10))
    attempts: int = 0
    next_attempt_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
    claimed_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
    last_error: str | None = Field(default=None, sa_type=sa.Text)
    """Class and code of the failure, never the server's words: they may repeat the address."""
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True), index=True)
    sent_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
