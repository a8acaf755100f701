"""Migrations, projections and what happens without a store."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.recommendations.app import create_app
from subgraphs.recommendations.config import Settings
from subgraphs.recommendations.models.tables import Model
from subgraphs.recommendations.service import Batches, Entitlement
from subgraphs.recommendations.service.tracking import InvalidTrackingTokenError, TrackingTokens
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS
from subgraphs.shared.postgres import Database, async_url
from subgraphs.shared.telemetry import count_statements
from subgraphs.shared.values import Tier
from tests.subgraphs.recommendations.catalogue import CATALOGUE, NOW, movie, title_id, user_id
from tests.subgraphs.recommendations.conftest import TurnedClock
from tests.subgraphs.recommendations.support import ask, viewer

HOME = "{ page(slug: HOME) { degraded trays { edges { node { isPersonalised items { edges { rank } } } } } } }"


@pytest.fixture
async def cacheless(settings: Settings, clock: TurnedClock) -> AsyncIterator[SubgraphApp]:
    """The subgraph with a Valkey that does not answer."""
    app = create_app(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}), clock=clock)
    async with app.running():
        yield app


@pytest.fixture
async def databaseless(settings: Settings, clock: TurnedClock) -> AsyncIterator[SubgraphApp]:
    """The subgraph with a PostgreSQL that does not answer."""
    app = create_app(settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1"}), clock=clock)
    async with app.running():
        yield app


async def test_migrations_and_models_agree(settings: Settings) -> None:
    engine = create_async_engine(async_url(settings.database_url, settings.recommendations_database))

    def differences(connection: sa.Connection) -> Any:
        def is_ours(thing: Any, name: str | None, kind: str, *_: Any) -> bool:
            return not (kind == "table" and name == "outbox")

        context = MigrationContext.configure(connection, opts={"include_object": is_ours, "compare_type": True})
        return compare_metadata(context, Model.metadata)

    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()

    assert found == []


async def test_the_highest_version_of_a_title_wins_in_any_order(batches: Batches, database: Database) -> None:
    await batches.project_titles([movie(1, version=3, kind="NEW"), movie(1, version=2, kind="OLD")])
    await batches.project_titles([movie(1, version=1, kind="OLDEST")])
    await batches.project_titles([])

    async with database.reading() as session:
        rows = (await session.execute(sa.text("SELECT version, kind FROM titles"))).all()
    assert [tuple(row) for row in rows] == [(3, "NEW")]


async def test_the_highest_version_of_an_entitlement_wins(batches: Batches, database: Database) -> None:
    await batches.project_entitlements([Entitlement(user_id("a"), Tier.PREMIUM, 5)])
    await batches.project_entitlements([Entitlement(user_id("a"), Tier.FREE, 4)])

    async with database.reading() as session:
        rows = (await session.execute(sa.text("SELECT tier, version FROM entitlements"))).all()
    assert [tuple(row) for row in rows] == [("PREMIUM", 5)]


async def test_batches_above_five_hundred_are_written_whole(batches: Batches, database: Database) -> None:
    await batches.project_titles([movie(number) for number in range(501)])

    async with database.reading() as session:
        assert (await session.execute(sa.text("SELECT count(*) FROM titles"))).scalar_one() == 501


async def test_a_new_title_is_on_the_page_at_once(app: SubgraphApp, filled: Batches) -> None:
    query = """{ page(slug: MOVIES) { trays { edges { node { kind items(first: 1) { edges { node {
        ... on TitleItem { title { id } } } } } } } } } }"""
    newest = movie(500, release_date=NOW.date())
    before = await ask(app, ANONYMOUS, query)

    await filled.project_titles([newest])

    after = await ask(app, ANONYMOUS, query)
    assert newest.title_id not in str(before)
    leaders = {tray["node"]["kind"]: tray["node"]["items"]["edges"][0] for tray in after["page"]["trays"]["edges"]}
    assert leaders["NEW_RELEASES"]["node"]["title"]["id"] == newest.title_id


async def test_the_same_titles_again_leave_the_rows_alone(app: SubgraphApp, filled: Batches) -> None:
    await ask(app, viewer("asha"), HOME)

    await filled.project_titles(CATALOGUE)

    with count_statements() as statements:
        await ask(app, viewer("asha"), HOME)
    assert dict(statements) == {"redis": 1}


@pytest.mark.requirement("NFR-REL-003")
async def test_without_valkey_the_generic_home_is_served_as_degraded(cacheless: SubgraphApp, filled: Batches) -> None:
    page = (await ask(cacheless, viewer("asha"), HOME))["page"]

    full = [tray for tray in page["trays"]["edges"] if len(tray["node"]["items"]["edges"]) == 10]
    assert page["degraded"] is True
    assert len(full) >= 8


async def test_without_postgres_ranked_rows_are_served_still(
    app: SubgraphApp, databaseless: SubgraphApp, filled: Batches
) -> None:
    expected = await ask(app, ANONYMOUS, HOME)

    assert await ask(databaseless, ANONYMOUS, HOME) == expected
    new = (await ask(databaseless, viewer("new"), HOME))["page"]
    assert new["degraded"] is True
    assert new["trays"]["edges"]


async def test_without_any_store_the_page_is_null_with_its_reason(databaseless: SubgraphApp) -> None:
    response = await databaseless.execute_as(ANONYMOUS, HOME)

    assert response["data"] == {"page": None}
    assert [error["extensions"]["code"] for error in response["errors"]] == ["SERVICE_UNAVAILABLE"]


async def test_readiness_names_a_lost_store(databaseless: SubgraphApp, app: SubgraphApp) -> None:
    await app.check_stores()

    with pytest.raises(Exception, match="does not answer"):
        await databaseless.check_stores()


def test_tracking_tokens_name_what_was_seen_and_cannot_be_forged() -> None:
    tokens, tray = TrackingTokens("s" * 32), UUID(int=7)

    token = tokens.token(tray, rank=3, item_id=title_id(1))

    seen = tokens.read(token)
    assert (seen.tray, seen.rank, seen.item_id) == (tray, 3, title_id(1))
    for forged in (token.replace(".3.", ".1."), "", "x" * 40, TrackingTokens("t" * 32).token(tray)):
        with pytest.raises(InvalidTrackingTokenError):
            tokens.read(forged)
