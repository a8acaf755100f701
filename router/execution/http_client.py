"""A lean HTTP/1.1 client for calls to known servers: keep-alive connections, limits, no redirects or cookies.

It exists because the router makes several calls per request and general clients cost more than the rest of the
router together (docs/performance.md). Retries are not here: only the caller knows what may be sent twice.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, urlsplit

from router.execution.deadline import Deadline, TimeLimit
from router.execution.http_exchange import Exchange, HttpResponse
from router.execution.transport import SubgraphTimeoutError, UnreachableError

# Below the 5 s after which common servers close an idle connection, so that a request seldom meets a closing one.
IDLE_SECONDS = 4.0


class _Origin:
    """The connections to one scheme, host and port."""

    def __init__(self, address: SplitResult) -> None:
        self.host = address.hostname or ""
        self.is_tls = address.scheme == "https"
        self.port = address.port or (443 if self.is_tls else 80)
        self.idle: deque[Exchange] = deque()
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

    async def _acquire(self, origin: _Origin) -> Exchange:
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

    def _take_idle(self, origin: _Origin) -> Exchange | None:
        oldest_useful = self._clock() - IDLE_SECONDS
        while origin.idle:
            connection = origin.idle.pop()  # the warmest
            if connection.is_open and connection.idle_since >= oldest_useful:
                return connection
            connection.close()
            origin.open_count -= 1
        return None

    async def _open(self, origin: _Origin) -> Exchange:
        origin.open_count += 1
        try:
            async with asyncio.timeout(self.connect_timeout_seconds):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Exchange(self.max_response_bytes),
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

    def _release(self, origin: _Origin, connection: Exchange) -> None:
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
