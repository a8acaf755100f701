"""What is searched for, as figures: no viewer, profile, device or address is in here."""

from datetime import date
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlmodel import Field

from subgraphs.catalog.models.published import Model


class SearchQueryDay(Model, table=True):
    """How often a query, in normal form, was asked on a day, how often it found nothing, and how much in all."""

    __tablename__ = "search_query_days"
    __table_args__: ClassVar[Any] = (sa.CheckConstraint("zero_results <= searches", name="zeroes_are_searches"),)

    day: date = Field(primary_key=True)
    query: str = Field(primary_key=True, sa_type=sa.Text)
    searches: int
    zero_results: int
