"""Answers equal queries that are under way at the same moment with one call of the subgraph.

Equal means the same bytes: document, variables and every header that goes to the subgraph, the viewer's signed context
included; only the correlation id may differ. Nothing is kept after the answer, so this is no cache.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.execution.merge import copied
from router.execution.transport import EventStream, ReplyDecoder, SubgraphRequest, SubgraphTransport, subscribe_through
from router.telemetry import CORRELATION_HEADER

_Key = tuple[bytes, tuple[tuple[str, str], ...], ReplyDecoder | None]


@dataclass(slots=True)
class _Call:
    task: asyncio.Task[Mapping[str, Any]]
    request: SubgraphRequest
    sharers: int = 0
    waiting: int = 0


class SharedCalls:
    """A transport that shares the calls of another one. Mutations are never shared.

    Args:
        inner: Makes the calls.
    """

    def __init__(self, inner: SubgraphTransport) -> None:
        self.inner = inner
        self._calls: dict[_Key, _Call] = {}

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return the response, a copy of its own for each who shares it. The last to give up cancels the call."""
        if not request.is_query:
            return await self.inner.send(request)
        headers = sorted(item for item in request.headers.items() if item[0] != CORRELATION_HEADER)
        key = (request.body(), tuple(headers), request.decoder)
        call = self._calls.get(key)
        if call is None:
            call = self._calls[key] = _Call(asyncio.get_running_loop().create_task(self._run(key, request)), request)
        call.sharers += 1
        call.waiting += 1
        try:
            # Shielded: one who gives up must not take the call from the others.
            response = await asyncio.shield(call.task)
        finally:
            call.waiting -= 1
            if call.waiting == 0 and not call.task.done():
                self._forget(key, call.task)
                call.task.cancel()
        if call.sharers == 1:
            request.typed_body = call.request.typed_body
            return response
        typed_body = call.request.typed_body
        return (request.typed_reply(typed_body) if typed_body is not None else None) or copied(dict(response))

    def subscribe(self, request: SubgraphRequest) -> EventStream:
        """Return the responses to a subscription; each has one of its own."""
        return subscribe_through(self.inner, request)

    async def _run(self, key: _Key, request: SubgraphRequest) -> Mapping[str, Any]:
        try:
            return await self.inner.send(request)
        finally:
            self._forget(key, asyncio.current_task())

    def _forget(self, key: _Key, task: asyncio.Task[Any] | None) -> None:
        call = self._calls.get(key)
        if call is not None and call.task is task:
            del self._calls[key]
