"""A partner's server on a real socket: it says what a test tells it to, byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson


def answer(body: object = None, *, status: int = 200, headers: str = "", length: int | None = None) -> bytes:
    """Return an HTTP answer; a body that is not bytes is sent as JSON, and `length` is what it claims to be."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    claimed = len(content) if length is None else length
    head = f"HTTP/1.1 {status} X\r\ncontent-length: {claimed}\r\nconnection: close\r\n{headers}\r\n"
    return head.encode() + content


@dataclass
class Partner:
    """What it answers, one after the other and then the last one again, and what it was asked.

    An empty answer closes the connection without a word.
    """

    url: str
    answers: Sequence[bytes] = ()
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _version = head[0].split(" ")
        self.requests.append((method, path))
        self.headers.append({name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])})
        writer.write(self.answers[min(len(self.requests), len(self.answers)) - 1])
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def partner_saying(*answers: bytes) -> AsyncIterator[Partner]:
    """Give a partner that listens on this machine."""
    partner = Partner("", answers)
    server = await asyncio.start_server(partner.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    partner.url = f"http://{host}:{port}"
    async with server:
        yield partner
