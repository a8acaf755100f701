"""A response of HTTP that is sent while its parts are made: GraphQL over server-sent events, distinct connections."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MEDIA_TYPE = "text/event-stream"

# Shorter than the half minute after which proxies, and the router after a minute, take a quiet connection for dead.
KEEP_ALIVE_SECONDS = 12.0

# With an empty data line: browsers drop an event that has none.
_COMPLETE = b"event: complete\ndata:\n\n"
_COMMENT = b":\n\n"


class EventStreamResponse(Response):
    """Sends GraphQL responses as they come. One is asked for when the one before was taken, so nothing piles up.

    Args:
        responses: Closed at the end, also when the client goes away.
    """

    media_type = MEDIA_TYPE

    def __init__(self, responses: AsyncGenerator[Mapping[str, Any], None]) -> None:
        super().__init__(headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._responses = responses
        self._is_quiet = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # the interface of ASGI
        """Send everything, until its end or until the client is gone."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await self._write(send, _COMMENT)  # so that the client has the head at once
        tasks = [
            asyncio.create_task(work)
            for work in (self._pump(send), self._keep_alive(send), _wait_for_departure(receive))
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _pump(self, send: Send) -> None:
        async with aclosing(self._responses):
            async for response in self._responses:
                await self._write(send, b"event: next\ndata: " + orjson.dumps(response) + b"\n\n")
        await self._write(send, _COMPLETE, is_last=True)

    async def _keep_alive(self, send: Send) -> None:
        while True:
            self._is_quiet = True
            await asyncio.sleep(KEEP_ALIVE_SECONDS)
            if self._is_quiet:
                await self._write(send, _COMMENT)

    async def _write(self, send: Send, text: bytes, *, is_last: bool = False) -> None:
        self._is_quiet = False
        await send({"type": "http.response.body", "body": text, "more_body": not is_last})


async def _wait_for_departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
