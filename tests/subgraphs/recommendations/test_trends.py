"""Charts: how plays count, what is published, who sees them."""

import math
from datetime import timedelta

import pytest
import redis
import sqlalchemy as sa

from subgraphs.recommendations.models.words import TrendPeriod
from subgraphs.recommendations.service import Batches
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.outbox import pending_events
from subgraphs.shared.postgres import Database
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import MaturityRating
from tests.subgraphs.recommendations.catalogue import NOW, movie, title_id
from tests.subgraphs.recommendations.conftest import TurnedClock
from tests.subgraphs.recommendations.support import ask, play

TRENDING = """query Trending($period: TrendPeriod! = D7, $first: Int! = 20) {
  trending(period: $period, first: $first) { score title { id } reason { kind text } } }"""
TREND = """query Trend($references: [_Any!]!, $period: TrendPeriod! = D7) { _entities(representations: $references) {
  ... on Title { trend(period: $period) { score rank previousRank computedAt } } } }"""


async def chart(app: SubgraphApp, viewer: Viewer = ANONYMOUS, **variables: object) -> list[tuple[str, float]]:
    data = await ask(app, viewer, TRENDING, **variables)
    return [(scored["title"]["id"], scored["score"]) for scored in data["trending"]]


async def test_a_week_counts_decayed_plays_and_the_completion_rate(app: SubgraphApp, filled: Batches) -> None:
    await filled.record_plays(
        [
            play("a", title_id(1), at=NOW - timedelta(hours=48), completion=1.0),
            play("b", title_id(1), at=NOW - timedelta(hours=96), completion=0.5),
            play("a", title_id(2), at=NOW, completion=0.3),
            play("a", title_id(7), at=NOW - timedelta(days=8), completion=1.0),
        ]
    )

    await filled.compute_trending()

    everybody = (1.0 + 0.5 + 0.3) / 3
    factor_1 = 0.5 + 0.5 * (2 * 0.75 + 50 * everybody) / 52
    factor_2 = 0.5 + 0.5 * (1 * 0.3 + 50 * everybody) / 51
    expected = [(title_id(1), (3 * 0.5 + 2 * 0.25) * factor_1), (title_id(2), 1 * factor_2)]
    found = await chart(app)
    assert [title for title, _ in found] == [title for title, _ in expected]
    for (_, score), (_, wanted) in zip(found, expected, strict=True):
        assert math.isclose(score, wanted, rel_tol=1e-9)


async def test_a_day_shows_what_surges_over_the_four_weeks_before(app: SubgraphApp, filled: Batches) -> None:
    steady = [play(f"p{day}", title_id(1), at=NOW - timedelta(days=day, hours=1)) for day in range(1, 29)]
    today = [play(who, title_id(1), at=NOW - timedelta(hours=1)) for who in ("a", "b")]
    surging = [play(who, title_id(2), at=NOW - timedelta(hours=1)) for who in ("a", "b")]
    await filled.record_plays([*steady, *today, *surging])

    await filled.compute_trending()

    found = await chart(app, period="H24")
    assert [title for title, _ in found] == [title_id(2), title_id(1)]
    assert found[0][1] == 2.0
    assert math.isclose(found[1][1], (2 - 1) / math.sqrt(2))


async def test_a_profile_counts_once_a_day_with_the_furthest_it_came(filled: Batches, database: Database) -> None:
    start, half, end = (play("a", title_id(1), at=NOW, completion=part) for part in (0.1, 0.5, 0.9))
    await filled.record_plays([end, start])
    await filled.record_plays([half, half, start])

    async with database.reading() as session:
        rows = (await session.execute(sa.text("SELECT weight, completion FROM plays"))).all()

    assert [tuple(row) for row in rows] == [(3, 0.9)]


async def test_less_than_thirty_seconds_is_no_play(filled: Batches, database: Database) -> None:
    almost, just = (play("a", title_id(n), at=NOW, completion=s / 6000) for n, s in ((1, 29.9), (2, 30)))

    changed = await filled.record_plays([almost, just])

    async with database.reading() as session:
        rows = (await session.execute(sa.text("SELECT title_id, weight FROM plays"))).all()
    assert [tuple(row) for row in rows] == [(title_id(2), 1)]
    assert len(changed) == 1


