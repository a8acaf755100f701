"""Plans, the viewer's subscription, and offers, as the router asks for them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from subgraphs.billing.config import Settings
from subgraphs.billing.models import Model
from subgraphs.billing.service import start_subscription
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import Database
from subgraphs.shared.telemetry import count_statements
from tests.subgraphs.billing.conftest import NOW
from tests.support.servers import DatabaseFactory

ASHA = Viewer(user_id=encode_id("User", uuid4()))
RAVI = Viewer(user_id=encode_id("User", uuid4()))
MOVIES = [encode_id("Movie", UUID(int=number)) for number in range(20)]

PLANS = """{ plans { id code name tier interval intervalDays price { amountMinor currency } discountPercent
  features { maxQuality ads downloads maxConcurrentStreams maxProfiles } } }"""
ENTITIES = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    ... on User { id daysLeft subscription { id status accessUntil cancelAtPeriodEnd currentPeriodStart
      currentPeriodEnd plan { code } price { amountMinor currency } } }
    ... on Title { id offers { plan { code } price { amountMinor } } }
    ... on Plan { code }
    ... on PlanSubscription { status }
  }
}"""


async def entities(app: SubgraphApp, viewer: Viewer, *representations: dict[str, Any]) -> list[Any]:
    response = await app.execute_as(viewer, ENTITIES, variables={"representations": list(representations)})
    assert "errors" not in response, response
    found: list[Any] = response["data"]["_entities"]
    return found


async def subscribe(database: Database, viewer: Viewer, *, days_ago: int = 0) -> str:
    """Return the global id of a monthly subscription of the viewer."""
    async with database.writing() as session:
        row = await start_subscription(
            session, viewer.require_user(), plan_code="monthly", now=NOW, starts_at=NOW - timedelta(days=days_ago)
        )
    return encode_id("PlanSubscription", row.id)


def title(number: int, tier: str = "PREMIUM") -> dict[str, Any]:
    return {"__typename": "Title", "id": MOVIES[number], "requiredTier": tier}


def user(viewer: Viewer) -> dict[str, Any]:
    return {"__typename": "User", "id": viewer.user_id}


@pytest.mark.requirement("IN-B-07")
@pytest.mark.requirement("IN-B-08")
async def test_the_plans_have_their_prices_and_computed_discounts(app: SubgraphApp, settings: Settings) -> None:
    with count_statements() as statements:
        response = await app.execute_as(ANONYMOUS, PLANS)

    shown = [
        (
            plan["code"],
            plan["interval"],
            plan["intervalDays"],
            plan["price"]["amountMinor"],
            plan["price"]["currency"],
            plan["discountPercent"],
        )
        for plan in response["data"]["plans"]
    ]
    assert shown == [
        ("monthly", "MONTH", 30, 29_900, "INR", None),
        ("quarterly", "QUARTER", 90, 79_900, "INR", 10.9),
        ("annual", "YEAR", 365, 299_900, "INR", 16.4),
    ]
    assert [plan["features"] for plan in response["data"]["plans"]] == [
        {"maxQuality": "P1080", "ads": False, "downloads": True, "maxConcurrentStreams": 2, "maxProfiles": 5}
    ] * 3
    assert statements == {f"postgres:{settings.billing_database}": 1}


async def test_a_plan_is_named_in_the_language_asked_for_then_the_viewers_then_english(app: SubgraphApp) -> None:
    query = '{ plans { asked: name(locale: "en") missing: name(locale: "ta") own: name } }'

    response = await app.execute_as(Viewer(profile_locale="hi-IN"), query)

    assert response["data"]["plans"][0] == {
        "asked": "Premium monthly",
        "missing": "प्रीमियम मासिक",
        "own": "प्रीमियम मासिक",
    }


@pytest.mark.requirement("FR-UM-004.1")
async def test_a_subscriber_sees_the_subscription_and_the_days_left(app: SubgraphApp, database: Database) -> None:
    subscription_id = await subscribe(database, ASHA, days_ago=10)

    found = await entities(app, ASHA, user(ASHA))

    assert found == [
        {
            "id": ASHA.user_id,
            "daysLeft": 20,
            "subscription": {
                "id": subscription_id,
                "status": "ACTIVE",
                "accessUntil": "2026-03-21T09:30:00+00:00",
                "cancelAtPeriodEnd": False,
                "currentPeriodStart": "2026-02-19T09:30:00+00:00",
                "currentPeriodEnd": "2026-03-21T09:30:00+00:00",
                "plan": {"code": "monthly"},
                "price": {"amountMinor": 29_900, "currency": "INR"},
            },
        }
    ]


