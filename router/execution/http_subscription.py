"""Reads a subscription of a subgraph behind HTTP: GraphQL over server-sent events, distinct connections.

Why not WebSocket: a subgraph then needs nothing but HTTP, each subscription has its own connection with its own
headers, credentials and back-pressure, and closing the connection is all it takes to end it.
"""

import asyncio
from contextlib import closing

import orjson

from router.execution.http_stream import HttpStream, media_type_of
from router.execution.server_sent_events import COMPLETE, MEDIA_TYPE, NEXT, EventParser
from router.execution.transport import (
    BadResponseError,
    EventStream,
    ResponseTooLargeError,
    SubgraphTimeoutError,
    UnreachableError,
)


async def read_events(stream: HttpStream, *, max_bytes: int, silence_seconds: float | None) -> EventStream:
    """Yield the responses in the stream, and close it.

    A server that answers with one JSON response, because it cannot subscribe or will not, gives that one.

    Args:
        stream: Its head has arrived.
        max_bytes: Size of one response.
        silence_seconds: After this long without a byte the server counts as gone; None never.

    Raises:
        UnreachableError: The stream ended before it was complete.
        SubgraphTimeoutError: Nothing came for too long.
        BadResponseError: Something that is no GraphQL response.
    """
    with closing(stream):
        if media_type_of(stream.headers) != MEDIA_TYPE:
            yield _response(await _whole_body(stream, max_bytes, silence_seconds), status=stream.status)
            return
        parser = EventParser(max_bytes=max_bytes)
        while chunk := await _read(stream, silence_seconds):
            for event in parser.feed(chunk):
                if event.name == COMPLETE:
                    return
                if event.name == NEXT:
                    yield _response(event.data, status=stream.status)
        raise UnreachableError("the event stream ended before it was complete")


async def _read(stream: HttpStream, silence_seconds: float | None) -> bytes:
    try:
        async with asyncio.timeout(silence_seconds):
            return await stream.read()
    except TimeoutError as error:
        raise SubgraphTimeoutError(f"nothing for {silence_seconds} s") from error


async def _whole_body(stream: HttpStream, max_bytes: int, silence_seconds: float | None) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := await _read(stream, silence_seconds):
        size += len(chunk)
        if size > max_bytes:
            raise ResponseTooLargeError(f"more than {max_bytes} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _response(body: bytes, *, status: int) -> dict[str, object]:
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if status >= 500:  # a proxy in front of a dead server says so in HTML
            raise UnreachableError(f"status {status} without JSON") from error
        raise BadResponseError(f"status {status}, not JSON") from error
    if not isinstance(decoded, dict) or not ("data" in decoded or "errors" in decoded):
        raise BadResponseError(f"status {status}, JSON without data or errors")
    return decoded
