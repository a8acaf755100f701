"""Answers for a subgraph that is left alone: its last good reply to the same question, marked as such.

Only for subgraphs that are configured for it, because only their owners know whom an answer depends on: who asks is
told apart by an *audience*, and a reply is given to no other. Mutations are never answered like this.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from hashlib import sha256
from typing import Any

import orjson
import structlog

from router.execution.circuit_breaker import CircuitOpenError
from router.execution.transport import EventStream, SubgraphRequest, SubgraphTransport, dump_json, subscribe_through

EXTENSION = "staleReplies"

# Replies are written down, which costs more than most calls: not each, then, of those that come again and again.
REFRESH_SECONDS = 5.0

_ENTRY_BYTES = 200

Audience = Callable[[Mapping[str, str]], bytes]
"""Takes the headers of a call and returns what of them an answer may depend on."""

_marks: ContextVar[dict[str, Any] | None] = ContextVar("stale_replies", default=None)

_log = structlog.get_logger(__name__)


def begin_marking() -> dict[str, Any]:
    """Return what the current request will know, at its end, of old replies: their age by service."""
    marks: dict[str, Any] = {}
    _marks.set(marks)
    return marks


class FallbackReplies:
    """A transport that remembers the good replies of another one for the time when its circuit is open.

    Args:
        inner: Makes the calls.
        service: Name of the subgraph.
        audience: Whom an answer depends on.
        max_age_seconds: Of a reply that is still given.
        max_bytes: Size of all replies together; those used longest ago go first.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        inner: SubgraphTransport,
        *,
        service: str,
        audience: Audience,
        max_age_seconds: float,
        max_bytes: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.inner = inner
        self._service = service
        self._audience = audience
        self._max_age_seconds = max_age_seconds
        self._max_bytes = max_bytes
        self._clock = clock
        self._replies: OrderedDict[bytes, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return the response, or the last good one to the same question while the circuit is open."""
        if not request.is_query:
            return await self.inner.send(request)
        key = self._key(request)
        try:
            response = await self.inner.send(request)
        except CircuitOpenError:
            known = self._replies.get(key)
            age = self._clock() - known[0] if known is not None else 0.0
            if known is None or age > self._max_age_seconds:
                raise
            self._mark(age)
            reply: dict[str, Any] = orjson.loads(known[1])
            return reply
        self._keep(key, response)
        return response

    def subscribe(self, request: SubgraphRequest) -> EventStream:
        """Return the responses to a subscription; old events are nobody's."""
        return subscribe_through(self.inner, request)

    def _key(self, request: SubgraphRequest) -> bytes:
        return sha256(request.body() + b"\0" + self._audience(request.headers)).digest()

    def _keep(self, key: bytes, response: Mapping[str, Any]) -> None:
        """Remember a reply, unless it has errors, is too large, or is known as it was a moment ago."""
        now = self._clock()
        known = self._replies.get(key)
        if response.get("data") is None or response.get("errors") or (known and now - known[0] < REFRESH_SECONDS):
            return
        written = dump_json(response)
        if len(written) > self._max_bytes // 4:
            return
        if known is not None:
            self._bytes -= len(known[1]) + _ENTRY_BYTES
        self._replies[key] = (now, written)
        self._replies.move_to_end(key)
        self._bytes += len(written) + _ENTRY_BYTES
        while self._bytes > self._max_bytes:
            _, (_, oldest) = self._replies.popitem(last=False)
            self._bytes -= len(oldest) + _ENTRY_BYTES

    def _mark(self, age_seconds: float) -> None:
        marks = _marks.get()
        if marks is not None:
            seconds = round(age_seconds)
            marks[self._service] = {"ageSeconds": max(seconds, marks.get(self._service, {}).get("ageSeconds", 0))}
        _log.info("stale_reply", service=self._service, seconds=round(age_seconds, 1))
