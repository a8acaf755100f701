"""Serves connections by HTTP/1.1: requests that may go the short way (`quick_posts.py`) go it, others are uvicorn's.

A request goes the short way when it is a POST to `/graphql` that arrived whole, in one piece with nothing before or
behind it. Then neither ASGI's scope nor its messages are made. As soon as anything is different - a body in several
pieces or chunks, pipelining, `Expect`, an upgrade, HTTP/1.0, `Connection: close` - uvicorn takes the request over, in
the state in which it would be had this not been here.

Clients send requests with equal heads over one connection, again and again. A head that was parsed and accepted is
remembered, to the byte; where the next request begins with it, nothing of it is parsed.
"""

import asyncio
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from router.http.one_write import OneWriteProtocol, raw_header_lines
from router.http.quick_posts import PostHead, QuickPosts

_HEAD_END = b"\r\n\r\n"

# Larger heads are parsed each time: what a connection remembers must be little.
_MOST_REMEMBERED_BYTES = 4_096

_log = structlog.get_logger(__name__)


class QuickProtocol(OneWriteProtocol):
    """uvicorn's protocol with a short way for the application's `quick_posts`, if it has them."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._posts: QuickPosts | None = getattr(self.app, "quick_posts", None)
        self._is_between_requests = True
        self._requests_in_data = 0
        self._head: PostHead | None = None
        self._parts: list[bytes] = []
        self._known_head: PostHead | None = None
        self._known_bytes = b""
        self._idle_since: float | None = None
        self._default_headers: list[tuple[bytes, bytes]] | None = None
        self._default_lines = b""

    # asyncio

    def data_received(self, data: bytes) -> None:
        """Take bytes of the client."""
        known = self._known_head
        if known is not None and self._is_next(known, data):
            self._idle_since = None
            self._begin(known, data[len(self._known_bytes) :])
            return
        begins = self._is_between_requests
        self._requests_in_data = 0
        self._begun: PostHead | None = None
        super().data_received(data)
        if self._head is not None:
            self._take_to_uvicorn()
        elif begins and self._requests_in_data == 1:
            self._remember(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """End what nobody waits for."""
        self._unset_keepalive_if_required()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
        super().connection_lost(exc)

    # httptools

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._is_between_requests = False
        self._requests_in_data += 1
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Decide which way the request goes."""
        self._head = self._quick_head()
        if self._head is None:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if self._head is None:
            super().on_body(body)
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        """Answer a request that arrived whole."""
        self._is_between_requests = True
        head, self._head = self._head, None
        if head is None:
            super().on_message_complete()
            return
        body = b"".join(self._parts)
        self._parts.clear()
        self._begin(head, body)

    # ours

    def _is_next(self, known: PostHead, data: bytes) -> bool:
        """Return whether data are one whole request with the head that is known, and its turn is now."""
        return (
            len(data) == len(self._known_bytes) + known.body_bytes
            and data.startswith(self._known_bytes)
            and self._is_between_requests
            and self.cycle.response_complete
            and not self.pipeline
            and not self.transport.is_closing()
        )

    def _quick_head(self) -> PostHead | None:
        posts, parser = self._posts, self.parser
        if (
            posts is None
            # What uvicorn alone can do.
            or self.root_path
            or self.limit_concurrency is not None
            or self.access_log
            or parser.get_method() != b"POST"
            or parser.get_http_version() != "1.1"
            or not parser.should_keep_alive()
            or parser.should_upgrade()
            or self.expect_100_continue
            or self.pipeline
            or not (self.cycle is None or self.cycle.response_complete)
        ):
            return None
        return posts.head(self.url, self.headers, scheme=self.scheme, client=self.client)

    def _begin(self, head: PostHead, body: bytes) -> None:
        assert self._posts is not None
        self._begun = head
        exchange = _Exchange(self)
        self.cycle = exchange  # type: ignore[assignment]  # stands for a cycle in all that uvicorn asks of one
        exchange.task = task = self.loop.create_task(self._posts.serve(head, body, exchange))
        self.tasks.add(task)
        task.add_done_callback(exchange.end)

    def default_lines(self) -> bytes:
        """Return the headers that every response has, as lines; the server makes new ones every second."""
        headers = self.server_state.default_headers
        if headers is not self._default_headers:
            self._default_headers, self._default_lines = headers, raw_header_lines(headers)
        return self._default_lines

    def _take_to_uvicorn(self) -> None:
        """Give a request of which more is to come to uvicorn, unless it turned out to be no HTTP."""
        self._head = None
        parts, self._parts = self._parts, []
        if self.transport.is_closing():
            return
        super().on_headers_complete()
        for part in parts:
            super().on_body(part)

    def _remember(self, data: bytes) -> None:
        """Note the bytes of a head. Its end is where the body begins whose length it says: nothing else was sent."""
        head = self._begun
        if head is None:
            return
        end = len(data) - head.body_bytes
        if end <= _MOST_REMEMBERED_BYTES and data.endswith(_HEAD_END, 0, end):
            self._known_head, self._known_bytes = head, data[:end]

    # Keep-alive: uvicorn starts and cancels a timer for every request; this looks at the clock when one has run out.

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for it."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.flow.read_paused:
            self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self._close_if_idle)

    def _close_if_idle(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return  # the next response begins to wait again
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self._close_if_idle)
        else:
            self.timeout_keep_alive_handler()


class _Exchange:
    """One request that goes the short way. Has those attributes of uvicorn's cycle that its protocol uses."""

    __slots__ = (
        "_may_give_up",
        "_protocol",
        "disconnected",
        "head",
        "is_gone",
        "keep_alive",
        "response_complete",
        "task",
    )

    def __init__(self, protocol: QuickProtocol) -> None:
        self._protocol = protocol
        self._may_give_up = False
        self.task: asyncio.Task[None] | None = None
        self.is_gone = False
        self.disconnected = False
        self.keep_alive = True
        self.response_complete = False

    # of uvicorn's cycle

    @property
    def message_event(self) -> "_Exchange":
        """What uvicorn sets when the connection is lost."""
        return self

    def set(self) -> None:
        """Give up work that nobody waits for."""
        if self.disconnected and self._may_give_up and not self.is_gone and self.task is not None:
            self.is_gone = True
            self.task.cancel()

    # of the request

    def on_query(self) -> None:
        """Let the work be given up from now on."""
        self._may_give_up = True

    @property
    def must_wait(self) -> bool:
        """Whether the client has yet to take what was sent to it before."""
        return self._protocol.flow.write_paused and not self.disconnected

    async def wait(self) -> None:
        """Wait until it has, or is gone."""
        self._may_give_up = False
        await self._protocol.flow.drain()

    def send(self, status: int, lines: bytes, body: bytes) -> None:
        """Send the response in one piece."""
        self._may_give_up = False
        protocol = self._protocol
        transport = protocol.transport
        if self.disconnected or transport.is_closing():
            return
        end = b"\r\n\r\n" if self.keep_alive else b"\r\nconnection: close\r\n\r\n"
        length = b"content-length: %d" % len(body)
        transport.write(b"".join((STATUS_LINE[status], protocol.default_lines(), lines, length, end, body)))
        self.response_complete = True
        if not self.keep_alive:
            transport.close()
        protocol.on_response_complete()

    def end(self, task: "asyncio.Task[None]") -> None:
        """Take the end of the task."""
        protocol = self._protocol
        protocol.tasks.discard(task)
        self.task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("request_not_answered", exc_info=error)
        if not self.response_complete:
            protocol.transport.close()
