"""Tables of the users subgraph: accounts and their profiles."""

from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from subgraphs.shared.postgres import subgraph_registry
from subgraphs.shared.values import MaturityRating


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


class Model(SQLModel, registry=subgraph_registry()):
    """Base of this subgraph's tables."""


class User(Model, table=True):
    """An account. The address is kept in lower case, so that plain uniqueness ignores case."""

    __tablename__ = "users"
    __table_args__ = (sa.CheckConstraint("email = lower(email)", name="email_is_lower_case"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(sa_type=sa.Text, unique=True)
    email_verified: bool = False
    password_hash: str = Field(sa_type=sa.Text)
    status: AccountStatus = Field(
        default=AccountStatus.ACTIVE, sa_type=sa.Enum(AccountStatus, native_enum=False, length=20)
    )
    roles: list[str] = Field(sa_type=ARRAY(sa.Text))
    locale: str = Field(sa_type=sa.Text)
    registration_key_hash: str | None = Field(default=None, sa_type=sa.Text, unique=True)
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
    last_login_at: datetime | None = Field(default=None, sa_type=sa.DateTime(timezone=True))


class Profile(Model, table=True):
    """A person of an account. `maturity_limit` None means no limit."""

    __tablename__ = "profiles"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    position: int | None = Field(default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(), nullable=False))
    """Order of creation; times may be equal."""
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    name: str = Field(sa_type=sa.Text)
    avatar_url: str | None = Field(default=None, sa_type=sa.Text)
    maturity_limit: MaturityRating | None = Field(
        default=None, sa_type=sa.Enum(MaturityRating, native_enum=False, length=10)
    )
    is_kids: bool = False
    language: str = Field(sa_type=sa.Text)
    audio_languages: list[str] = Field(sa_type=ARRAY(sa.Text))
    subtitle_language: str | None = Field(default=None, sa_type=sa.Text)
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
