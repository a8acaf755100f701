"""A subscription through the router: seen, previewed, changed, cancelled; one account from two subgraphs."""

from datetime import UTC, datetime, timedelta

import pytest

from subgraphs.billing.service import start_subscription
from subgraphs.shared.postgres import Database
from tests.e2e.platform import Platform, operation
from tests.e2e.test_strangers import newcomer

PLANS = "{ plans { id code } }"
PREVIEW = """query ($plan: ID!) { subscriptionChangePreview(planId: $plan) {
  dueNow { amountMinor } credit { amountMinor } nextInvoice { amountMinor } } }"""
CHANGE = """mutation ($plan: ID!, $key: ID!) { subscriptionChange(planId: $plan, idempotencyKey: $key) {
  subscription { plan { code } } errors { code } } }"""
CANCEL = """mutation { subscriptionCancel(reason: "Moving") {
  subscription { status cancelAtPeriodEnd autoRenew } errors { code } } }"""


@pytest.mark.requirement("FR-UM-004.1", "FR-UM-004.2", "FR-UM-004.3", "FR-UM-004.5", "CL-06")
async def test_a_subscriber_upgrades_cancels_and_finds_both_in_the_account(
    platform: Platform, environment: dict[str, str]
) -> None:
    person = await newcomer(environment)
    token = person.token(platform)
    database = Database(environment["DATABASE_URL"], "billing")
    now = datetime.now(UTC)
    async with database.writing() as session:
        await start_subscription(
            session, person.global_ids[0], plan_code="monthly", now=now, starts_at=now - timedelta(days=10)
        )
    await database.close()
    plans = {plan["code"]: plan["id"] for plan in (await platform.data(PLANS))["plans"]}

    preview = (await platform.data(PREVIEW, {"plan": plans["annual"]}, token=token))["subscriptionChangePreview"]
    variables = {"plan": plans["annual"], "key": "upgrade"}
    changed = [await platform.data(CHANGE, variables, token=token) for _time in range(2)]
    cancelled = await platform.data(CANCEL, token=token)
    account = (await platform.data(operation("my-account"), token=token))["viewer"]["account"]

    due_minor = preview["dueNow"]["amountMinor"]
    assert preview["nextInvoice"] == {"amountMinor": 299_900}
    assert due_minor == 299_900 - preview["credit"]["amountMinor"]
    assert (
        changed
        == [
            {"subscriptionChange": {"subscription": {"plan": {"code": "annual"}}, "errors": []}},
        ]
        * 2
    )
    assert cancelled["subscriptionCancel"] == {
        "subscription": {"status": "ACTIVE", "cancelAtPeriodEnd": True, "autoRenew": False},
        "errors": [],
    }
    assert account["email"] == person.email
    assert account["daysLeft"] == 365
    assert account["subscription"]["plan"]["code"] == "annual"
    (payment,) = (edge["node"] for edge in account["payments"]["edges"])
    (invoice,) = (edge["node"] for edge in account["invoices"]["edges"])
    # By the second: the preview and the change are a moment apart.
    assert 0 <= payment["amount"]["amountMinor"] - due_minor <= 10
    assert payment["status"] == "SUCCEEDED"
    assert invoice["total"] == payment["amount"]
