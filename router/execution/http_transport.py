"""Subgraphs behind HTTP: POST of JSON, with retries of queries when the connection fails."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from router.execution.http_client import HttpClient, HttpResponse, parse_http_url, request_head
from router.execution.transport import BadResponseError, SubgraphRequest, UnreachableError

FIRST_PAUSE_SECONDS = 0.05

# Tells the subgraph how many milliseconds the router will wait: what it finishes later is for nobody.
TIMEOUT_HEADER = "x-request-timeout-ms"

_FIXED_HEADERS = {
    "content-type": "application/json",
    "accept": "application/graphql-response+json, application/json;q=0.9",
    "accept-encoding": "identity",
}


class HttpTransport:
    """Calls the subgraph at `url`.

    A query is tried again, up to `max_tries` in all, when the connection was refused or lost: nothing else heals by
    itself. A mutation is sent once. Pauses double from 50 ms and are drawn evenly between nothing and that length,
    so that many routers do not come back at the same moment.

    Args:
        url: Address of the GraphQL endpoint.
        client: Shared by the transports of a router; closed by its owner.
        timeout_seconds: Whole call of one try.
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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._url = parse_http_url(url)
        self._client = client
        self._timeout_seconds = timeout_seconds
        self._max_tries = max_tries
        self._sleep = sleep
        self._uniform = uniform
        self._fixed_head = request_head("POST", self._url, _FIXED_HEADERS)

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return the decoded response of the subgraph."""
        body = request.body()
        tries_left = self._max_tries if request.is_query else 1
        pause_seconds = FIRST_PAUSE_SECONDS
        while True:
            tries_left -= 1
            timeout_seconds = self._seconds_left(request.deadline)
            head = self._head(request.headers, len(body), timeout_seconds)
            try:
                response = await self._client.request(head, body, url=self._url, timeout_seconds=timeout_seconds)
            except UnreachableError:
                if tries_left == 0:
                    raise
                await self._sleep(self._uniform(0.0, pause_seconds))
                pause_seconds *= 2
            else:
                return _graphql_response(response)

    def _seconds_left(self, deadline: float | None) -> float:
        if deadline is None:
            return self._timeout_seconds
        return max(0.0, min(self._timeout_seconds, deadline - asyncio.get_running_loop().time()))

    def _head(self, headers: Mapping[str, str], body_bytes: int, timeout_seconds: float) -> bytes:
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        lines.append(f"{TIMEOUT_HEADER}: {int(timeout_seconds * 1000)}\r\n")
        return self._fixed_head + f"{''.join(lines)}content-length: {body_bytes}\r\n\r\n".encode("latin-1")


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
