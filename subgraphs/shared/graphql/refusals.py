"""How a refusal that a service raises becomes a member of a result union; used in a subgraph's schema.py."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from subgraphs.shared.errors import ReelgraphError
from subgraphs.shared.graphql.payloads import UserError

Refusal = TypeVar("Refusal", bound=ReelgraphError)
Member = TypeVar("Member", bound=UserError)


class AsMember(Generic[Refusal, Member]):
    """Answers a refusal with a type of the field's union. Fields whose union lacks the type report an error instead.

    `AsMember(LoginRequiredError, LoginRequired)` fills code and message; `details` gives the type's own fields.
    """

    def __init__(
        self,
        refusal: type[Refusal],
        member: type[Member],
        *,
        details: Callable[[Refusal], dict[str, Any]] | None = None,
    ) -> None:
        self.exception_type = refusal
        self.error_type = member
        self._details = details

    def handle(self, exception: Refusal, **_place: Any) -> Member:
        """Return the member for the refusal."""
        details = self._details(exception) if self._details else {}
        return self.error_type(code=exception.cause, message=exception.message, **details)
