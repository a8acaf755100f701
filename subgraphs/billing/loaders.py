"""Batched reads of one request: one statement for each loader and turn of the event loop."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from subgraphs.billing import repository
from subgraphs.billing.models import Invoice, Subscription
from subgraphs.billing.service import PlanBook
from subgraphs.shared.graphql.schema import loader_method
from subgraphs.shared.identity import Viewer
from subgraphs.shared.postgres import Database


class Loaders:
    """The loaders of one request; what belongs to another account loads as None."""

    def __init__(self, database: Database, viewer: Viewer) -> None:
        self._database = database
        self._viewer_id = viewer.user_id
        self._book: PlanBook | None = None
        self._reading_book: asyncio.Task[PlanBook] | None = None

    async def plan_book(self) -> PlanBook:
        """Return every plan; read once for the request, however often it is asked, if it did not come with the viewer's
        subscription."""
        if self._book is not None:
            return self._book
        if self._reading_book is None:
            self._reading_book = asyncio.create_task(self._read_plans())
        return await self._reading_book

    async def _read_plans(self) -> PlanBook:
        return PlanBook(await repository.plans_to_show(self._database))

    @loader_method
    async def subscription_by_user(self, user_ids: Sequence[str]) -> list[Subscription | None]:
        if self._viewer_id is None or self._viewer_id not in user_ids:
            return [None] * len(user_ids)
        found, plans = await repository.subscription_to_show(self._database, self._viewer_id)
        self._book = self._book or PlanBook(plans)
        return [found if user_id == self._viewer_id else None for user_id in user_ids]

    @loader_method
    async def subscription_by_id(self, ids: Sequence[UUID]) -> list[Subscription | None]:
        if self._viewer_id is None:
            return [None] * len(ids)
        async with self._database.reading() as session:
            found = await repository.visible_subscriptions(session, ids, viewer=self._viewer_id)
        return [found.get(subscription_id) for subscription_id in ids]

    @loader_method
    async def invoice_by_id(self, ids: Sequence[UUID]) -> list[Invoice | None]:
        if self._viewer_id is None:
            return [None] * len(ids)
        async with self._database.reading() as session:
            found = await repository.visible_invoices(session, ids, viewer=self._viewer_id)
        return [found.get(invoice_id) for invoice_id in ids]
