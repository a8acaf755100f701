"""A response that is read while it arrives, over a connection of its own; for subscriptions to subgraphs.

Reading is what makes the server go on: beyond a small buffer the connection is not read, and TCP tells the server.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Mapping
from typing import cast
from urllib.parse import SplitResult

import httptools

from router.execution.http_exchange import FIRST_FINAL_STATUS, MAX_HEADER_BYTES
from router.execution.transport import (
    BadResponseError,
    ResponseTooLargeError,
    SubgraphTimeoutError,
    TransportError,
    UnreachableError,
)

# Bytes of a body that wait to be read before the connection is left alone.
BUFFER_BYTES = 64 * 1024


class HttpStream(asyncio.Protocol):
    """One exchange on one connection. Made by `open_stream`; callbacks are named by httptools and asyncio.

    Attributes:
        status: HTTP status.
        headers: By lower-case name.
    """

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._header_bytes = 0
        self._chunks: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._is_paused = False
        self._has_headers = False
        self._is_complete = False
        self._error: TransportError | None = None
        self._changed = asyncio.Event()

    # asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports behave like asyncio's but do not inherit from them: no isinstance here.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._is_complete or self._error is not None:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(BadResponseError(f"not HTTP: {error}"))

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        has_length = "content-length" in self.headers or "transfer-encoding" in self.headers
        if error is None and self._has_headers and not has_length:
            self.on_message_complete()
        elif not self._is_complete:
            self._fail(UnreachableError("connection lost before the end of the response"))

    # httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADER_BYTES:
            self._fail(ResponseTooLargeError(f"a head of more than {MAX_HEADER_BYTES} bytes"))
            return
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < FIRST_FINAL_STATUS:
            self.headers = {}
            return
        self.status = status
        self._has_headers = True
        self._changed.set()

    def on_body(self, data: bytes) -> None:
        self._chunks.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > BUFFER_BYTES and not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()
        self._changed.set()

    def on_message_complete(self) -> None:
        if self._has_headers:
            self._is_complete = True
            self._changed.set()

    # ours

    async def read_head(self) -> None:
        """Wait for status and headers."""
        while not self._has_headers:
            await self._wait()

    async def read(self) -> bytes:
        """Return the next bytes of the body; empty at its end."""
        while not self._chunks:
            if self._is_complete:
                return b""
            await self._wait()
        chunk = self._chunks.popleft()
        self._waiting_bytes -= len(chunk)
        if self._is_paused and self._waiting_bytes <= BUFFER_BYTES // 2 and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()
        return chunk

    def send(self, request: bytes) -> None:
        """Send the request."""
        assert self._transport is not None
        self._transport.write(request)

    def close(self) -> None:
        """Drop the connection, which ends the response at its server."""
        if self._transport is not None:
            self._transport.abort()

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._changed.clear()
        await self._changed.wait()

    def _fail(self, error: TransportError) -> None:
        if self._error is None:
            self._error = error
        self._changed.set()
        self.close()


async def open_stream(
    request: bytes, *, url: SplitResult, connect_timeout_seconds: float, head_timeout_seconds: float
) -> HttpStream:
    """Send `request` over a new connection and return the response, of which the head has arrived. To be closed.

    Raises:
        UnreachableError: The connection could not be opened or was lost.
        SubgraphTimeoutError: No head within `head_timeout_seconds`.
        BadResponseError: The answer is not HTTP.
    """
    is_tls = url.scheme == "https"
    try:
        async with asyncio.timeout(connect_timeout_seconds):
            _, stream = await asyncio.get_running_loop().create_connection(
                HttpStream,
                url.hostname or "",
                url.port or (443 if is_tls else 80),
                ssl=ssl.create_default_context() if is_tls else None,
            )
    except TimeoutError as error:
        raise UnreachableError(f"no connection within {connect_timeout_seconds} s") from error
    except OSError as error:
        raise UnreachableError(f"no connection: {error}") from error
    try:
        stream.send(request)
        async with asyncio.timeout(head_timeout_seconds):
            await stream.read_head()
    except TimeoutError as error:
        stream.close()
        raise SubgraphTimeoutError(f"no answer within {head_timeout_seconds} s") from error
    except BaseException:
        stream.close()
        raise
    return stream


def media_type_of(headers: Mapping[str, str]) -> str:
    """Return the content type without its parameters, in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()
