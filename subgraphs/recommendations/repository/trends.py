"""The charts: which titles were watched most, and how that is computed.

Seven and thirty days: a decayed sum. Each profile, title and day contributes its weight times 2^(−age/48 h); the sum
is multiplied by ½ + ½·c′, where c′ is the title's completion rate drawn towards everybody's as if 50 more plays had
the average one. Twenty-four hours: a surge, (v − μ)/√(μ + 1), of the last day's contributions v over the daily mean μ
of the 28 days before. Ties are broken by id.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from subgraphs.recommendations.models.tables import Title, Trend
from subgraphs.recommendations.models.words import TrendPeriod
from subgraphs.recommendations.repository.visibility import Audience, visible_to
from subgraphs.shared.postgres import ReadSession, WriteSession

HALF_LIFE_HOURS = 48
PRIOR_PLAYS = 50
BASELINE_DAYS = 28

_DECAYED = """
WITH counted AS (
    SELECT p.title_id,
           sum(p.weight * power(2, -extract(epoch FROM :now - p.last_at)::float8 / 3600 / :half_life)) AS watched,
           count(*) AS plays, avg(p.completion) AS completion
    FROM plays p WHERE p.last_at > :since AND p.last_at <= :now GROUP BY p.title_id
), everybody AS (
    SELECT avg(completion) AS completion FROM plays WHERE last_at > :since AND last_at <= :now
)
SELECT c.title_id, c.watched * (0.5 + 0.5 * (c.plays * c.completion + :prior * e.completion) / (c.plays + :prior))
       AS score
FROM counted c CROSS JOIN everybody e
"""

_SURGE = """
WITH counted AS (
    SELECT p.title_id,
           count(*) FILTER (WHERE p.last_at > :since) AS recent,
           count(*) FILTER (WHERE p.last_at <= :since) / CAST(:baseline_days AS float8) AS daily_mean
    FROM plays p WHERE p.last_at > :baseline_since AND p.last_at <= :now GROUP BY p.title_id
)
SELECT title_id, (recent - daily_mean) / sqrt(daily_mean + 1) AS score FROM counted WHERE recent > 0
"""

_STORE = """
WITH scored AS ({scored}), ranked AS (
    SELECT s.title_id, s.score, row_number() OVER (ORDER BY s.score DESC, s.title_id) AS rank
    FROM scored s JOIN titles t ON t.title_id = s.title_id AND t.published
), gone AS (
    DELETE FROM trends WHERE period = :period AND title_id NOT IN (SELECT title_id FROM ranked)
)
INSERT INTO trends (period, title_id, score, rank, computed_at)
SELECT :period, title_id, score, rank, :now FROM ranked
ON CONFLICT (period, title_id) DO UPDATE SET
    score = excluded.score, rank = excluded.rank, computed_at = excluded.computed_at,
    previous_rank = CASE WHEN trends.computed_at < excluded.computed_at THEN trends.rank ELSE trends.previous_rank END
"""

_COPY_TO_TITLES = """
UPDATE titles t SET trend_rank = r.rank, trend_score = r.score
FROM titles o LEFT JOIN trends r ON r.title_id = o.title_id AND r.period = 'D7'
WHERE o.title_id = t.title_id AND (t.trend_rank, t.trend_score) IS DISTINCT FROM (r.rank, r.score)
"""


async def store_chart(session: WriteSession, period: TrendPeriod, *, at: datetime) -> None:
    """Replace the chart of the period by that of the given moment; readers see the old one until the commit."""
    scored = _SURGE if period is TrendPeriod.H24 else _DECAYED
    parameters: dict[str, Any] = {"period": period.value, "now": at, "since": at - period.length}
    if period is TrendPeriod.H24:
        parameters |= {"baseline_days": BASELINE_DAYS, "baseline_since": at - timedelta(days=BASELINE_DAYS + 1)}
    else:
        parameters |= {"half_life": HALF_LIFE_HOURS, "prior": PRIOR_PLAYS}
    statement = sa.text(_STORE.format(scored=scored)).bindparams(
        sa.bindparam("now", type_=sa.DateTime(timezone=True)), sa.bindparam("since", type_=sa.DateTime(timezone=True))
    )
    await session.execute(statement, parameters)


async def copy_chart_to_titles(session: WriteSession) -> None:
    """Write the seven-day chart beside the titles' features, where rows are read in its order."""
    await session.execute(sa.text(_COPY_TO_TITLES))


async def ranks_of(session: WriteSession, period: TrendPeriod) -> list[str]:
    """Return the ids of the whole chart in order."""
    found = await session.execute(
        sa.select(col(Trend.title_id)).where(col(Trend.period) == period).order_by(col(Trend.rank))
    )
    return list(found.scalars())


async def trends_by_title(
    session: ReadSession, title_ids: Sequence[str], *, periods: Sequence[TrendPeriod], audience: Audience
) -> dict[tuple[str, TrendPeriod], Trend]:
    """Return the places of the titles in the charts; a title without plays, or hidden, has none."""
    found = await session.execute(
        sa.select(Trend)
        .join(Title, col(Title.title_id) == col(Trend.title_id))
        .where(col(Trend.title_id).in_(title_ids), col(Trend.period).in_(periods), *visible_to(audience))
    )
    return {(trend.title_id, trend.period): trend for trend in found.scalars()}


async def computed_at(session: ReadSession) -> datetime | None:
    """Return when the charts were computed last; None without any."""
    found = await session.execute(sa.select(sa.func.max(col(Trend.computed_at))))
    return found.scalar_one()
