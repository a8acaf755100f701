"""Every error of the router that has a stable code.

    RouterError
    ├── ClientError                            the request can be mended; the text is sent
    │   └── QueryPlanningBudgetExceededError
    └── OperatorError                          the deployment must be mended; the text is logged, never sent
        ├── InvalidSupergraphError
        └── UnsupportedFeatureError

Refusals of single subsystems (HTTP parsing, tokens, limits) derive from these two families where they arise.
"""

from __future__ import annotations

from typing import ClassVar


class RouterError(Exception):
    """Base of all; `code` is stable and ends up in `extensions.code` or in the log."""

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ClientError(RouterError):
    """The client can mend the request. The message may be sent."""

    code: ClassVar[str] = "BAD_REQUEST"


class OperatorError(RouterError):
    """Whoever runs the router must mend something. The message is for the log."""


class QueryPlanningBudgetExceededError(ClientError):
    """The operation leaves more choices between subgraphs open than the planner may try, or has time to.

    Attributes:
        budget: How much of `unit` was allowed.
        unit: `steps` or `seconds`.
    """

    code: ClassVar[str] = "QUERY_PLANNING_BUDGET_EXCEEDED"

    def __init__(self, *, budget: float, unit: str = "steps") -> None:
        super().__init__(
            f"No query plan was found within {budget:g} {unit}. Split the operation into smaller ones, "
            "or name concrete types where it goes through wide interfaces."
        )
        self.budget = budget
        self.unit = unit


class InvalidSupergraphError(OperatorError):
    """The text is not a supergraph that a router can read."""

    code: ClassVar[str] = "INVALID_SUPERGRAPH"


class UnsupportedFeatureError(OperatorError):
    """The supergraph links a feature for security or execution that this router does not implement."""

    code: ClassVar[str] = "UNSUPPORTED_FEATURE"

    def __init__(self, *, url: str, purpose: str) -> None:
        super().__init__(
            f"The supergraph needs {url} (for: {purpose}), which this router does not implement. "
            "Serving it without would be unsafe."
        )
        self.url = url
        self.purpose = purpose
