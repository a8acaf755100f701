"""What an engine takes and gives: one GraphQL request, one response."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from router.execution.authorization import Claims
from router.execution.metrics import Measured
from router.execution.mutation_headers import HeaderExchange
from router.execution.rate_limits import Caller, RateLimitedError
from router.execution.refusals import RefusedError

TIMED_OUT = "REQUEST_TIMEOUT"
MUTATION_NOT_ALLOWED = "MUTATION_NOT_ALLOWED"


# Not frozen, see SubgraphRequest.
@dataclass(slots=True, kw_only=True)
class GraphQLRequest:
    """One request.

    Attributes:
        headers: Sent to every subgraph with the calls of this request; lower-case names.
        claims: Of the viewer's token, for `@authenticated` and its kin; None is nobody.
        caller: Whom the operation is charged to.
        asked_labels: Labels of progressive overrides that are on because the request says so.
        on_query: Called when the operation turns out to change nothing, so that it may be cancelled at any time.
        renew_headers: Returns fresh `headers`, for each event of a subscription; None sends the same ones always.
        exchange: The headers that go with a mutation to subgraphs and back; None for none.
        explain: Whether the plan is wanted under `extensions.queryPlan`.
        as_json: Whether the caller takes the response as text, where it is there as such.
        allow_mutation: False when the way it came must not change anything.
    """

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    claims: Claims | None = None
    caller: Caller = field(default_factory=Caller)
    asked_labels: Collection[str] = ()
    allow_mutation: bool = True
    explain: bool = False
    as_json: bool = False
    on_query: Callable[[], None] | None = None
    renew_headers: Callable[[], Mapping[str, str]] | None = None
    exchange: HeaderExchange | None = None


# Not frozen, see SubgraphRequest.
@dataclass(slots=True, kw_only=True)
class GraphQLResponse:
    """One response.

    Attributes:
        body: `data`, `errors` or both, as JSON values; with `json`, not all of them are.
        json: The same as text, for who asked for it; None where it has to be made of the body.
        refused_code: Set if the request was refused before any subgraph was called.
        failed_code: Set if the router itself failed or ran out of time.
        retry_after_seconds: Set if it was refused because the caller asked too often.
        operation_name: As in the document; None while it is not known.
        measured: Counts the requests of this operation; None while it is not known.
    """

    body: dict[str, Any]
    refused_code: str | None = None
    failed_code: str | None = None
    retry_after_seconds: int | None = None
    operation_name: str | None = None
    measured: Measured | None = None
    json: bytes | None = None


def refusal(error: RefusedError) -> GraphQLResponse:
    """Return the response to a request that was refused."""
    retry_after = error.retry_after_seconds if isinstance(error, RateLimitedError) else None
    return GraphQLResponse(
        body={"errors": error.errors}, refused_code=error.refusal_code, retry_after_seconds=retry_after
    )


def error_body(code: str, message: str) -> dict[str, Any]:
    """Return a response body with one error and no data."""
    return {"errors": [{"message": message, "extensions": {"code": code}}]}
