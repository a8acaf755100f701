"""The HTTP headers of a mutation, for the few resolvers that need them: what the router passed on, and what goes back.

The router passes on what it is configured to, with mutations only; in every other request both are empty and lost.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HeaderExchange:
    """The headers of one request: those that came, by lower-case name, and those for the answer."""

    request: Mapping[str, str] = field(default_factory=dict)
    response: list[tuple[str, str]] = field(default_factory=list)


_current: ContextVar[HeaderExchange | None] = ContextVar("header_exchange", default=None)


@contextmanager
def exchanging(exchange: HeaderExchange) -> Iterator[None]:
    """Let resolvers within the block find the exchange."""
    token = _current.set(exchange)
    try:
        yield
    finally:
        _current.reset(token)


def current_exchange() -> HeaderExchange:
    """Return the exchange of the request; an empty one where there is none."""
    return _current.get() or HeaderExchange()