async def test_ties_are_broken_by_id(app: SubgraphApp, filled: Batches) -> None:
    titles = [title_id(number) for number in (3, 1, 2, 9)]
    await filled.record_plays([play("a", title, at=NOW) for title in titles])

    await filled.compute_trending()

    assert [title for title, _ in await chart(app)] == sorted(titles)


async def test_the_chart_before_gives_the_previous_rank(app: SubgraphApp, filled: Batches, clock: TurnedClock) -> None:
    await filled.record_plays([play("a", title_id(1), at=NOW), play("b", title_id(1), at=NOW)])
    await filled.record_plays([play("a", title_id(2), at=NOW)])
    await filled.compute_trending()
    clock.turn(timedelta(hours=6))
    later = clock()
    await filled.record_plays([play(who, title_id(2), at=later) for who in "bcd"])
    await filled.record_plays([play("a", title_id(3), at=later, completion=0.1)])

    await filled.compute_trending()
    await filled.compute_trending()

    references = [{"__typename": "Title", "id": title_id(number)} for number in (1, 2, 3, 4)]
    data = await ask(app, ANONYMOUS, TREND, references=references)
    ranks = [
        None if entity["trend"] is None else (entity["trend"]["rank"], entity["trend"]["previousRank"])
        for entity in data["_entities"]
    ]
    assert ranks == [(2, 1), (1, 2), (3, None), None]
    assert {entity["trend"]["computedAt"] for entity in data["_entities"][:3]} == {later.isoformat()}


async def test_the_weeks_chart_is_published_once_for_each_computation(filled: Batches, database: Database) -> None:
    await filled.record_plays([play("a", title_id(1), at=NOW), play("a", title_id(2), at=NOW, completion=0.2)])

    await filled.compute_trending()

    async with database.writing() as session:
        events = await pending_events(session, limit=10)
    assert [event.topic for event in events] == ["recommendations.trending_computed"]
    assert events[0].payload["period"] == "D7"
    assert events[0].payload["ranks"] == [title_id(1), title_id(2)]
    assert await filled.trending_computed_at() == NOW


async def test_charts_keep_to_limit_country_window_and_publication(app: SubgraphApp, batches: Batches) -> None:
    titles = [
        movie(1, maturity_rating=MaturityRating.A),
        movie(2, maturity_rating=MaturityRating.U),
        movie(3, maturity_rating=MaturityRating.U, countries=["US"]),
        movie(4, maturity_rating=MaturityRating.U, available_until=NOW),
        movie(5, maturity_rating=MaturityRating.U, published=False),
        movie(6, maturity_rating=None),
    ]
    await batches.project_titles(titles)
    await batches.record_plays([play("a", title.title_id, at=NOW) for title in titles])
    await batches.compute_trending()

    everyone = await chart(app)
    child = await chart(app, Viewer(maturity_limit=MaturityRating.UA_7))

    assert {title for title, _ in everyone} == {title_id(1), title_id(2), title_id(6)}
    assert [title for title, _ in child] == [title_id(2)]


async def test_the_age_of_the_charts_survives_a_lost_cache(filled: Batches, redis_url: str) -> None:
    await filled.record_plays([play("a", title_id(1), at=NOW)])
    await filled.compute_trending()
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()

    assert await filled.trending_computed_at() == NOW


async def test_trending_is_one_statement(app: SubgraphApp, filled: Batches) -> None:
    await filled.record_plays([play("a", title_id(number), at=NOW) for number in range(40)])
    await filled.compute_trending()

    counts = []
    for first in (2, 20):
        with count_statements() as statements:
            await chart(app, first=first)
        counts.append(sum(statements.values()))

    assert counts == [1, 1]


@pytest.mark.parametrize("period", list(TrendPeriod))
async def test_an_empty_history_has_an_empty_chart(app: SubgraphApp, filled: Batches, period: TrendPeriod) -> None:
    never = await filled.trending_computed_at()
    await filled.compute_trending()

    assert never is None
    assert await chart(app, period=period.value) == []
    assert await filled.trending_computed_at() == NOW
