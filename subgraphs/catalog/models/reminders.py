"""What viewers want to be told of when it can be watched."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from subgraphs.catalog.models.published import Model


class Reminder(Model, table=True):
    """A title that a profile waits for, with what decides when it can be watched: country and age limit in years.

    `user_id` and `profile_id` are global ids. The row is gone once its owner was told.
    """

    __tablename__ = "reminders"
    __table_args__ = (sa.Index("ix_reminders_title", "title_id"),)

    profile_id: str = Field(primary_key=True, sa_type=sa.Text)
    title_id: UUID = Field(primary_key=True, foreign_key="titles.id", ondelete="CASCADE")
    user_id: str = Field(sa_type=sa.Text)
    country: str = Field(sa_type=sa.Text)
    age_limit: int = Field(sa_type=sa.SmallInteger)
    locale: str = Field(sa_type=sa.Text)
    set_at: datetime = Field(sa_column=sa.Column(sa.DateTime(timezone=True), nullable=False))
