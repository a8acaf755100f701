"""Who may see a title: one definition for every statement of this subgraph."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from subgraphs.recommendations.models.tables import Title


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom a statement runs.

    Rows are ranked ahead with `country` None, for every country, and with `opens_by`, so that a title that becomes
    available while the row is in use is in it already; their reader checks both at the moment of reading.
    """

    age_limit: int
    at: datetime
    country: str | None = None
    opens_by: datetime | None = None


def visible_to(audience: Audience, title: Any = Title) -> list[sa.ColumnElement[bool]]:
    """Return the conditions under which the audience may see a title.

    Args:
        audience: Age limit, moment and country.
        title: The table or an alias of it.
    """
    conditions = [
        col(title.published).is_(True),
        col(title.age_floor) <= audience.age_limit,
        sa.or_(col(title.available_until).is_(None), col(title.available_until) > audience.at),
        sa.or_(col(title.available_from).is_(None), col(title.available_from) <= (audience.opens_by or audience.at)),
    ]
    if audience.country is not None:
        conditions.append(sa.or_(col(title.countries).is_(None), col(title.countries).contains([audience.country])))
    return conditions


def in_trend_order(title: Any = Title) -> list[Any]:
    """Return the order that popular rows share: the chart, then the newest, then the id."""
    return [col(title.trend_rank).asc(), col(title.release_date).desc().nulls_last(), col(title.title_id)]
