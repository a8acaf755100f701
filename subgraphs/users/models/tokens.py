"""The table of tokens that letters carry."""

from datetime import datetime
from enum import Enum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from subgraphs.users.models.base import Model


class TokenPurpose(Enum):
    """What a letter's token does."""

    EMAIL_VERIFICATION = "EMAIL_VERIFICATION"
    EMAIL_CHANGE = "EMAIL_CHANGE"
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105 - the name of a purpose


class EmailToken(Model, table=True):
    """A token that was written to an address: good once, and only the newest of its purpose. Its digest is kept."""

    __tablename__ = "email_tokens"
    __table_args__ = (sa.UniqueConstraint("user_id", "purpose"),)

    digest: str = Field(sa_type=sa.Text, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    purpose: TokenPurpose = Field(sa_type=sa.Enum(TokenPurpose, native_enum=False, length=20))
    email: str = Field(sa_type=sa.Text)
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    expires_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
