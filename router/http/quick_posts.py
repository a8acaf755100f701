"""The short way to `/graphql`: a POST of JSON that arrived whole, as nearly all requests do, without ASGI between.

Who serves connections asks `head` whether a request may go this way, and has it `serve`d then. What is answered is the
endpoint's business either way; requests of any other kind go through the application.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from router.http import parameters
from router.http.answer import json_headers
from router.http.asgi import header_mapping
from router.http.endpoint import GRAPHQL_PATH, ClientRequest, GraphQLEndpoint, answer_to_error
from router.http.identity import Headers
from router.http.negotiation import is_json, response_type, takes_events
from router.http.one_write import header_lines
from router.http.options import HttpOptions
from router.http.request_log import log_answer, log_gone
from router.http.security_headers import SecurityHeaders
from router.telemetry import CORRELATION_HEADER, bind_correlation_id, correlation_id

_PATH = GRAPHQL_PATH.encode()
_MOST_LENGTH_DIGITS = 12


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class PostHead:
    """What the head of a request says; requests with the same head on the same connection share it.

    Attributes:
        body_bytes: Length of the body.
        media_type: Of the answer.
        common_lines: The headers that all answers to it have, as lines.
        usual_lines: The same with those of a GraphQL response.
    """

    headers: Headers
    body_bytes: int
    media_type: str
    client_address: str | None
    common_lines: bytes
    usual_lines: bytes


class Exchange(Protocol):
    """One request and its response on a connection.

    Attributes:
        is_gone: Whether the client went away; then the task that works for it is cancelled.
    """

    is_gone: bool

    def on_query(self) -> None:
        """Take note that the work may be given up when the client goes away."""
        ...

    @property
    def must_wait(self) -> bool:
        """Whether the client has yet to take what was sent to it before."""
        ...

    async def wait(self) -> None:
        """Wait until it has, or is gone."""
        ...

    def send(self, status: int, lines: bytes, body: bytes) -> None:
        """Send the response.

        Args:
            status: Of HTTP.
            lines: The headers, all but those that the connection sets itself.
            body: All of it.
        """
        ...


class QuickPosts:
    """Answers requests that need nothing of ASGI.

    Args:
        on_connection: Called when somebody begins to send requests, in the event loop.
    """

    def __init__(
        self,
        endpoint: GraphQLEndpoint,
        *,
        options: HttpOptions,
        security_headers: SecurityHeaders,
        on_connection: Callable[[], None],
    ) -> None:
        self._endpoint = endpoint
        self._options = options
        self._security_headers = security_headers
        self._on_connection = on_connection

    def head(
        self, target: bytes, raw_headers: Iterable[tuple[bytes, bytes]], *, scheme: str | None, client: object
    ) -> PostHead | None:
        """Return the head of a POST, None if the request has to go through the application.

        Args:
            target: Of the request line.
            raw_headers: Names in lower case.
            scheme: `http` or `https`.
            client: Address and port, as ASGI has them.
        """
        if target != _PATH:
            return None
        headers = header_mapping(raw_headers)
        accept = headers.get("accept")
        media_type = response_type(accept)
        length = headers.get("content-length", "")
        if (
            media_type is None
            or takes_events(accept)
            or not is_json(headers.get("content-type"))
            or not (length.isascii() and length.isdigit() and len(length) <= _MOST_LENGTH_DIGITS)
            or int(length) > self._options.max_body_bytes
            or "transfer-encoding" in headers
            or "expect" in headers
        ):
            return None
        self._on_connection()
        scope = {"scheme": scheme, "client": client}
        common = {
            **self._security_headers.of(scope, headers),
            **self._options.cors.headers(headers.get("origin")),
        }
        common_lines = header_lines(common.items())
        return PostHead(
            headers,
            int(length),
            media_type,
            self._options.client_addresses.of(scope, headers),
            common_lines,
            common_lines + header_lines(json_headers(media_type).items()),
        )

    async def serve(self, head: PostHead, body: bytes, exchange: "Exchange") -> None:
        """Answer a request. To be called in a task of its own, whose log lines will tell the correlation id.

        Args:
            head: Of the request.
            body: All of it.
            exchange: Where the request came from.
        """
        started = time.perf_counter()
        headers = head.headers
        request = ClientRequest(headers, correlation_id(headers.get(CORRELATION_HEADER)), head.client_address, started)
        bind_correlation_id(request.correlation_id)
        try:
            answer = await self._endpoint.run(
                parameters.from_body(body),
                request,
                media_type=head.media_type,
                allow_mutation=True,
                on_query=exchange.on_query,
            )
        except asyncio.CancelledError:
            if not exchange.is_gone:
                raise
            log_gone(started)
            return
        except Exception as error:  # noqa: BLE001 - all of them are told apart there
            answer = answer_to_error(error, headers.get("accept"))
        lines = f"{CORRELATION_HEADER}: {request.correlation_id}\r\n".encode("latin-1")
        if answer.headers is json_headers(head.media_type) and not answer.more_headers:
            lines += head.usual_lines
        else:
            lines += head.common_lines + header_lines((*answer.headers.items(), *answer.more_headers))
        if exchange.must_wait:
            await exchange.wait()
        exchange.send(answer.status, lines, answer.body)
        log_answer("POST", answer, started=started, correlation_id=request.correlation_id)
