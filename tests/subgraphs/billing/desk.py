"""The billing subgraph as its tests use it: a subscriber, what they ask, and what the tables say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from subgraphs.billing.config import Settings
from subgraphs.billing.gateways.payments import Charge, ChargeOutcome, PaymentProvider
from subgraphs.billing.gateways.sandbox import APPROVE, SandboxProvider
from subgraphs.billing.models import Provider
from subgraphs.billing.service import Cashier, start_subscription
from subgraphs.billing.service.terms import Terms
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from subgraphs.shared.ids import encode_id
from subgraphs.shared.postgres import Database

PLAN_IDS = {
    code: encode_id("Plan", UUID(f"6b1f2a52-4c55-4c63-9d0e-1a7a60c0a00{number}"))
    for number, code in enumerate(("monthly", "quarterly", "annual"), start=1)
}
SUBSCRIPTION = """status autoRenew cancelAtPeriodEnd currentPeriodStart currentPeriodEnd accessUntil graceUntil
  nextRetryAt provider price { amountMinor } plan { code } scheduledChange { plan { code } at }"""
ENTITY = "query ($who: [_Any!]!) { _entities(representations: $who) { ... on User { %s } } }"
CHANGE = """mutation ($plan: ID!, $key: ID!) { subscriptionChange(planId: $plan, idempotencyKey: $key) {
  subscription { %s } errors { code path } } }"""
PREVIEW = """query ($plan: ID!) { subscriptionChangePreview(planId: $plan) {
  dueNow { amountMinor currency } credit { amountMinor } nextInvoice { amountMinor } effectiveAt
  lines { description amount { amountMinor } proration } } }"""
MUTATION = "mutation { result: %s { subscription { %s } errors { code path } } }"
TABLES = ("subscriptions", "payments", "invoices", "plan_changes", "invoice_counters", "sandbox_charges", "outbox")


@dataclass
class DyingProvider:
    """The sandbox behind a process that dies when the answer comes, so many times: charged, and not recorded."""

    inner: PaymentProvider
    deaths: int = 1
    kind = Provider.FAKE
    asked: list[Charge] = field(default_factory=list)

    async def charge(self, charge: Charge) -> ChargeOutcome:
        self.asked.append(charge)
        outcome = await self.inner.charge(charge)
        if self.deaths:
            self.deaths -= 1
            raise ConnectionResetError
        return outcome


@dataclass
class Desk:
    """One subscriber at the billing subgraph. Moments in answers are ISO texts in UTC."""

    app: SubgraphApp
    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    viewer: Viewer = field(default_factory=lambda: Viewer(user_id=encode_id("User", uuid4())))

    @property
    def user_id(self) -> str:
        return self.viewer.require_user()

    def cashier(self, provider: PaymentProvider | None = None, **changes: Any) -> Cashier:
        """Return what the worker uses, with other settings or another provider if wanted."""
        terms = Terms.of(self.settings.model_copy(update=changes))
        return Cashier(self.database, provider or SandboxProvider(self.database), terms, clock=self.clock)

    async def subscribe(self, plan: str = "monthly", *, token: str = APPROVE, state: str | None = None) -> None:
        """Start the subscription now; it is paid, outside these books."""
        async with self.database.writing() as session:
            await start_subscription(
                session, self.user_id, plan_code=plan, now=self.clock(), payment_token=token, billing_state=state
            )

    async def pay_with(self, token: str) -> None:
        """Have the provider know the subscriber's way to pay by another token from now on."""
        await self.execute("UPDATE subscriptions SET payment_token = :token", token=token)

    async def execute(self, statement: str, **values: Any) -> None:
        async with self.database.writing() as session:
            await session.execute(sa.text(statement), values)

    async def change(self, plan: str, key: str = "key-1") -> dict[str, Any]:
        query = CHANGE % SUBSCRIPTION
        return (await self._data(query, {"plan": PLAN_IDS.get(plan, plan), "key": key}))["subscriptionChange"]  # type: ignore[no-any-return]  # JSON

    async def preview(self, plan: str) -> dict[str, Any]:
        """Return the whole response: a refusal is an error here."""
        return await self.app.execute_as(self.viewer, PREVIEW, variables={"plan": PLAN_IDS.get(plan, plan)})

    async def mutate(self, call: str) -> dict[str, Any]:
        return (await self._data(MUTATION % (call, SUBSCRIPTION), {}))["result"]  # type: ignore[no-any-return]  # JSON

    async def account(self, selection: str, viewer: Viewer | None = None) -> Any:
        """Return what somebody, the subscriber unless another is named, reads of the subscriber's account."""
        who = [{"__typename": "User", "id": self.user_id}]
        data = await self._data(ENTITY % selection, {"who": who}, viewer)
        return data["_entities"][0]

    async def subscription(self) -> Any:
        return (await self.account(f"subscription {{ {SUBSCRIPTION} }}"))["subscription"]

    async def _data(self, query: str, variables: dict[str, Any], viewer: Viewer | None = None) -> dict[str, Any]:
        response = await self.app.execute_as(viewer or self.viewer, query, variables=variables)
        assert "errors" not in response, response
        data: dict[str, Any] = response["data"]
        return data

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.database.reading() as session:
            return [tuple(row) for row in await session.execute(sa.text(query))]

    async def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return everything that the database holds, to compare with later."""
        return {table: sorted(await self.rows(f"SELECT t::text FROM {table} t")) for table in TABLES}

    async def events(self, topic: str) -> list[dict[str, Any]]:
        """Return the payloads of the events of the topic, in order."""
        async with self.database.reading() as session:
            statement = sa.text("SELECT payload FROM outbox WHERE topic = :topic ORDER BY position")
            return [row.payload for row in await session.execute(statement, {"topic": f"billing.{topic}"})]

    async def news(self) -> list[str]:
        return [event["news"] for event in await self.events("subscription_changed")]
