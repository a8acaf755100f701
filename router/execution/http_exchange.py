"""One connection of the router's HTTP/1.1 client: sends a request, reads its response. Which one is not for it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import httptools

from router.execution.transport import BadResponseError, ResponseTooLargeError, UnreachableError

# More than any real server sends in the head of a response.
MAX_HEADER_BYTES = 64 * 1024

# 1xx announce that the real response follows.
FIRST_FINAL_STATUS = 200

# Larger heads are parsed each time: what a connection remembers must be little.
_MOST_REMEMBERED_BYTES = 4_096

_HEAD_END = b"\r\n\r\n"


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class HttpResponse:
    """A complete response. Its headers are as they came: hardly anybody reads them."""

    status: int
    raw_headers: Sequence[tuple[bytes, bytes]]
    body: bytes

    @property
    def header_lines(self) -> list[tuple[str, str]]:
        """Every header, its name in lower case, repeated ones as often as they came."""
        return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in self.raw_headers]


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class _Head:
    """The head of a response that came whole and in one piece: the next often begins with the same bytes."""

    text: bytes
    response_bytes: int
    status: int
    headers: Sequence[tuple[bytes, bytes]]


class Exchange(asyncio.Protocol):
    """One connection, carrying one exchange at a time. Callbacks are named by httptools and asyncio."""

    def __init__(self, max_response_bytes: int) -> None:
        self._max_response_bytes = max_response_bytes
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._waiter: asyncio.Future[HttpResponse] | None = None
        self._known: _Head | None = None
        self._has_begun = False
        self._headers: list[tuple[bytes, bytes]] = []
        self._header_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._headers_complete = False
        self.reusable = False
        self.idle_since = 0.0

    # asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports behave like asyncio's but do not inherit from them: no isinstance here.
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        waiter = self._waiter
        if waiter is None or self._parser is None:
            self.close()  # bytes that nobody asked for: whatever follows could not be trusted
            return
        if self._has_begun:
            self._parse(data)
            return
        self._has_begun = True
        known = self._known
        if known is not None and len(data) == known.response_bytes and data.startswith(known.text):
            self.reusable = True
            if not waiter.done():
                waiter.set_result(HttpResponse(known.status, known.headers, data[len(known.text) :]))
            return
        self._headers, self._header_bytes, self._body, self._body_bytes = [], 0, [], 0
        self._headers_complete = False
        self._parse(data)
        if self.reusable:
            self._remember(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.reusable = False
        self._transport = None
        if self._waiter is not None:
            if error is None and self._headers_complete and self._ends_with_connection():
                self._complete()
            else:
                self._fail(UnreachableError("connection lost before the end of the response"))
        self._parser = None  # it knows this object

    # httptools

    def on_message_begin(self) -> None:
        if self._waiter is None or self._waiter.done():
            self.close()  # a second response to one request

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADER_BYTES:
            self._fail(ResponseTooLargeError(f"a head of more than {MAX_HEADER_BYTES} bytes"))
            return
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self._headers_complete = True

    def on_body(self, data: bytes) -> None:
        self._body_bytes += len(data)
        if self._body_bytes > self._max_response_bytes:
            self._fail(ResponseTooLargeError(f"more than {self._max_response_bytes} bytes"))
            return
        self._body.append(data)

    def on_message_complete(self) -> None:
        if self._parser is None:
            return
        if self._parser.get_status_code() < FIRST_FINAL_STATUS:
            self._headers, self._headers_complete = [], False
            return
        self.reusable = self._parser.should_keep_alive()
        self._complete()

    # ours

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def begin(self, request: bytes, loop: asyncio.AbstractEventLoop) -> "asyncio.Future[HttpResponse]":
        """Send one request, and return what will be its response. Whoever waits for it calls `end` afterwards."""
        if self._transport is None:
            raise UnreachableError("connection closed")
        self._has_begun = self._headers_complete = self.reusable = False
        self._waiter = waiter = loop.create_future()
        self._transport.write(request)
        return waiter

    def end(self) -> bool:
        """End the exchange, and return whether there may be another one.

        One that was cancelled or failed closes the connection, so that a late answer can never reach somebody else.
        """
        self._waiter = None
        if self.reusable and self.is_open:
            return True
        self.close()
        return False

    def expire(self) -> None:
        """Give up waiting for the response, unless it has just come."""
        if self._waiter is not None and not self._waiter.done():
            self._fail(TimeoutError())

    def close(self) -> None:
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def _parse(self, data: bytes) -> None:
        assert self._parser is not None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(BadResponseError(f"not HTTP: {error}"))

    def _remember(self, data: bytes) -> None:
        """Note the head of a response that is all of `data`, if the length of its body stands in it."""
        end = data.find(_HEAD_END) + len(_HEAD_END)
        lengths = [value for name, value in self._headers if name.lower() == b"content-length"]
        if (
            end <= _MOST_REMEMBERED_BYTES
            and lengths == [b"%d" % self._body_bytes]
            and len(data) == end + self._body_bytes
            and self._parser is not None
        ):
            self._known = _Head(data[:end], len(data), self._parser.get_status_code(), self._headers)

    def _ends_with_connection(self) -> bool:
        return not any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self._headers)

    def _complete(self) -> None:
        if self._waiter is not None and not self._waiter.done() and self._parser is not None:
            status, body = self._parser.get_status_code(), b"".join(self._body)
            self._waiter.set_result(HttpResponse(status, self._headers, body))

    def _fail(self, error: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
        self.close()
