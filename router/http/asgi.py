"""The few ASGI pieces that the app needs: its types, headers, reading a body within a limit, sending a response."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any

from router.http.refusals import BAD_REQUEST, TOO_LARGE, HttpRefusedError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class ClientGoneError(Exception):
    """The client closed the connection before its request was complete."""


def request_headers(scope: Scope) -> dict[str, str]:
    """Return the headers by lower-case name; repeated ones are joined with commas."""
    return header_mapping(scope["headers"])


def header_mapping(raw_headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their names, which are in lower case; repeated ones are joined with commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw_headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def read_body(receive: Receive, headers: Mapping[str, str], *, max_bytes: int) -> bytes:
    """Return the request body.

    Raises:
        HttpRefusedError: 413, as soon as it is known to be larger than `max_bytes`; 400 for a senseless length.
        ClientGoneError: The client went away.
    """
    announced = headers.get("content-length", "0")
    if not announced.isascii() or not announced.isdigit():
        raise HttpRefusedError(400, BAD_REQUEST, "The content length is not a number.")
    if int(announced) > max_bytes:
        raise _too_large(max_bytes)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def send_response(
    send: Send,
    status: int,
    headers: Mapping[str, str],
    *,
    body: bytes = b"",
    more_headers: Sequence[tuple[str, str]] = (),
) -> None:
    """Send a complete response."""
    raw_headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in (*headers.items(), *more_headers)
    ]
    raw_headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw_headers})
    await send({"type": "http.response.body", "body": body})


def _too_large(max_bytes: int) -> HttpRefusedError:
    message = f"The request is larger than {max_bytes} bytes."
    # The rest of the body will not be read, so the connection cannot be used again.
    return HttpRefusedError(413, TOO_LARGE, message, headers={"connection": "close"})
