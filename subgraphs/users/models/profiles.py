"""The table of profiles."""

from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from subgraphs.shared.values import MaturityRating
from subgraphs.users.models.base import Model


class QualityPreference(Enum):
    """How good the picture is to be, where the connection allows it."""

    AUTO = "AUTO"
    DATA_SAVER = "DATA_SAVER"
    P480 = "P480"
    P720 = "P720"
    P1080 = "P1080"


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
    preferred_quality: QualityPreference = Field(
        default=QualityPreference.AUTO,
        sa_column=sa.Column(
            sa.Enum(QualityPreference, native_enum=False, length=20), nullable=False, server_default="AUTO"
        ),
    )
    autoplay_next: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    autoplay_previews: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    skip_intros: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    personalization_opt_out: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Whether it objects to recommendations made from what it did."""
    pin_hash: str | None = Field(default=None, sa_type=sa.Text)
    """bcrypt of the PIN that opens the profile; None asks for none."""
    created_at: datetime = Field(sa_type=sa.DateTime(timezone=True))
