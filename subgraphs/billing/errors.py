"""Refusals of the billing subgraph. Those under SubscriptionRefusedError reach clients as `errors` of a payload.

ReelgraphError
├── BadUserInputError
│   └── UnknownPlanError               no plan on sale has this code or id
├── ConflictError
│   ├── AlreadySubscribedError         the account has a subscription that has not ended
│   └── SubscriptionRefusedError
│       ├── NotSubscribedError         the account has no subscription that could be changed
│       ├── AlreadyOnPlanError         it is this plan already
│       ├── PlanCurrencyError          the plan is sold in another currency
│       ├── SubscriptionEndingError    it was cancelled for the end of its period
│       ├── PaymentOverdueError        a renewal could not be charged yet
│       ├── PaymentInProgressError     a charge is under way
│       ├── PaymentDeclinedError       the provider declined the charge
│       ├── IdempotencyKeyReusedError  the key was used for another plan
│       └── ReasonTooLongError         more than 500 characters
└── ServiceUnavailableError
    └── ProviderUnavailableError       the payment provider does not answer
"""

from subgraphs.shared.errors import BadUserInputError, ConflictError, ServiceUnavailableError


class UnknownPlanError(BadUserInputError):
    """No plan on sale has the code or id."""

    def __init__(self, named: str) -> None:
        super().__init__(f"No plan '{named[:40]}' is on sale.")


class AlreadySubscribedError(ConflictError):
    """The account has a subscription that has not ended; change that one instead."""

    def __init__(self) -> None:
        super().__init__("The account is subscribed already.")


class SubscriptionRefusedError(ConflictError):
    """The subscription, as it is now, does not allow what was asked."""


class NotSubscribedError(SubscriptionRefusedError):
    """There is no subscription to change, or its last period is over."""

    def __init__(self) -> None:
        super().__init__("The account has no subscription in force.")


class AlreadyOnPlanError(SubscriptionRefusedError):
    """The subscription is to this plan, and no other one is scheduled."""

    def __init__(self) -> None:
        super().__init__("The subscription is to this plan already.")


class PlanCurrencyError(SubscriptionRefusedError):
    """Amounts of two currencies cannot be set off against each other."""

    def __init__(self) -> None:
        super().__init__("The plan is sold in another currency than the subscription.")


class SubscriptionEndingError(SubscriptionRefusedError):
    """It ends with its period, so there is nothing to change; resume it first."""

    def __init__(self) -> None:
        super().__init__("The subscription ends with its period. Resume it first.")


class PaymentOverdueError(SubscriptionRefusedError):
    """The last renewal is not paid."""

    def __init__(self) -> None:
        super().__init__("The last renewal is not paid yet.")


class PaymentInProgressError(SubscriptionRefusedError):
    """A charge is under way, or due this moment; what it will change is not known yet."""

    def __init__(self) -> None:
        super().__init__("A payment is in progress. Try again in a moment.")


class PaymentDeclinedError(SubscriptionRefusedError):
    """The provider declined the charge. `failure_code` is the provider's reason."""

    def __init__(self, failure_code: str) -> None:
        super().__init__(f"The payment was declined: {failure_code}.")
        self.failure_code = failure_code


class IdempotencyKeyReusedError(SubscriptionRefusedError):
    """The same key came with another plan."""

    def __init__(self) -> None:
        super().__init__("`idempotencyKey` was used for a change to another plan.")


class ReasonTooLongError(SubscriptionRefusedError):
    """The reason has more characters than are kept."""

    def __init__(self, longest: int) -> None:
        super().__init__(f"`reason` has more than {longest} characters.")


class ProviderUnavailableError(ServiceUnavailableError):
    """The payment provider does not answer; whether it charged is not known until it does."""

    def __init__(self) -> None:
        super().__init__("The payment provider does not answer. The payment will be settled when it does.")
