"""Responses of known length leave in one write; everything else as uvicorn sends it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from router.http.one_write import OneWriteProtocol
from tests.router.http.connection_kit import Connection, FakeTransport

App = Callable[..., Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


async def served(app: App, *requests: bytes) -> FakeTransport:
    """Return the connection after the requests were sent at once."""
    connection = Connection(OneWriteProtocol, app)
    await connection.send(b"".join(requests))
    connection.protocol.connection_lost(None)
    return connection.transport


def answering(headers: Headers, *bodies: bytes, status: int = 200) -> App:
    """Return an application that sends the bodies one by one."""

    async def app(scope: Mapping[str, Any], _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for number, body in enumerate(bodies, 1):
            await send({"type": "http.response.body", "body": body, "more_body": number < len(bodies)})

    return app


GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nx-a: 1\r\ncontent-length: 2\r\n\r\nhi"


async def test_head_and_body_are_one_write() -> None:
    transport = await served(answering([(b"x-a", b"1"), (b"content-length", b"2")], b"hi"), GET)

    assert transport.writes[0] == OK
    assert len(transport.writes) == 1


async def test_pipelined_requests_are_answered_in_order_on_one_connection() -> None:
    async def app(scope: Mapping[str, Any], _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        body = scope["path"].encode()
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": body})

    transport = await served(app, *(GET.replace(b" / ", b" /%d " % number) for number in range(3)))

    assert [write.rpartition(b"\r\n\r\n")[2] for write in transport.writes] == [b"/0", b"/1", b"/2"]


async def test_a_client_that_wants_the_connection_closed_gets_it_closed() -> None:
    request = GET.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")

    transport = await served(answering([(b"content-length", b"2")], b"hi"), request)

    assert transport.writes == [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi"]
    assert transport.is_closed


async def test_an_application_can_close_the_connection() -> None:
    transport = await served(answering([(b"content-length", b"2"), (b"connection", b"close")], b"hi"), GET)

    assert transport.writes == [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi"]
    assert transport.is_closed


async def test_the_answer_to_head_has_no_body() -> None:
    transport = await served(answering([(b"content-length", b"2")], b"hi"), GET.replace(b"GET", b"HEAD"))

    assert b"".join(transport.writes) == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


async def test_a_streamed_response_shows_its_head_before_its_body_is_known() -> None:
    transport = await served(answering([(b"x-a", b"1")], b"a", b"b"), GET)

    assert transport.writes[0] == b"HTTP/1.1 200 OK\r\nx-a: 1\r\ntransfer-encoding: chunked\r\n\r\n"
    assert b"".join(transport.writes[1:]) == b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n"


async def test_a_body_of_known_length_may_come_in_parts() -> None:
    transport = await served(answering([(b"content-length", b"2")], b"h", b"i"), GET)

    assert b"".join(transport.writes) == b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"


@pytest.mark.parametrize("header", [(b"x-a", b"1\r\nset-cookie: a=b"), (b"x a", b"1"), (b"", b"1"), (b"x-a", b"\x00")])
async def test_a_header_that_would_break_out_of_its_line_is_not_sent(header: tuple[bytes, bytes]) -> None:
    transport = await served(answering([header, (b"content-length", b"2")], b"hi"), GET)

    assert transport.writes[0].startswith(b"HTTP/1.1 500 ")
    assert b"set-cookie" not in b"".join(transport.writes)


async def test_a_length_that_is_not_that_of_the_body_is_not_sent() -> None:
    transport = await served(answering([(b"content-length", b"3")], b"hi"), GET)

    assert transport.writes[0].startswith(b"HTTP/1.1 500 ")
