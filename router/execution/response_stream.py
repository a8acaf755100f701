"""The responses to one subscription, one for each event of its source."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from router.execution.response_errors import INTERNAL, INTERNAL_MESSAGE
from router.execution.subgraph_errors import failure_message
from router.execution.transport import EventStream, TransportError

Response = TypeVar("Response")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a stream ended before its source did, as the client may read it."""

    code: str
    message: str

    def as_error(self) -> dict[str, Any]:
        """Return it as a GraphQL error."""
        return {"message": self.message, "extensions": {"code": self.code}}


class ResponseStream(AsyncIterator[Response], Generic[Response]):
    """An async iterator that never raises, except when it is cancelled. To be read by one task, which closes it.

    An event is asked for when its response is: nothing is kept for a slow reader, who slows down the source.

    Args:
        service: The subgraph that the events come from.
        subscribe: Opens the source; called when the first response is asked for.
        respond: Takes an event and returns the response to it. May raise TransportError for an event that is none.
        check: Called before each event is worked on; what it returns ends the stream.
        operation_name: As in the document.

    Attributes:
        ending: Set once the stream has ended for another reason than the end of its source.
        count: Responses so far.
    """

    def __init__(
        self,
        service: str,
        *,
        subscribe: Callable[[], EventStream],
        respond: Callable[[Mapping[str, Any]], Awaitable[Response]],
        check: Callable[[], Ending | None],
        operation_name: str | None = None,
    ) -> None:
        self.service = service
        self.operation_name = operation_name
        self.ending: Ending | None = None
        self.count = 0
        self._subscribe = subscribe
        self._respond = respond
        self._check = check
        self._events: EventStream | None = None
        self._alarm: asyncio.Timeout | None = None
        self._is_over = False

    def end(self, ending: Ending) -> None:
        """End the stream from outside; a response that is being made is still given."""
        if self._is_over or self.ending is not None:
            return
        self.ending = ending
        if self._alarm is not None:
            self._alarm.reschedule(asyncio.get_running_loop().time())

    async def __anext__(self) -> Response:
        """Return the next response."""
        if not self._is_over:
            try:
                event = await self._next_event()
                if event is not None:
                    response = await self._respond(event)
                    self.count += 1
                    return response
            except TransportError as error:
                _log.warning("subscription_failed", service=self.service, code=error.code, reason=error.reason)
                self._set_ending(error.code, failure_message(self.service, error))
            except Exception:  # noqa: BLE001 - a bug of ours: the client gets no traceback, the log gets all of it
                _log.exception("subscription_failed")
                self._set_ending(INTERNAL, INTERNAL_MESSAGE)
            await self.aclose()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End the subscription at its subgraph."""
        self._is_over = True
        events, self._events = self._events, None
        if events is not None:
            await events.aclose()

    async def _next_event(self) -> Mapping[str, Any] | None:
        """Return the next event; None at the end, whoever brought it about."""
        if self._is_ended():
            return None
        if self._events is None:
            self._events = self._subscribe()
        try:
            async with asyncio.timeout(None) as self._alarm:
                event = await anext(self._events, None)
        except TimeoutError:
            if not self._is_ended():
                raise
            return None  # by `end`
        finally:
            self._alarm = None
        if event is not None and not self._is_ended():
            self.ending = self._check()
        return None if self._is_ended() else event

    def _is_ended(self) -> bool:
        return self.ending is not None

    def _set_ending(self, code: str, message: str) -> None:
        if self.ending is None:
            self.ending = Ending(code, message)
