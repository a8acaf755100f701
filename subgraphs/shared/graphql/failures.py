"""GraphQL errors as clients see them: a stable code for what they can mend, a mask for everything else."""

from typing import Any

import structlog
from graphql import GraphQLError

from subgraphs.shared.errors import ReelgraphError

_log = structlog.get_logger()


def format_error(error: GraphQLError, *, subgraph: str, correlation_id: str) -> dict[str, Any]:
    """Return the error as JSON-ready mapping with `extensions.code`.

    A ReelgraphError keeps its text, code and cause; a fault of the document or its variables keeps its text;
    anything else is logged with the correlation id and answered as INTERNAL.
    """
    formatted: dict[str, Any] = dict(error.formatted)
    refusal = _refusal_of(error)
    if refusal is not None:
        extensions = {"code": refusal.code, "cause": refusal.cause}
    elif error.original_error is None or isinstance(error.original_error, GraphQLError):
        extensions = {"code": "BAD_USER_INPUT" if error.path else "GRAPHQL_VALIDATION_FAILED"}
    else:
        _log.error(
            "unexpected error in resolver",
            subgraph=subgraph,
            correlation_id=correlation_id,
            path=error.path,
            exc_info=error.original_error,
        )
        formatted["message"] = "An unexpected error occurred."
        extensions = {"code": "INTERNAL"}
    formatted["extensions"] = {**extensions, "correlationId": correlation_id} if correlation_id else extensions
    return formatted


def _refusal_of(error: GraphQLError) -> ReelgraphError | None:
    """Return the refusal behind a GraphQL error, through any number of wrappers."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause if isinstance(cause, ReelgraphError) else None
