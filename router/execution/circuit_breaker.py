"""Stops calling a subgraph that keeps failing, so that it can recover and nobody waits for it in vain.

closed ──(failures in a row)──▶ open ──(pause over)──▶ half open ──(successes in a row)──▶ closed
                                  ▲                        │
                                  └──────(one failure)─────┘
"""

import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import structlog

from router.execution.transport import (
    EventStream,
    ResponseTooLargeError,
    SubgraphRequest,
    SubgraphTransport,
    TransportError,
    UnreachableError,
    subscribe_through,
)

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0
SUCCESSES_TO_CLOSE = 3

_log = structlog.get_logger(__name__)


class CircuitState(StrEnum):
    """What a breaker does with calls: all pass, none passes, one at a time passes."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


# As metrics show it.
STATE_NUMBERS = {CircuitState.CLOSED: 0, CircuitState.HALF_OPEN: 1, CircuitState.OPEN: 2}


class CircuitOpenError(UnreachableError):
    """The call was not made: the subgraph failed too often a moment ago."""


class CircuitBreaker:
    """A transport that guards another one.

    Failures are calls without a usable response. A response that is too large is none: it tells of the question.
    A call that is cancelled says nothing. While half open, one call at a time tries the subgraph.

    Args:
        transport: The one to guard.
        service: Name of the subgraph, for the log.
        failures_to_open: Failures in a row.
        open_seconds: Pause before the subgraph is tried again.
        successes_to_close: Successes in a row while half open.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        transport: SubgraphTransport,
        *,
        service: str,
        failures_to_open: int = FAILURES_TO_OPEN,
        open_seconds: float = OPEN_SECONDS,
        successes_to_close: int = SUCCESSES_TO_CLOSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = transport
        self._service = service
        self._failures_to_open = failures_to_open
        self._open_seconds = open_seconds
        self._successes_to_close = successes_to_close
        self._clock = clock
        self._state = CircuitState.CLOSED
        self._count = 0  # failures in a row while closed, successes in a row while half open
        self._opened_at = 0.0
        self._is_trying = False

    @property
    def state(self) -> CircuitState:
        """What would happen to a call now."""
        if self._state is CircuitState.OPEN and self._clock() - self._opened_at >= self._open_seconds:
            return CircuitState.HALF_OPEN
        return self._state

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return the response, or raise CircuitOpenError at once while open."""
        if self._state is not CircuitState.CLOSED:
            return await self._try(request)
        try:
            response = await self._transport.send(request)
        except ResponseTooLargeError:
            raise
        except TransportError:
            self._count_failure()
            raise
        # What began while closed may end after others have opened the circuit: then it says nothing new.
        if self._count and self._state is CircuitState.CLOSED:
            self._count = 0
        return response

    def subscribe(self, request: SubgraphRequest) -> EventStream:
        """Return the responses to a subscription, or raise CircuitOpenError while open. It counts for nothing."""
        if self.state is CircuitState.OPEN:
            raise CircuitOpenError("the circuit is open")
        return subscribe_through(self._transport, request)

    async def _try(self, request: SubgraphRequest) -> Mapping[str, Any]:
        if self.state is CircuitState.OPEN or self._is_trying:
            raise CircuitOpenError("the circuit is open")
        if self._state is CircuitState.OPEN:
            self._change(CircuitState.HALF_OPEN)
        self._is_trying = True
        try:
            response = await self._transport.send(request)
        except ResponseTooLargeError:
            raise
        except TransportError:
            self._open()
            raise
        finally:
            self._is_trying = False
        self._count += 1
        if self._count >= self._successes_to_close:
            self._change(CircuitState.CLOSED)
        return response

    def _count_failure(self) -> None:
        if self._state is not CircuitState.CLOSED:
            return
        self._count += 1
        if self._count >= self._failures_to_open:
            self._open()

    def _open(self) -> None:
        self._opened_at = self._clock()
        self._change(CircuitState.OPEN)

    def _change(self, state: CircuitState) -> None:
        self._state = state
        self._count = 0
        _log.warning("circuit_changed", service=self._service, state=state.value)


def circuit_of(transport: object) -> CircuitBreaker | None:
    """Return the breaker among transports that wrap each other, None without one."""
    while transport is not None and not isinstance(transport, CircuitBreaker):
        transport = getattr(transport, "inner", None)
    return transport
