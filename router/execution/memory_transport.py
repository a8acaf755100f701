"""Subgraphs in the same process: a call is a call."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

import structlog

from router.execution.deadline import TimeLimit
from router.execution.transport import (
    BadResponseError,
    EventStream,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
    UnreachableError,
)

SubgraphCallable = Callable[[SubgraphRequest], Awaitable[Mapping[str, Any]]]
SubgraphSubscription = Callable[[SubgraphRequest], EventStream]

_log = structlog.get_logger(__name__)


class InMemoryTransport:
    """Calls a function of the embedding process.

    Args:
        call: Takes the request and returns `{"data": …, "errors": …}` of plain JSON values, fresh for this call.
        timeout_seconds: Whole call.
        subscription: Takes the request of a subscription and returns an async generator of responses of the same
            form, which is closed when nobody listens any more. None for a subgraph without subscriptions.
    """

    def __init__(
        self,
        call: SubgraphCallable,
        *,
        timeout_seconds: float = 5.0,
        subscription: SubgraphSubscription | None = None,
    ) -> None:
        self._call = call
        self._limit = TimeLimit(timeout_seconds)
        self._subscription = subscription

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return what the function returned. Its exceptions count as an unreachable subgraph and are logged."""
        try:
            with self._limit.block():
                response = await self._call(request)
        except TimeoutError as error:
            raise SubgraphTimeoutError(f"no answer within {self._limit.seconds} s") from error
        except TransportError:
            raise
        except Exception as error:  # another team's code: nothing it raises may reach the client
            _log.exception("subgraph_raised")
            raise UnreachableError(f"raised {type(error).__name__}") from error
        # The exact class first: asking an abstract one takes longer.
        if response.__class__ is not dict and not isinstance(response, Mapping):
            raise BadResponseError(f"returned {type(response).__name__}, not a mapping")
        return response

    async def subscribe(self, request: SubgraphRequest) -> EventStream:
        """Yield what the function's generator yields, asked for one by one: a slow reader slows it down."""
        if self._subscription is None:
            raise BadResponseError("no function to subscribe with")
        try:
            async with aclosing(self._subscription(request)) as events:
                async for event in events:
                    if not isinstance(event, Mapping):
                        raise BadResponseError(f"yielded {type(event).__name__}, not a mapping")
                    yield event
        except TransportError:
            raise
        except Exception as error:  # as above
            _log.exception("subgraph_raised")
            raise UnreachableError(f"raised {type(error).__name__}") from error
