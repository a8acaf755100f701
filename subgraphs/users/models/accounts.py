"""Tables of accounts, and what an account may be."""

from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from subgraphs.users.models.base import Model


class Role(Enum):
    """What an account may do beyond watching. The scopes of each are in service/scopes.py."""

    USER = "USER"
    CREATOR = "CREATOR"
    REVIEWER = "REVIEWER"
    PUBLISHER = "PUBLISHER"
    ANALYST = "ANALYST"
    ADMIN = "ADMIN"
    SUPPORT = "SUPPORT"
    AD_OPS = "AD_OPS"


class AccountStatus(Enum):
    """Whether an account may be used."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


class User(Model, table=True):
    """An account. The address is kept in lower case, so that plain uniqueness ignores case.

    One made with a phone number has no address; one made with a phone or at a provider has no password.
    """

    __tablename__ = "users"
    __table_args__ = (
        sa.CheckConstraint("email = lower(email)", name="email_is_lower_case"),
        sa.Index("ix_users_created_at_id", "created_at", "id"),
        # Finds beginnings of addresses, which the unique index does only where the database sorts by bytes.
        sa.Index("ix_users_email_beginning", "email", postgresql_ops={"email": "text_pattern_ops"}),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    email_verified: bool = False
    password_hash: str | None = Field(default=None, sa_type=sa.Text)
    status: AccountStatus = Field(
        default=AccountStatus.ACTIVE, sa_type=sa.Enum(AccountStatus, native_enum=False, length=20)
    )
    roles: list[str] = Field(sa_type=ARRAY(sa.Text))
    locale: str = Field(sa_type=sa.Text)
    registration_key_hash: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    state_code: str | None = Field(default=None, sa_type=sa.Text)
    """State or union territory of India, as invoices name it; None for other countries and until it is told."""
    locked_until: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
    """Until when no password is checked, for who looks at the account; the lock itself is in Valkey."""
    last_login_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))
