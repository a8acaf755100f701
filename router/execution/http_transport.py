"""Subgraphs behind HTTP: POST of JSON, with retries of queries when the connection fails; subscriptions by SSE."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

import orjson

from router.execution.deadline import TimeLimit
from router.execution.http_client import HttpClient, parse_http_url, request_head
from router.execution.http_exchange import HttpResponse
from router.execution.http_stream import HttpStream, open_stream
from router.execution.http_subscription import read_events
from router.execution.server_sent_events import MEDIA_TYPE
from router.execution.transport import BadResponseError, EventStream, SubgraphRequest, UnreachableError

FIRST_PAUSE_SECONDS = 0.05

# Tells the subgraph how many milliseconds the router will wait: what it finishes later is for nobody.
TIMEOUT_HEADER = "x-request-timeout-ms"

_FIXED_HEADERS = {
    "content-type": "application/json",
    "accept": "application/graphql-response+json, application/json;q=0.9",
    "accept-encoding": "identity",
}
_SUBSCRIPTION_ACCEPT = f"{MEDIA_TYPE}, application/graphql-response+json;q=0.5, application/json;q=0.4"


class HttpTransport:
    """Calls the subgraph at `url`.

    A query is tried again, up to `max_tries` in all, when the connection was refused or lost: nothing else heals by
    itself. A mutation is sent once. Pauses double from 50 ms and are drawn evenly between nothing and that length,
    so that many routers do not come back at the same moment.

    Args:
        url: Address of the GraphQL endpoint.
        client: Shared by the transports of a router; closed by its owner.
        timeout_seconds: Whole call of one try.
        silence_seconds: A subscription that brings nothing for this long counts as lost, unless it is None. Servers
            send comments to show that they are there.
        sleep: Takes seconds.
        uniform: Takes the least and the greatest value.

    Raises:
        ValueError: `url` is not an http(s) address.
    """

    def __init__(
        self,
        url: str,
        *,
        client: HttpClient,
        timeout_seconds: float = 5.0,
        max_tries: int = 3,
        silence_seconds: float | None = 60.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._url = parse_http_url(url)
        self._client = client
        self._timeout_seconds = timeout_seconds
        self._time_limit = TimeLimit(timeout_seconds)
        self._timeout_line = _timeout_line(timeout_seconds)
        self._max_tries = max_tries
        self._silence_seconds = silence_seconds
        self._sleep = sleep
        self._uniform = uniform
        self._fixed_head = request_head("POST", self._url, _FIXED_HEADERS)
        self._subscription_head = request_head("POST", self._url, {**_FIXED_HEADERS, "accept": _SUBSCRIPTION_ACCEPT})

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return the decoded response of the subgraph."""
        body = request.body()
        tries_left = self._max_tries if request.is_query else 1
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            tries_left -= 1
            timeout_seconds = self._seconds_left(request.deadline)
            is_usual = timeout_seconds == self._timeout_seconds
            try:
                response = await self._client.request(
                    b"%b%b%bcontent-length: %d\r\n\r\n"
                    % (
                        self._fixed_head,
                        _header_lines(request.headers),
                        self._timeout_line if is_usual else _timeout_line(timeout_seconds),
                        len(body),
                    ),
                    body,
                    url=self._url,
                    timeout_seconds=timeout_seconds,
                    limit=self._time_limit if is_usual else None,
                )
            except UnreachableError:
                if tries_left == 0:
                    raise
                await self._sleep(self._uniform(0.0, pause_seconds))
                pause_seconds *= 2
            else:
                if request.received_headers is not None:
                    request.received_headers.extend(response.header_lines)
                return request.typed_reply(response.body) or _graphql_response(response)

    async def subscribe(self, request: SubgraphRequest) -> EventStream:
        """Yield the responses to a subscription, over a connection of its own. Only opening it is tried again."""
        events = read_events(
            await self._open_stream(request),
            max_bytes=self._client.max_response_bytes,
            silence_seconds=self._silence_seconds,
        )
        async with aclosing(events):
            async for event in events:
                yield event

    async def _open_stream(self, request: SubgraphRequest) -> HttpStream:
        body = request.body()
        length = b"content-length: %d\r\n\r\n" % len(body)
        head = self._subscription_head + _header_lines(request.headers) + length
        tries_left, pause_seconds = self._max_tries, FIRST_PAUSE_SECONDS
        while True:
            tries_left -= 1
            try:
                return await open_stream(
                    head + body,
                    url=self._url,
                    connect_timeout_seconds=self._client.connect_timeout_seconds,
                    head_timeout_seconds=self._timeout_seconds,
                )
            except UnreachableError:
                if tries_left == 0:
                    raise
                await self._sleep(self._uniform(0.0, pause_seconds))
                pause_seconds *= 2

    def _seconds_left(self, deadline: float | None) -> float:
        seconds = self._timeout_seconds
        if deadline is None:
            return seconds
        left = deadline - asyncio.get_running_loop().time()
        if left >= seconds:
            return seconds
        return max(0.0, left)


# The calls of one request have the same headers, and many of them begin at once.
_last_lines: tuple[Mapping[str, str], bytes] = ({}, b"")


def _header_lines(headers: Mapping[str, str]) -> bytes:
    global _last_lines
    known, lines = _last_lines
    if known is not headers:
        text = ""
        for name, value in headers.items():
            text += f"{name}: {value}\r\n"
        lines = text.encode("latin-1")
        _last_lines = headers, lines
    return lines


def _timeout_line(seconds: float) -> bytes:
    return b"%b: %d\r\n" % (TIMEOUT_HEADER.encode(), int(seconds * 1000))


def _graphql_response(response: HttpResponse) -> Mapping[str, Any]:
    try:
        decoded = orjson.loads(response.body)
    except orjson.JSONDecodeError as error:
        if response.status >= 500:  # a proxy in front of a dead server says so in HTML
            raise UnreachableError(f"status {response.status} without JSON") from error
        raise BadResponseError(f"status {response.status}, not JSON") from error
    if isinstance(decoded, dict) and ("data" in decoded or "errors" in decoded):
        return decoded
    if response.status >= 500:
        raise UnreachableError(f"status {response.status} without a GraphQL response")
    raise BadResponseError(f"status {response.status}, JSON without data or errors")
