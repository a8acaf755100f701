"""Turns what went wrong at a subgraph into errors that a client may read.

Two families: an error with an `extensions.code` of the subgraph's own is meant for the client and passes; anything
else is logged with the correlation id, and the client reads a generic text.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import structlog

from router.execution.client_paths import ClientPaths
from router.execution.response_errors import (
    INTERNAL,
    INTERNAL_MESSAGE,
    ResponseErrors,
    ResponsePath,
    code_of,
)
from router.execution.transport import TransportError

# Codes that servers put on their own bugs: the text under them was not written for clients.
_UNMEANT_CODES = frozenset({INTERNAL, "INTERNAL_SERVER_ERROR", "INTERNAL_ERROR"})

# Keys under which servers in development mode send their insides.
_INSIDES = frozenset({"stacktrace", "stackTrace", "exception", "debug", "trace", "traceback", "code", "service"})

_MESSAGES = {
    "SERVICE_UNAVAILABLE": "The service {service} is not available.",
    "SERVICE_TIMEOUT": "The service {service} did not answer in time.",
    "SERVICE_BAD_RESPONSE": "The service {service} gave an answer that could not be used.",
}

_log = structlog.get_logger(__name__)


def failure_message(service: str, error: TransportError) -> str:
    """Return what a client reads about a call without usable response."""
    return _MESSAGES[error.code].format(service=service)


class SubgraphErrorReporter:
    """Adds the errors of one request's subgraph calls to its response errors."""

    def __init__(self, errors: ResponseErrors, client_paths: ClientPaths, *, expose: bool) -> None:
        self._errors = errors
        self._client_paths = client_paths
        self._expose = expose

    def call_failed(self, service: str, error: TransportError, paths: Iterable[ResponsePath]) -> None:
        """Report a call without usable response, once for each affected path."""
        _log.warning("subgraph_call_failed", service=service, code=error.code, reason=error.reason)
        message = failure_message(service, error)
        for path in self._translated(paths):
            self._errors.add(message, code=error.code, path=path, extensions={"service": service})

    def returned(self, service: str, error: Mapping[str, Any], paths: Iterable[ResponsePath] | None) -> None:
        """Report an error out of a response, once for each path; None if it belongs to no path."""
        message, code, extensions = self._readable(service, error)
        for path in [None] if paths is None else self._translated(paths):
            self._errors.add(message, code=code, path=path, extensions=extensions)

    def _readable(self, service: str, error: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
        message = error.get("message")
        extensions = error.get("extensions")
        code = code_of(extensions)
        is_meant = code is not None and code not in _UNMEANT_CODES
        if isinstance(message, str) and (is_meant or self._expose):
            own = extensions if isinstance(extensions, Mapping) else {}
            kept = {key: value for key, value in own.items() if key not in _INSIDES}
            return message, code or INTERNAL, {**kept, "service": service}
        _log.error("subgraph_error", service=service, error=dict(error))
        return INTERNAL_MESSAGE, INTERNAL, {"service": service}

    def _translated(self, paths: Iterable[ResponsePath]) -> list[ResponsePath]:
        """Return the client's paths, each once.

        A path that had to be cut, because it leads to something only the router asked for, is left out where another
        one already shows the client what it lacks.
        """
        whole: dict[ResponsePath, None] = {}
        cut: dict[ResponsePath, None] = {}
        for path in paths:
            translated = self._client_paths.translate(path)
            (whole if len(translated) == len(path) else cut)[translated] = None
        shown = {path[:length] for path in whole for length in range(len(path) + 1)}
        return [*whole, *(path for path in cut if path not in shown)]
