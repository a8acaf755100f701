"""An answer to one HTTP request, before it is sent: in which status and form a GraphQL response leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from router.execution.requests import MUTATION_NOT_ALLOWED, TIMED_OUT, GraphQLResponse, error_body
from router.execution.transport import dump_json
from router.http.negotiation import GRAPHQL_RESPONSE, JSON, response_type
from router.http.refusals import HttpRefusedError
from router.http.streams import Stream

# The same objects each time, so that who sends them can tell them apart without looking into them.
_JSON_HEADERS = {
    media_type: {"content-type": f"{media_type}; charset=utf-8", "cache-control": "no-store"}
    for media_type in (JSON, GRAPHQL_RESPONSE)
}


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class Answer:
    """A response, and what its log line says of it.

    Attributes:
        headers: Not to be changed: other answers have the same object.
        streamed: Instead of a body: what is to be sent as server-sent events.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    more_headers: Sequence[tuple[str, str]] = ()
    logged: Mapping[str, Any] = field(default_factory=dict)
    streamed: GraphQLResponse | Stream | None = None


def json_headers(media_type: str) -> Mapping[str, str]:
    """Return the headers of a body of JSON; the same object for the same type."""
    return _JSON_HEADERS[media_type]


def json_answer(
    status: int,
    body: Mapping[str, Any],
    media_type: str,
    *,
    headers: Mapping[str, str] | None = None,
    logged: Mapping[str, Any] | None = None,
) -> Answer:
    """Return an answer with a body of JSON."""
    all_headers = _JSON_HEADERS[media_type]
    if headers:
        all_headers = {**all_headers, **headers}
    return Answer(status, all_headers, dump_json(body), logged=logged or {})


def graphql_answer(response: GraphQLResponse, media_type: str) -> Answer:
    """Return the answer with the status that GraphQL over HTTP gives to this kind of response."""
    status = 200
    headers = None
    if response.refused_code == MUTATION_NOT_ALLOWED:
        status, headers = 405, {"allow": "POST"}
    elif response.retry_after_seconds is not None:
        status, headers = 429, {"retry-after": str(response.retry_after_seconds)}
    elif response.refused_code is not None:
        # `application/json` may come from an intermediary, so there 200 says that the body is ours to read.
        status = 400 if media_type == GRAPHQL_RESPONSE else 200
    elif response.failed_code is not None:
        status = 504 if response.failed_code == TIMED_OUT else 500
    logged = {
        "operation": response.operation_name,
        "errors": len(response.body.get("errors", ())),
        "code": response.refused_code or response.failed_code,
    }
    if response.json is not None:
        return Answer(status, _JSON_HEADERS[media_type], response.json, logged=logged)
    return json_answer(status, response.body, media_type, headers=headers, logged=logged)


def refused_answer(error: HttpRefusedError, accept: str | None) -> Answer:
    """Return the answer to a request that is not served, in a type that its client reads."""
    body = error_body(error.refusal_code, error.message)
    media_type = response_type(accept) or JSON
    return json_answer(error.status, body, media_type, headers=error.headers, logged={"code": error.refusal_code})
