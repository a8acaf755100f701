"""The cashier: asks the provider for money between two transactions, both committed here. For mutations and workers.

Begin (commit) → charge, outside any transaction → settle (commit). Whoever dies on the way leaves a pending payment,
which the next turn of the worker asks for again under the same key.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from subgraphs.billing import repository
from subgraphs.billing.config import Settings
from subgraphs.billing.errors import NotSubscribedError, PaymentDeclinedError, ProviderUnavailableError
from subgraphs.billing.gateways.payments import Charge, PaymentProvider
from subgraphs.billing.gateways.sandbox import SandboxProvider
from subgraphs.billing.models import Payment, PaymentStatus
from subgraphs.billing.service.changes import ChangeRequest, begin_change
from subgraphs.billing.service.charging import note_silence, settle
from subgraphs.billing.service.renewals import begin_due
from subgraphs.billing.service.subscriptions import cancel
from subgraphs.billing.service.terms import Terms
from subgraphs.shared.clock import Clock, system_clock
from subgraphs.shared.postgres import Database

BATCH_SIZE = 20
MOST_BATCHES = 25
LEFT_BEHIND_AFTER = timedelta(minutes=1)
"""A payment that is pending for longer lost its process: no call to a provider may take that long."""

_log = structlog.get_logger()


class Cashier:
    """Collects payments over an open database."""

    def __init__(self, database: Database, provider: PaymentProvider, terms: Terms, *, clock: Clock) -> None:
        self._database = database
        self._provider = provider
        self._terms = terms
        self._clock = clock

    async def change_plan(self, request: ChangeRequest) -> None:
        """Change the account's plan: charged at once if it is better, else from the next period on.

        Raises:
            SubscriptionRefusedError: It cannot be changed so, or the charge was declined; the plan is what it was.
            UnknownPlanError: No plan on sale has the id.
            ProviderUnavailableError: No answer; the change happens when the provider says that it charged.
        """
        async with self._database.writing() as session:
            payment = await begin_change(session, request, now=self._clock(), terms=self._terms)
        if payment is None:
            return
        settled = await self.collect(payment)
        if settled.status is PaymentStatus.FAILED:
            raise PaymentDeclinedError(settled.failure_code or "UNKNOWN")

    async def stop_renewing(self, user_ids: Sequence[str]) -> None:
        """Have the accounts' subscriptions end with their periods; those that have none, or did it before, stay.

        Raises:
            PaymentInProgressError: A charge of one of them is under way; come again.
        """
        for user_id in user_ids:
            with suppress(NotSubscribedError):
                async with self._database.writing() as session:
                    await cancel(
                        session,
                        user_id,
                        at_period_end=True,
                        reason=None,
                        now=self._clock(),
                        grace=self._terms.grace,
                    )

    async def collect(self, payment: Payment) -> Payment:
        """Charge a payment that is pending and return it settled; one that is settled comes back as it is.

        Raises:
            ProviderUnavailableError: No answer; the payment stays pending.
        """
        if payment.status is not PaymentStatus.PENDING:
            return payment
        outcome = await self._provider.charge(
            Charge(
                key=str(payment.id),
                token=payment.payment_token,
                amount_minor=payment.amount_minor,
                currency=payment.currency,
            )
        )
        async with self._database.writing() as session:
            return await settle(session, payment, outcome, now=self._clock(), terms=self._terms)

    async def collect_due(self) -> int:
        """Finish what was left behind, then renew, retry and end what is due; return how many subscriptions.

        A provider that answers for nobody of a batch is left alone until the next turn; one that is silent about some
        customer only keeps no other waiting. What failed alone is logged.
        """
        async with self._database.reading() as session:
            before = self._clock() - LEFT_BEHIND_AFTER
            left_behind = await repository.pending_payments(session, before=before, limit=BATCH_SIZE)
        await self._collect_all(left_behind)
        total = len(left_behind)
        for _batch in range(MOST_BATCHES):
            async with self._database.writing() as session:
                due = await begin_due(session, limit=BATCH_SIZE, now=self._clock(), terms=self._terms)
            if not due.payments and not due.ended:
                break
            total += len(due.payments) + due.ended
            answered = await self._collect_all(due.payments)
            if due.payments and not any(answered):
                break
        return total

    async def _collect_all(self, payments: Sequence[Payment]) -> list[bool]:
        """Collect the payments at the same time; return for which of them the provider answered."""
        return await asyncio.gather(*(self._collect_alone(payment) for payment in payments))

    async def _collect_alone(self, payment: Payment) -> bool:
        try:
            return await self._is_answered(payment)
        except Exception:  # noqa: BLE001  # one payment's fault must not keep the others waiting
            _log.exception("payment_not_settled", payment_id=str(payment.id))
            return True

    async def _is_answered(self, payment: Payment) -> bool:
        """Collect the payment; without an answer, see to it that nobody loses access for that."""
        try:
            await self.collect(payment)
        except ProviderUnavailableError:
            async with self._database.writing() as session:
                await note_silence(session, payment, now=self._clock(), terms=self._terms)
            return False
        return True


@asynccontextmanager
async def open_service(settings: Settings, *, clock: Clock = system_clock) -> AsyncIterator[Cashier]:
    """Open the database and give the cashier over it, with the provider that is bound: the sandbox."""
    database = Database(
        settings.database_url,
        settings.billing_database,
        pool_size=settings.database_pool_size,
        timeout_seconds=settings.store_timeout_seconds,
    )
    try:
        yield open_cashier(database, settings, clock=clock)
    finally:
        await database.close()


def open_cashier(database: Database, settings: Settings, *, clock: Clock) -> Cashier:
    """Return the cashier over a database that is open, with the provider that is bound: the sandbox."""
    provider = SandboxProvider(database, decline_code=settings.sandbox_decline_code)
    return Cashier(database, provider, Terms.of(settings), clock=clock)