async def test_a_free_account_has_neither(app: SubgraphApp) -> None:
    assert await entities(app, ASHA, user(ASHA)) == [{"id": ASHA.user_id, "daysLeft": None, "subscription": None}]


async def test_accounts_and_subscriptions_of_others_stay_hidden_in_order(
    app: SubgraphApp, database: Database, settings: Settings
) -> None:
    own, foreign = await subscribe(database, ASHA), await subscribe(database, RAVI)
    representations = [
        {"__typename": "PlanSubscription", "id": foreign},
        {"__typename": "PlanSubscription", "id": own},
        {"__typename": "PlanSubscription", "id": "nonsense"},
        {"__typename": "PlanSubscription", "id": encode_id("PlanSubscription", UUID(int=0))},
        user(RAVI),
        {"__typename": "PlanSubscription", "id": own},
    ]

    with count_statements() as statements:
        found = await entities(app, ASHA, *representations)

    active = {"status": "ACTIVE"}
    assert found == [None, active, None, None, None, active]
    assert statements == {f"postgres:{settings.billing_database}": 2}


async def test_plans_resolve_in_order_in_one_statement(app: SubgraphApp, settings: Settings) -> None:
    plans = (await app.execute_as(ANONYMOUS, PLANS))["data"]["plans"]
    ids = [plans[2]["id"], "nonsense", encode_id("Plan", UUID(int=0)), plans[0]["id"], plans[2]["id"], MOVIES[0]]

    with count_statements() as statements:
        found = await entities(app, ANONYMOUS, *({"__typename": "Plan", "id": plan_id} for plan_id in ids))

    assert found == [{"code": "annual"}, None, None, {"code": "monthly"}, {"code": "annual"}, None]
    assert statements == {f"postgres:{settings.billing_database}": 1}


@pytest.mark.parametrize("page_size", [2, 20])
async def test_offers_of_many_titles_cost_one_statement(app: SubgraphApp, settings: Settings, page_size: int) -> None:
    with count_statements() as statements:
        found = await entities(app, ASHA, *(title(number) for number in range(page_size)))

    offers = [
        {"plan": {"code": "monthly"}, "price": {"amountMinor": 29_900}},
        {"plan": {"code": "quarterly"}, "price": {"amountMinor": 79_900}},
        {"plan": {"code": "annual"}, "price": {"amountMinor": 299_900}},
    ]
    assert found == [{"id": MOVIES[number], "offers": offers} for number in range(page_size)]
    assert statements == {f"postgres:{settings.billing_database}": 1}


async def test_offers_are_empty_for_free_titles_and_null_without_the_tier(app: SubgraphApp) -> None:
    representations = [
        title(0, "FREE"),
        {"__typename": "Title", "id": MOVIES[1]},
        {"__typename": "Title", "id": "nonsense"},
        title(2, "GOLD"),
        title(3),
    ]

    found = await entities(app, ANONYMOUS, *representations)

    offers = [entity and entity["offers"] and len(entity["offers"]) for entity in found]
    assert offers == [[], None, None, None, 3]


async def test_a_subscriber_is_offered_nothing_until_access_ends(app: SubgraphApp, database: Database) -> None:
    await subscribe(database, ASHA, days_ago=29)
    await subscribe(database, RAVI, days_ago=30)

    subscriber = await entities(app, ASHA, title(0))
    lapsed = await entities(app, RAVI, title(0))

    assert subscriber == [{"id": MOVIES[0], "offers": []}]
    assert len(lapsed[0]["offers"]) == 3


async def test_migrations_and_models_agree(make_database: DatabaseFactory) -> None:
    database = await make_database("billing")
    engine = create_async_engine(database.url)

    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"include_name": _is_not_outbox}), Model.metadata
            )
        )
    await engine.dispose()

    assert differences == []


def _is_not_outbox(name: str | None, kind: str, _parents: object) -> bool:
    """The kernel owns that table."""
    return not (kind == "table" and name == "outbox")
