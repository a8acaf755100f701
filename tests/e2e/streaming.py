"""Subscriptions over server-sent events through the whole platform."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import redis.asyncio

from tests.e2e.platform import Platform

PATIENCE_SECONDS = 30


@asynccontextmanager
async def event_stream(platform: Platform, query: str, token: str) -> AsyncIterator["asyncio.Queue[dict[str, Any]]"]:
    """Give what the router sends over server-sent events, as it comes; the client goes at the end of the block."""
    edge = cast("Any", platform.http)._transport.app
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    gone = asyncio.Event()
    requests = [{"type": "http.request", "body": json.dumps({"query": query}).encode(), "more_body": False}]

    async def receive() -> dict[str, Any]:
        if requests:
            return requests.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        for line in message.get("body", b"").decode().splitlines():
            if line.startswith("data: ") and len(line) > len("data: "):
                sent.put_nowait(json.loads(line.removeprefix("data: ")))

    headers = {"content-type": "application/json", "accept": "text/event-stream", "authorization": f"Bearer {token}"}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("platform", 80),
    }
    serving = asyncio.create_task(cast("Any", edge(scope, receive, send)))
    try:
        yield sent
    finally:
        gone.set()
        await asyncio.wait_for(serving, PATIENCE_SECONDS)


async def wait_for_listener(redis_url: str, channel: str) -> None:
    async with redis.asyncio.Redis.from_url(redis_url, decode_responses=True) as client:
        for _attempt in range(PATIENCE_SECONDS * 20):
            if await client.pubsub_channels(channel):
                return
            await asyncio.sleep(0.05)
    raise AssertionError("nobody listens")
