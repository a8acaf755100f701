"""Tables of other ways to sign in than a password: identities at providers, phone numbers, and OAuth clients."""

from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from subgraphs.users.models.base import Model


class IdentityProvider(Enum):
    """Who may vouch for a person."""

    GOOGLE = "GOOGLE"
    FACEBOOK = "FACEBOOK"


class Identity(Model, table=True):
    """A person at Google or Facebook who may sign in to an account. Nothing else of them is kept, no address either."""

    __tablename__ = "identities"
    __table_args__ = (
        sa.UniqueConstraint("provider", "subject"),
        # An address that Google gave to a second person must not let that person in.
        sa.UniqueConstraint("user_id", "provider"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    provider: IdentityProvider = Field(sa_type=sa.Enum(IdentityProvider, native_enum=False, length=20))
    subject: str = Field(sa_type=sa.Text)
    linked_at: datetime = Field(sa_type=sa.DateTime(timezone=True))


class PhoneNumber(Model, table=True):
    """The phone of an account: sealed, and found by its blind index. It got a code, so it is the account's own."""

    __tablename__ = "phone_numbers"

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    number_index: str = Field(sa_type=sa.Text, unique=True)
    sealed_number: str = Field(sa_type=sa.Text)
    verified_at: datetime = Field(sa_type=sa.DateTime(timezone=True))


class OAuthClient(Model, table=True):
    """A program that may ask viewers for access. One without a secret is public: it proves itself by PKCE alone."""

    __tablename__ = "oauth_clients"

    id: str = Field(sa_type=sa.Text, primary_key=True)
    name: str = Field(sa_type=sa.Text)
    secret_hash: str | None = Field(default=None, sa_type=sa.Text)
    """SHA-256, hex; secrets are random, so that a slow hash would add nothing."""
    redirect_uris: list[str] = Field(sa_type=ARRAY(sa.Text))
    scopes: list[str] = Field(sa_type=ARRAY(sa.Text))
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
