"""A lean HTTP/1.1 client for calls to known servers: keep-alive connections, limits, no redirects or cookies.

It exists because the router makes several calls per request and general clients cost more than the rest of the
router together (docs/performance.md). Retries are not here: only the caller knows what may be sent twice.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import SplitResult, urlsplit

import httptools

from router.execution.deadline import Deadline, TimeLimit
from router.execution.transport import (
    BadResponseError,
    ResponseTooLargeError,
    SubgraphTimeoutError,
    UnreachableError,
)

# Below the 5 s after which common servers close an idle connection, so that a request seldom meets a closing one.
IDLE_SECONDS = 4.0

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


class _Exchange(asyncio.Protocol):
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
        if not self.reusable:
            self.close()
        return self.reusable

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


class _Origin:
    """The connections to one scheme, host and port."""

    def __init__(self, address: SplitResult) -> None:
        self.host = address.hostname or ""
        self.is_tls = address.scheme == "https"
        self.port = address.port or (443 if self.is_tls else 80)
        self.idle: deque[_Exchange] = deque()
        self.open_count = 0
        self.waiters: deque[asyncio.Future[None]] = deque()


class HttpClient:
    """Keep-alive connections to any number of origins.

    Args:
        connections_per_origin: Further requests wait for a connection, within their own timeout.
        connect_timeout_seconds: Opening one connection.
        max_response_bytes: Size of a response body.
        clock: Monotonic seconds; decides how long a connection has been idle.
    """

    def __init__(
        self,
        *,
        connections_per_origin: int = 64,
        connect_timeout_seconds: float = 1.0,
        max_response_bytes: int = 16 * 1024 * 1024,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connections_per_origin = connections_per_origin
        self.connect_timeout_seconds = connect_timeout_seconds
        self.max_response_bytes = max_response_bytes
        self._clock = clock
        self._origins: dict[tuple[str, str], _Origin] = {}
        self._tls: ssl.SSLContext | None = None

    async def request(
        self,
        head: bytes,
        body: bytes,
        *,
        url: SplitResult,
        timeout_seconds: float,
        limit: TimeLimit | None = None,
    ) -> HttpResponse:
        """Send `head` (request line and headers, up to the empty line, see `request_head`) and `body`.

        Args:
            head: Ready to be sent.
            body: Ready to be sent.
            url: Where to.
            timeout_seconds: For all of it.
            limit: Of so many seconds, for who calls often with the same.

        Raises:
            UnreachableError: The connection could not be opened or was lost.
            SubgraphTimeoutError: The response was not complete within `timeout_seconds`.
            BadResponseError: The answer is not HTTP, or too large.
        """
        loop = asyncio.get_running_loop()
        origin = self._origin(url)
        connection = self._take_idle(origin)
        try:
            if connection is not None and limit is not None:  # as nearly always: nothing but the reply is waited for
                limit.begin(connection, loop)
                try:
                    return await connection.begin(head + body, loop)
                finally:
                    limit.end(connection)
                    self._release(origin, connection)
            with limit.block() if limit is not None else Deadline(loop.time() + timeout_seconds):
                connection = connection or await self._acquire(origin)
                try:
                    return await connection.begin(head + body, loop)
                finally:
                    self._release(origin, connection)
        except TimeoutError as error:
            raise SubgraphTimeoutError(f"no answer within {timeout_seconds} s") from error

    async def aclose(self) -> None:
        """Close the idle connections; those in use close when their exchange ends."""
        for origin in self._origins.values():
            while origin.idle:
                origin.idle.pop().close()
        self._origins.clear()
        await asyncio.sleep(0)  # lets the loop run the closing callbacks

    def _origin(self, url: SplitResult) -> _Origin:
        key = (url.scheme, url.netloc)
        origin = self._origins.get(key)
        if origin is None:
            origin = self._origins[key] = _Origin(url)
        return origin

    async def _acquire(self, origin: _Origin) -> _Exchange:
        while True:
            connection = self._take_idle(origin)
            if connection is not None:
                return connection
            if origin.open_count < self._connections_per_origin:
                return await self._open(origin)
            waiter = asyncio.get_running_loop().create_future()
            origin.waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake(origin)  # the turn came together with the cancellation: pass it on
                elif waiter in origin.waiters:  # else somebody met it cancelled, and passed over it
                    origin.waiters.remove(waiter)
                raise

    def _take_idle(self, origin: _Origin) -> _Exchange | None:
        oldest_useful = self._clock() - IDLE_SECONDS
        while origin.idle:
            connection = origin.idle.pop()  # the warmest
            if connection.is_open and connection.idle_since >= oldest_useful:
                return connection
            connection.close()
            origin.open_count -= 1
        return None

    async def _open(self, origin: _Origin) -> _Exchange:
        origin.open_count += 1
        try:
            async with asyncio.timeout(self.connect_timeout_seconds):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: _Exchange(self.max_response_bytes),
                    origin.host,
                    origin.port,
                    ssl=self._tls_context() if origin.is_tls else None,
                )
        except TimeoutError as error:
            self._give_back(origin)
            raise UnreachableError(f"no connection within {self.connect_timeout_seconds} s") from error
        except OSError as error:
            self._give_back(origin)
            raise UnreachableError(f"no connection: {error}") from error
        except BaseException:
            self._give_back(origin)
            raise
        return connection

    def _release(self, origin: _Origin, connection: _Exchange) -> None:
        if connection.end():
            connection.idle_since = self._clock()
            origin.idle.append(connection)
            if origin.waiters:
                self._wake(origin)
        else:
            self._give_back(origin)

    def _give_back(self, origin: _Origin) -> None:
        origin.open_count -= 1
        self._wake(origin)

    @staticmethod
    def _wake(origin: _Origin) -> None:
        while origin.waiters:
            waiter = origin.waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


def request_head(method: str, url: SplitResult, headers: Mapping[str, str]) -> bytes:
    """Return the request line and headers without the closing empty line, for `request` to be completed by.

    Raises:
        ValueError: A header would break out of its line.
    """
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"host: {url.netloc.rpartition('@')[2]}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if any("\r" in line or "\n" in line for line in lines):
        msg = "a header value holds a line end"
        raise ValueError(msg)
    return "\r\n".join(lines).encode("latin-1") + b"\r\n"


def parse_http_url(url: str) -> SplitResult:
    """Return the parts of an http(s) address.

    Raises:
        ValueError: Another scheme, or no host.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = f"not an http(s) address: {url!r}"
        raise ValueError(msg)
    return parts
