"""Subgraphs in the same process: a call is a call."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from router.execution.transport import (
    BadResponseError,
    SubgraphRequest,
    SubgraphTimeoutError,
    TransportError,
    UnreachableError,
)

SubgraphCallable = Callable[[SubgraphRequest], Awaitable[Mapping[str, Any]]]

_log = structlog.get_logger(__name__)


class InMemoryTransport:
    """Calls a function of the embedding process.

    Args:
        call: Takes the request and returns `{"data": …, "errors": …}` of plain JSON values, fresh for this call.
        timeout_seconds: Whole call.
    """

    def __init__(self, call: SubgraphCallable, *, timeout_seconds: float = 5.0) -> None:
        self._call = call
        self._timeout_seconds = timeout_seconds

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return what the function returned. Its exceptions count as an unreachable subgraph and are logged."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._call(request)
        except TimeoutError as error:
            raise SubgraphTimeoutError(f"no answer within {self._timeout_seconds} s") from error
        except TransportError:
            raise
        except Exception as error:  # another team's code: nothing it raises may reach the client
            _log.exception("subgraph_raised")
            raise UnreachableError(f"raised {type(error).__name__}") from error
        if not isinstance(response, Mapping):
            raise BadResponseError(f"returned {type(response).__name__}, not a mapping")
        return response
