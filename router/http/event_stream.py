"""Answers as server-sent events: GraphQL over SSE, distinct connections. One operation has one response of HTTP."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from router.execution.requests import GraphQLResponse
from router.execution.server_sent_events import COMPLETE_EVENT, KEEP_ALIVE, MEDIA_TYPE, next_event
from router.execution.transport import dump_json
from router.http.asgi import Receive, Send
from router.http.streams import Stream, Streams

_HEADERS = {
    "content-type": f"{MEDIA_TYPE}; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",  # nginx would otherwise wait for more
}

_log = structlog.get_logger(__name__)


class EventStream:
    """Writes one answer.

    Args:
        result: One response, or the responses to a subscription, which are closed at the end.
        streams: Where the subscription was opened.
        send: Of the ASGI connection.
    """

    def __init__(self, result: GraphQLResponse | Stream, *, streams: Streams, send: Send) -> None:
        self._result = result
        self._streams = streams
        self._send = send
        self._is_quiet = True

    async def write(self, receive: Receive, headers: Mapping[str, str]) -> None:
        """Send everything, until its end or until the client is gone or too slow."""
        try:
            raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in {**headers, **_HEADERS}.items()]
            await self._send({"type": "http.response.start", "status": 200, "headers": raw})
            if isinstance(self._result, GraphQLResponse):
                await self._write(_event(self._result.body) + COMPLETE_EVENT, is_last=True)
            else:
                await self._write(KEEP_ALIVE)  # so that the client has the head at once
                await self._pump_until_gone(self._result, receive)
        except TimeoutError:
            _log.warning("client_too_slow", seconds=self._streams.options.send_seconds)
        finally:
            if not isinstance(self._result, GraphQLResponse):
                await self._streams.closed(self._result)

    async def _pump_until_gone(self, stream: Stream, receive: Receive) -> None:
        pump = asyncio.create_task(self._pump(stream))
        others = [asyncio.create_task(_wait_for_departure(receive)), asyncio.create_task(self._keep_alive())]
        try:
            await asyncio.wait([pump, *others], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pump, *others):
                task.cancel()
            results = await asyncio.gather(pump, *others, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _pump(self, stream: Stream) -> None:
        async for response in stream:
            await self._write(_event(response.body))
        last = _event({"errors": [stream.ending.as_error()]}) if stream.ending is not None else b""
        await self._write(last + COMPLETE_EVENT, is_last=True)

    async def _keep_alive(self) -> None:
        """Send a comment whenever nothing else was sent for a while, so that nobody between takes us for dead."""
        while True:
            self._is_quiet = True
            await asyncio.sleep(self._streams.options.keep_alive_seconds)
            if self._is_quiet:
                await self._write(KEEP_ALIVE)

    async def _write(self, text: bytes, *, is_last: bool = False) -> None:
        """Send bytes.

        Raises:
            TimeoutError: The client does not take them.
        """
        self._is_quiet = False
        async with asyncio.timeout(self._streams.options.send_seconds):
            await self._send({"type": "http.response.body", "body": text, "more_body": not is_last})


async def _wait_for_departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _event(body: Mapping[str, Any]) -> bytes:
    return next_event(dump_json(body))
