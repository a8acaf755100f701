"""A connection of HTTP/1.1 without a socket: what a protocol of uvicorn's makes of the bytes of a client."""

import asyncio
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState


class FakeTransport(asyncio.Transport):
    """Keeps each write."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 80)})
        self.writes: list[bytes] = []
        self.closed = asyncio.Event()

    @property
    def is_closed(self) -> bool:
        return self.closed.is_set()

    def write(self, data: Any) -> None:
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed.set()

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Connection:
    """One connection to an application.

    Args:
        protocol: Class of the protocol.
        app: Of ASGI.
    """

    def __init__(self, protocol: type[HttpToolsProtocol], app: Any, **options: Any) -> None:
        config = uvicorn.Config(
            cast("Any", app),
            log_config=None,
            access_log=False,
            ws="none",
            http=protocol,
            proxy_headers=False,
            **options,
        )
        self.state = ServerState()
        self.protocol = protocol(config=config, server_state=self.state, app_state={})
        self.protocol.access_log = False  # pytest listens to every logger
        self.transport = FakeTransport()
        self.protocol.connection_made(self.transport)

    async def send(self, *pieces: bytes) -> bytes:
        """Hand over the pieces one after the other, and return what was written when all requests have ended."""
        before = len(self.transport.writes)
        await self.begin(*pieces)
        return await self.rest(before)

    async def begin(self, *pieces: bytes) -> None:
        """Hand over the pieces one after the other, and let what they ask for begin."""
        for piece in pieces:
            self.protocol.data_received(piece)
            await asyncio.sleep(0)

    async def rest(self, before: int = 0) -> bytes:
        """Return what was written, but for the first so many writes, when all requests have ended."""
        while self.state.tasks:
            await asyncio.wait(set(self.state.tasks))
            await asyncio.sleep(0)
        return b"".join(self.transport.writes[before:])
