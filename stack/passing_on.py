"""Passes plain HTTP requests on to the subgraphs that own their paths, when those are servers of their own.

Bodies go through piece by piece in both directions: a file of any size takes the memory of a few pieces. How large a
body may be is for the route that takes it to say.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx2
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_log = structlog.get_logger(__name__)

_CONNECT_TIMEOUT_SECONDS = 1.0
_SILENCE_TIMEOUT_SECONDS = 30.0  # of the client or the subgraph; a slow client may take longer for a large file
# Below the 5 s after which uvicorn closes an idle connection, so that a request seldom meets a closing one.
_IDLE_SECONDS = 4.0
_MOST_IDLE_CONNECTIONS = 64

# Headers that belong to one connection and are not passed on (RFC 9110, 7.6.1), and those that are set anew.
_HOP_HEADERS = frozenset(
    {"connection", "date", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


class PassingOn:
    """ASGI application in front of the plain routes of other servers.

    Args:
        owners: The subgraph's name by the beginning of the paths that it answers.
        addresses: The address of each subgraph's GraphQL endpoint; its plain routes are beside it.
    """

    def __init__(self, owners: Mapping[str, str], addresses: Mapping[str, str]) -> None:
        self._owners = owners
        self._addresses = {name: httpx2.URL(address) for name, address in addresses.items()}
        self._client = httpx2.AsyncClient(
            timeout=httpx2.Timeout(_SILENCE_TIMEOUT_SECONDS, connect=_CONNECT_TIMEOUT_SECONDS),
            # As many as there are requests under way: one that waits for a slow client must not hold up the others.
            limits=httpx2.Limits(
                max_connections=None,
                max_keepalive_connections=_MOST_IDLE_CONNECTIONS,
                keepalive_expiry=_IDLE_SECONDS,
            ),
            trust_env=False,  # a proxy of the environment is for the outside world
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Close the connections at the end of the block."""
        async with self._client:
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the path's owner does; 503 says that it does not, and which one it is."""
        request = Request(scope, receive)
        owner = next(owner for prefix, owner in self._owners.items() if scope["path"].startswith(prefix))
        try:
            answer = await self._client.send(self._passed_on(request, owner), stream=True)
        except ClientDisconnect:
            return
        except TimeoutError:
            refusal = {"error": "The request did not come to its end.", "code": "REQUEST_INCOMPLETE"}
            await JSONResponse(refusal, 408, headers={"connection": "close"})(scope, receive, send)
            return
        except httpx2.HTTPError as error:
            _log.warning("not_passed_on", subgraph=owner, path=scope["path"], reason=repr(error))
            await _no_answer(owner, error)(scope, receive, send)
            return
        try:
            response = StreamingResponse(answer.aiter_raw(), status_code=answer.status_code)
            response.raw_headers = [
                (name.lower(), value)
                for name, value in answer.headers.raw
                if name.lower().decode("latin-1") not in _HOP_HEADERS
            ]
            await response(scope, receive, send)
        finally:
            await answer.aclose()

    def _passed_on(self, request: Request, owner: str) -> httpx2.Request:
        headers = [(name, value) for name, value in request.headers.raw if name.decode("latin-1") not in _HOP_HEADERS]
        has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        return httpx2.Request(
            request.method,
            self._addresses[owner],
            headers=headers,
            content=_pieces(request) if has_body else None,
            # As the client wrote it: a URL would resolve `..`, and lead to what is not below the owner's prefixes.
            extensions={"target": _target(request.scope)},
        )


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """Yield the body as it comes; TimeoutError when its sender says nothing for long."""
    async with aclosing(request.stream()) as pieces:
        while True:
            async with asyncio.timeout(_SILENCE_TIMEOUT_SECONDS):
                piece = await anext(pieces, None)
            if piece is None:
                return
            yield piece


def _target(scope: Scope) -> bytes:
    """Return path and query string as the client wrote them."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path + (b"?" + scope["query_string"] if scope["query_string"] else b"")


def _no_answer(owner: str, error: httpx2.HTTPError) -> Response:
    code = "SERVICE_TIMEOUT" if isinstance(error, httpx2.ReadTimeout) else "SERVICE_UNAVAILABLE"
    return JSONResponse({"error": f"{owner} does not answer.", "code": code}, status_code=503)
