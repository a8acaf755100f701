"""Refusals of the billing subgraph.

ReelgraphError
├── BadUserInputError
│   └── UnknownPlanError         no plan on sale has this code
└── ConflictError
    └── AlreadySubscribedError   the account has a subscription that has not ended
"""

from subgraphs.shared.errors import BadUserInputError, ConflictError


class UnknownPlanError(BadUserInputError):
    """No plan on sale has the code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"No plan '{code[:40]}' is on sale.")


class AlreadySubscribedError(ConflictError):
    """The account has a subscription that has not ended; change that one instead."""

    def __init__(self) -> None:
        super().__init__("The account is subscribed already.")
