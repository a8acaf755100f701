"""Sends a response whose length is known in one piece: uvicorn writes head and body apart and checks each header anew.

Everything else of HTTP - parsing, keep-alive, pipelining, time limits, upgrades, streamed responses - stays uvicorn's.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

Message = MutableMapping[str, Any]

_CONTENT_LENGTH = b"content-length"

# A name is a token (RFC 9110, 5.6.2); a value must not end its line.
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_UNSAFE_IN_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

# Most headers are the same in every response; ids and lengths are not.
_REMEMBERED = 512


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol for HTTP/1.1, with responses of known length written at once."""

    def on_headers_complete(self) -> None:
        """Begin the request as uvicorn does, then answer it our way."""
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:
            # The request runs in a task of its own, which has not begun yet.
            # There is no port for that; by name, since uvicorn's messages are typed one by one.
            setattr(self.cycle, "send", _OneWrite(self.cycle).send)  # noqa: B010


class _OneWrite:
    """Takes the messages of one response: keeps the head until the body is there too."""

    __slots__ = ("_cycle", "_head", "_send")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self._send: Callable[[Any], Awaitable[None]] = cycle.send
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        """Take one ASGI message."""
        head = self._head
        if head is None:
            if message["type"] == "http.response.start" and _has_length(message) and self._is_usual():
                self._head = message
            else:
                await self._send(message)
            return
        self._head = None
        if message["type"] == "http.response.body" and not message.get("more_body") and self._is_usual():
            self._write(head, message.get("body", b""))
        else:
            await self._send(head)
            await self._send(message)

    def _is_usual(self) -> bool:
        cycle = self._cycle
        return not (
            cycle.response_started
            or cycle.disconnected
            or cycle.flow.write_paused
            or cycle.access_log
            or cycle.scope["method"] == "HEAD"
        )

    def _write(self, head: Message, body: bytes) -> None:
        cycle = self._cycle
        parts = [STATUS_LINE[head["status"]]]
        for name, value in (*cycle.default_headers, *head["headers"]):
            if name == _CONTENT_LENGTH and int(value) != len(body):
                raise RuntimeError("The response has another length than it says.")
            if name == b"connection" and b"close" in value.lower():
                cycle.keep_alive = False
            else:
                parts.append(_line(name, value))
        if not cycle.keep_alive:
            parts.append(b"connection: close\r\n")
        parts += (b"\r\n", body)
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(b"".join(parts))
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()
        del cycle.send  # ends the circle of references between the two


def _has_length(head: Message) -> bool:
    return any(name == _CONTENT_LENGTH for name, _ in head["headers"])


def header_lines(headers: Iterable[tuple[str, str]]) -> bytes:
    """Return headers as they are sent.

    Raises:
        RuntimeError: One would break out of its line.
    """
    return raw_header_lines((name.encode("latin-1"), value.encode("latin-1")) for name, value in headers)


def raw_header_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return headers as they are sent.

    Raises:
        RuntimeError: One would break out of its line.
    """
    return b"".join([_line(name, value) for name, value in headers])


@lru_cache(maxsize=_REMEMBERED)
def _line(name: bytes, value: bytes) -> bytes:
    """Return a header as it is sent.

    Raises:
        RuntimeError: It would break out of its line.
    """
    if not _NAME.fullmatch(name) or _UNSAFE_IN_VALUE.search(value):
        raise RuntimeError("A header cannot be sent.")
    return name + b": " + value + b"\r\n"
