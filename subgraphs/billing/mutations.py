"""Root mutation fields of the billing subgraph. Each is about the viewer's own subscription."""

from typing import Annotated

import strawberry

from subgraphs.billing.context import Context, Info
from subgraphs.billing.errors import (
    ProviderUnavailableError,
    ReasonTooLongError,
    SubscriptionRefusedError,
    UnknownPlanError,
)
from subgraphs.billing.queries import PlanId
from subgraphs.billing.repository import current_subscriptions
from subgraphs.billing.service import subscriptions
from subgraphs.billing.service.changes import ChangeRequest
from subgraphs.billing.types import BillingError, PlanSubscription, SubscriptionPayload
from subgraphs.shared.errors import ForbiddenError, InvalidIdError, ReelgraphError
from subgraphs.shared.ids import decode_id

IdempotencyKey = Annotated[
    strawberry.ID,
    strawberry.argument(
        description="The client's own id of this change: sent again with it, the first outcome is returned and nothing "
        "is charged again."
    ),
]
AtPeriodEnd = Annotated[
    bool, strawberry.argument(description="Whether access lasts until the end of what is paid; otherwise it ends now.")
]
Reason = Annotated[str | None, strawberry.argument(description="Why, in the viewer's words; at most 500 characters.")]
Enabled = Annotated[bool, strawberry.argument(description="Whether the next period is to be charged.")]


@strawberry.type
class Mutation:
    @strawberry.federation.mutation(
        authenticated=True,
        description="Change the own subscription to another plan. A better plan begins and is charged at once, less "
        "what is unused of the period that was paid; any other one follows at the end of the period. The current plan "
        "withdraws a change that was scheduled. errors: UNKNOWN_PLAN, NOT_SUBSCRIBED, ALREADY_ON_PLAN, "
        "SUBSCRIPTION_ENDING, PAYMENT_OVERDUE, PAYMENT_IN_PROGRESS, PAYMENT_DECLINED, PROVIDER_UNAVAILABLE, "
        "IDEMPOTENCY_KEY_REUSED, PLAN_CURRENCY, INVALID_ID.",
    )
    async def subscription_change(
        self, plan_id: PlanId, idempotency_key: IdempotencyKey, info: Info
    ) -> SubscriptionPayload:
        context = info.context
        user_id = _payer(context)
        try:
            request = ChangeRequest(user_id, decode_id(plan_id, "Plan").uuid, str(idempotency_key))
            await context.cashier.change_plan(request)
        except (InvalidIdError, UnknownPlanError) as error:
            return await _payload(info, error, "planId")
        except (SubscriptionRefusedError, ProviderUnavailableError) as error:
            return await _payload(info, error)
        return await _payload(info)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Cancel the own subscription. At the end of the period: it stays ACTIVE and lets play until then. "
        "One whose renewal is overdue ends at once either way. Nothing is paid back. errors: NOT_SUBSCRIBED, "
        "PAYMENT_IN_PROGRESS, REASON_TOO_LONG.",
    )
    async def subscription_cancel(
        self, info: Info, *, at_period_end: AtPeriodEnd = True, reason: Reason = None
    ) -> SubscriptionPayload:
        try:
            await _cancel(info.context, at_period_end=at_period_end, reason=reason)
        except ReasonTooLongError as error:
            return await _payload(info, error, "reason")
        except SubscriptionRefusedError as error:
            return await _payload(info, error)
        return await _payload(info)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Take back a cancellation before the period ends. One that was not cancelled stays as it is. "
        "errors: NOT_SUBSCRIBED, PAYMENT_IN_PROGRESS.",
    )
    async def subscription_resume(self, info: Info) -> SubscriptionPayload:
        try:
            await _resume(info.context)
        except SubscriptionRefusedError as error:
            return await _payload(info, error)
        return await _payload(info)

    @strawberry.federation.mutation(
        authenticated=True,
        description="Switch on or off that the next period is charged when this one ends. Off is the same as "
        "`subscriptionCancel` for the end of the period, on the same as `subscriptionResume`. errors: those of these.",
    )
    async def subscription_auto_renew_set(self, enabled: Enabled, info: Info) -> SubscriptionPayload:
        try:
            if enabled:
                await _resume(info.context)
            else:
                await _cancel(info.context, at_period_end=True, reason=None)
        except SubscriptionRefusedError as error:
            return await _payload(info, error)
        return await _payload(info)


def _payer(context: Context) -> str:
    """Return the account whose subscription the viewer may change.

    Raises:
        UnauthenticatedError: Nobody is signed in.
        ForbiddenError: A kids profile is active, or the token is that of an app which the viewer allowed.
    """
    user_id = context.viewer.require_user()
    if context.viewer.client_id is not None:
        raise ForbiddenError("An app that you allowed cannot change your subscription.")
    if context.viewer.is_kids:
        raise ForbiddenError("A kids profile cannot change the subscription.")
    return user_id


async def _cancel(context: Context, *, at_period_end: bool, reason: str | None) -> None:
    user_id = _payer(context)
    async with context.database.writing() as session:
        await subscriptions.cancel(
            session, user_id, at_period_end=at_period_end, reason=reason, now=context.now, grace=context.grace
        )


async def _resume(context: Context) -> None:
    user_id = _payer(context)
    async with context.database.writing() as session:
        await subscriptions.resume(session, user_id, now=context.now)


async def _payload(info: Info, error: ReelgraphError | None = None, *path: str) -> SubscriptionPayload:
    """Return the subscription as it is now, with the refusal if there was one."""
    user_id = info.context.viewer.require_user()
    async with info.context.database.reading() as session:
        row = (await current_subscriptions(session, [user_id])).get(user_id)
    errors = [BillingError(code=error.cause, message=error.message, path=list(path) or None)] if error else []
    return SubscriptionPayload(subscription=await PlanSubscription.of(row, info) if row else None, errors=errors)
