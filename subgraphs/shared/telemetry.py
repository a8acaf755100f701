"""Logs as JSON lines with the correlation id, and counters of store statements."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

from subgraphs.shared.scrubbing import scrub_event

_statements: ContextVar[Counter[str] | None] = ContextVar("statements", default=None)


def configure_logging(*, level: str = "INFO") -> None:
    """Print structured JSON lines to standard error, with everything bound to the request's context."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            scrub_event,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
    )


@contextmanager
def count_statements() -> Iterator[Counter[str]]:
    """Count the statements sent to each store by what runs inside: `{"postgres:catalog": 3, "mongo": 1, "redis": 2}`.

    A Valkey pipeline counts as one. Tests assert on it; the cost without it is one context variable look-up.
    """
    counter: Counter[str] = Counter()
    token = _statements.set(counter)
    try:
        yield counter
    finally:
        _statements.reset(token)


def record_statement(store: str) -> None:
    """Count one statement if somebody counts."""
    counter = _statements.get()
    if counter is not None:
        counter[store] += 1
