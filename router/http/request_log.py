"""The log line of a request to `/graphql`."""

import time

import structlog

from router.http.answer import Answer
from router.telemetry import log_request

_log = structlog.get_logger(__name__)


def log_answer(method: str, answer: Answer, *, started: float, correlation_id: str) -> None:
    """Write the line of a request that was answered.

    Args:
        method: Of the request.
        answer: To it.
        started: When the request came, by `time.perf_counter`.
        correlation_id: Of the request.
    """
    log_request(
        "request",
        {
            "method": method,
            "status": answer.status,
            "milliseconds": round((time.perf_counter() - started) * 1000, 2),
            **answer.logged,
            "correlation_id": correlation_id,
        },
    )


def log_gone(started: float) -> None:
    """Write the line of a request whose client went away."""
    _log.info("client_gone", milliseconds=round((time.perf_counter() - started) * 1000, 2))
