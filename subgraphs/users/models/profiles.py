"""The table of profiles."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from subgraphs.shared.values import MaturityRating
from subgraphs.users.models.base import Model


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
