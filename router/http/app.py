"""The ASGI application of a router: `/graphql`, `/health`, `/ready`. How its parts are made is in `build.py`.

Answers of one piece are made here; streamed ones in `event_stream.py` and `websocket.py`.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog

from router.errors import ClientError
from router.execution.engine import (
    MUTATION_NOT_ALLOWED,
    TIMED_OUT,
    Engine,
    GraphQLRequest,
    GraphQLResponse,
    error_body,
    refusal,
)
from router.execution.http_client import HttpClient
from router.execution.metrics import CONTENT_TYPE, RouterMetrics
from router.execution.mutation_headers import MutationHeaders
from router.execution.rate_limits import Caller, RateLimiter
from router.execution.refusals import RefusedError
from router.execution.response_errors import INTERNAL, INTERNAL_MESSAGE
from router.execution.transport import dump_json
from router.http import parameters
from router.http.asgi import ClientGoneError, Receive, Scope, Send, read_body, request_headers, send_response
from router.http.asked_labels import AskedLabels
from router.http.browsers import Cors, refuse_forgeable
from router.http.client_address import ClientAddresses
from router.http.denials import DeniedTokens
from router.http.departure import Departure
from router.http.documents import Documents
from router.http.event_stream import EventStream
from router.http.graphiql import CONTENT_SECURITY_POLICY, GraphiQLPage
from router.http.identity import TokenCheck, ViewerContexts, subject_of
from router.http.negotiation import (
    GRAPHQL_RESPONSE,
    HTML,
    JSON,
    is_json,
    prefers_events,
    prefers_page,
    response_type,
    takes_events,
)
from router.http.parameters import Parameters
from router.http.readiness import Readiness
from router.http.refusals import (
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    UNSUPPORTED_MEDIA_TYPE,
    HttpRefusedError,
)
from router.http.reload import SupergraphFile
from router.http.security_headers import SecurityHeaders
from router.http.streams import Stream, Streams, outcome_of
from router.http.websocket import Sockets
from router.telemetry import CORRELATION_HEADER, correlation_id, log_request

GRAPHQL_PATH = "/graphql"
QUERY_PLAN_HEADER = "x-query-plan"
ASSETS_PATH = "/graphql/assets/"
_ASSETS_SECONDS = 3_600

_log = structlog.get_logger(__name__)


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class _Answer:
    """A response, and what its log line says of it.

    Attributes:
        streamed: Instead of a body: what is to be sent as server-sent events.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    more_headers: Sequence[tuple[str, str]] = ()
    logged: Mapping[str, Any] = field(default_factory=dict)
    streamed: GraphQLResponse | Stream | None = None


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class _Request:
    method: str
    path: str
    mount: str
    query_string: bytes
    headers: Mapping[str, str]
    receive: Receive
    correlation_id: str
    client_address: str | None
    started: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """How the application treats requests.

    Attributes:
        page: GraphiQL; None serves none.
        query_plan: Whether clients may see plans.
        metrics: Shown at /metrics; None shows nothing.
        asked_labels: What requests say of progressive overrides.
    """

    max_body_bytes: int
    csrf_prevention: bool
    documents: Documents
    cors: Cors
    client_addresses: ClientAddresses
    page: GraphiQLPage | None
    query_plan: bool
    metrics: RouterMetrics | None
    asked_labels: AskedLabels


class RouterApp:
    """ASGI application. Can be mounted below a path of another one.

    Whoever does not run ASGI's lifespan calls `aclose` at the end.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        tokens: TokenCheck,
        viewer_contexts: ViewerContexts,
        client: HttpClient,
        options: HttpOptions,
        readiness: Readiness,
        streams: Streams,
        rate_limiter: RateLimiter,
        denied: DeniedTokens | None = None,
        mutation_headers: MutationHeaders | None = None,
    ) -> None:
        self.engine = engine
        self._rate_limiter = rate_limiter
        self._denied = denied
        self._mutation_headers = mutation_headers or MutationHeaders()
        self.security_headers = SecurityHeaders(options.client_addresses)
        self._file: SupergraphFile | None = None
        self._watching: asyncio.Task[None] | None = None
        self._tokens = tokens
        self._viewer_contexts = viewer_contexts
        self._client = client
        self._options = options
        self._readiness = readiness
        self._streams = streams
        self._sockets = Sockets(
            streams,
            tokens=tokens,
            cors=options.cors if options.csrf_prevention else None,
            max_message_bytes=options.max_body_bytes,
        )
        self._unknown_operation = options.metrics.unknown_operation if options.metrics is not None else None

    def warm(self, operations: Path | Iterable[str]) -> int:
        """Prepare the operations of a folder (every `*.graphql` below it), or given texts; return how many.

        Blocking and without an event loop: call it before serving and before a fork. One that is not valid, in a
        folder, is logged and left out: an outdated file must not keep a router from starting.

        Raises:
            ClientError: One of the given texts is not valid.
        """
        if not isinstance(operations, Path):
            return self.engine.warm(operations)
        count = 0
        for file in sorted(operations.rglob("*.graphql")):
            try:
                count += self.engine.warm([file.read_text(encoding="utf-8")])
            except ClientError as error:
                _log.warning("saved_operation_not_valid", file=str(file), reason=error.message)
        return count

    def watch(self, file: SupergraphFile) -> None:
        """From the first request on, serve what the file holds whenever it changes."""
        self._file = file

    def retire(self, engine: Engine) -> None:
        """Let the subscriptions of an engine that serves no more end after a while."""
        self._streams.retire(engine)

    def drain(self) -> None:
        """End every subscription and WebSocket, telling clients why. To be called before connections are closed."""
        self._streams.end_all()
        self._sockets.close_all()

    async def aclose(self) -> None:
        """Close connections and threads."""
        self.drain()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        self.engine.close()
        await self._client.aclose()
        await self._rate_limiter.aclose()
        if self._denied is not None:
            await self._denied.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if self._file is not None and self._watching is None:
            self._watching = asyncio.get_running_loop().create_task(self._file.watch(self))
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["path"].removeprefix(scope.get("root_path", "")) == GRAPHQL_PATH:
            address = self._options.client_addresses.of(scope, request_headers(scope))
            await self._sockets.serve(scope, receive, send, engine=lambda: self.engine, client_address=address)
        else:
            await receive()
            await send({"type": "websocket.close"})  # before it is accepted: HTTP 403

    def anonymous_headers(self, scope: Scope) -> dict[str, str]:
        """Return the headers of somebody without a token, signed context included: for what is served beside us."""
        headers = request_headers(scope)
        return self._viewer_contexts.headers(
            headers,
            claims=None,
            correlation_id=correlation_id(headers.get(CORRELATION_HEADER)),
            client_address=self._options.client_addresses.of(scope, headers),
        )

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.aclose()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = request_headers(scope)
        mount = scope.get("root_path", "")
        request = _Request(
            method=scope["method"],
            path=scope["path"].removeprefix(mount),
            mount=mount,
            query_string=scope["query_string"],
            headers=headers,
            receive=receive,
            correlation_id=correlation_id(headers.get(CORRELATION_HEADER)),
            client_address=self._options.client_addresses.of(scope, headers),
            started=started,
        )
        bound = structlog.contextvars.bind_contextvars(correlation_id=request.correlation_id)
        try:
            try:
                answer = await self._safe_answer(request)
            except ClientGoneError:
                _log.info("client_gone", milliseconds=round((time.perf_counter() - started) * 1000, 2))
                return
            common = {
                CORRELATION_HEADER: request.correlation_id,
                **self.security_headers.of(scope, headers),
                **self._options.cors.headers(headers.get("origin")),
            }
            if answer.streamed is not None:
                events = EventStream(answer.streamed, streams=self._streams, send=send)
                await events.write(receive, {**common, **answer.headers})
            else:
                await send_response(
                    send,
                    answer.status,
                    {**common, **answer.headers},
                    body=answer.body,
                    more_headers=answer.more_headers,
                )
            if request.path == GRAPHQL_PATH:
                log_request(
                    "request",
                    {
                        "method": request.method,
                        "status": answer.status,
                        "milliseconds": round((time.perf_counter() - started) * 1000, 2),
                        **answer.logged,
                        "correlation_id": request.correlation_id,
                    },
                )
        finally:
            structlog.contextvars.reset_contextvars(**bound)

    async def _safe_answer(self, request: _Request) -> _Answer:
        try:
            return await self._route(request)
        except HttpRefusedError as error:
            body = error_body(error.refusal_code, error.message)
            media_type = response_type(request.headers.get("accept")) or JSON
            return _json(error.status, body, media_type, headers=error.headers, logged={"code": error.refusal_code})
        except ClientGoneError:
            raise
        except Exception:  # noqa: BLE001 - a bug of ours: the client gets no traceback, the log gets all of it
            _log.exception("request_failed")
            return _json(500, error_body(INTERNAL, INTERNAL_MESSAGE), JSON, logged={"code": INTERNAL})

    async def _route(self, request: _Request) -> _Answer:
        path = request.path
        if path == GRAPHQL_PATH:
            return await self._graphql(request)
        if path == "/health":
            return _json(200, {"status": "ok"}, JSON)
        if path == "/ready":
            return await self._ready()
        if path == "/metrics" and self._options.metrics is not None:
            gauges = {**self.engine.gauges(), **self._streams.gauges(), **self._sockets.gauges()}
            if self._denied is not None:
                gauges |= self._denied.gauges()
            content = self._options.metrics.text(gauges).encode()
            return _Answer(200, {"content-type": CONTENT_TYPE, "cache-control": "no-store"}, content)
        if path.startswith(ASSETS_PATH) and self._options.page is not None:
            return self._asset(path.removeprefix(ASSETS_PATH))
        if path == "/" and self._options.page is not None:
            return _Answer(307, {"location": request.mount + GRAPHQL_PATH})
        raise HttpRefusedError(404, NOT_FOUND, f"Nothing is served here; GraphQL is at {request.mount}{GRAPHQL_PATH}.")

    async def _ready(self) -> _Answer:
        """Say yes, unless subgraphs are asked and fail: nobody listens before the supergraph is loaded and warmed."""
        is_ready, body = await self._readiness.answer(self.engine)
        if self._file is not None:
            body["supergraph"] = self._file.report()
        return _json(200 if is_ready else 503, body, JSON)

    def _asset(self, name: str) -> _Answer:
        assert self._options.page is not None
        found = self._options.page.asset(name)
        if found is None:
            raise HttpRefusedError(404, NOT_FOUND, "There is no such file.")
        content, content_type = found
        cache = {"cache-control": f"public, max-age={_ASSETS_SECONDS}"}
        return _Answer(200, {"content-type": content_type, **cache}, content)

    async def _graphql(self, request: _Request) -> _Answer:
        headers = request.headers
        if request.method == "OPTIONS":
            return _Answer(204, {"allow": "GET, POST", **self._options.cors.preflight_headers(headers.get("origin"))})
        if request.method not in ("GET", "POST"):
            message = f"The method {request.method} is not served: use GET or POST."
            raise HttpRefusedError(405, METHOD_NOT_ALLOWED, message, headers={"allow": "GET, POST"})
        is_get = request.method == "GET"
        if is_get and self._options.page is not None and prefers_page(headers.get("accept")):
            return self._graphiql(request)
        media_type = response_type(headers.get("accept"))
        if takes_events(headers.get("accept")):
            return await self._event_stream(request, None if prefers_events(headers.get("accept")) else media_type)
        if media_type is None:
            raise HttpRefusedError(406, NOT_ACCEPTABLE, f"Responses are {GRAPHQL_RESPONSE} or {JSON}.")
        asked = await self._parameters(request)
        claims = await self._tokens.claims(headers.get("authorization"))
        documents = self._options.documents
        try:
            asked, unregistered = documents.find(asked, headers)
        except RefusedError as error:
            return _graphql_answer(refusal(error), media_type)
        departure = Departure(request.receive)
        graphql_request = GraphQLRequest(
            query=asked.query,
            operation_name=asked.operation_name,
            variables=asked.variables,
            claims=claims,
            caller=Caller(subject_of(claims), request.client_address),
            asked_labels=self._options.asked_labels.of(headers, claims),
            headers=self._viewer_contexts.headers(
                headers,
                claims=claims,
                correlation_id=request.correlation_id,
                client_address=request.client_address,
            ),
            allow_mutation=not is_get,
            explain=self._options.query_plan and QUERY_PLAN_HEADER in headers,
            on_query=departure.watch,
            exchange=self._mutation_headers.exchange(headers),
        )
        try:
            response = await self.engine.execute(graphql_request)
        except asyncio.CancelledError:
            if not departure.is_gone:
                raise
            departure.settle()
            raise ClientGoneError from None
        finally:
            departure.end()
        measured = response.measured or self._unknown_operation
        if measured is not None:
            measured.observe(outcome_of(response), time.perf_counter() - request.started)
        if unregistered is not None and response.refused_code is None:
            documents.register(unregistered, asked.query)
        answer = _graphql_answer(response, media_type)
        exchange = graphql_request.exchange
        return replace(answer, more_headers=exchange.received) if exchange is not None and exchange.received else answer

    async def _event_stream(self, request: _Request, media_type: str | None) -> _Answer:
        """Answer a client that reads server-sent events.

        Args:
            request: Of the client.
            media_type: For what is no subscription; None sends that as events, too.
        """
        headers = request.headers
        asked = await self._parameters(request)
        claims = await self._tokens.claims(headers.get("authorization"))
        departure = Departure(request.receive)
        try:
            opened = await self._streams.open(
                asked,
                headers,
                engine=self.engine,
                claims=claims,
                correlation_id=request.correlation_id,
                client_address=request.client_address,
                allow_mutation=request.method != "GET",
                explain=self._options.query_plan and QUERY_PLAN_HEADER in headers,
                on_query=departure.watch,
            )
        except asyncio.CancelledError:
            if not departure.is_gone:
                raise
            departure.settle()
            raise ClientGoneError from None
        finally:
            departure.end()
        if isinstance(opened, GraphQLResponse):
            if media_type is not None or opened.refused_code == MUTATION_NOT_ALLOWED:
                return _graphql_answer(opened, media_type or JSON)
            return _Answer(200, {}, logged={"operation": opened.operation_name}, streamed=opened)
        self._streams.end_with_token(opened, claims)
        return _Answer(200, {}, logged={"operation": opened.operation_name}, streamed=opened)

    async def _parameters(self, request: _Request) -> Parameters:
        if request.method == "GET":
            if self._options.csrf_prevention:
                refuse_forgeable(request.headers)
            return parameters.from_url(request.query_string)
        if not is_json(request.headers.get("content-type")):
            raise HttpRefusedError(415, UNSUPPORTED_MEDIA_TYPE, f"Send the request as {JSON} in UTF-8.")
        body = await read_body(request.receive, request.headers, max_bytes=self._options.max_body_bytes)
        return parameters.from_body(body)

    def _graphiql(self, request: _Request) -> _Answer:
        assert self._options.page is not None
        content = self._options.page.page(endpoint=request.mount + GRAPHQL_PATH, assets=request.mount + ASSETS_PATH)
        headers = {
            "content-type": f"{HTML}; charset=utf-8",
            "content-security-policy": CONTENT_SECURITY_POLICY,
            "cache-control": "no-store",
            "vary": "Accept",
        }
        return _Answer(200, headers, content)


def _graphql_answer(response: GraphQLResponse, media_type: str) -> _Answer:
    """Return the answer with the status that GraphQL over HTTP gives to this kind of response."""
    status = 200
    headers = {}
    if response.refused_code == MUTATION_NOT_ALLOWED:
        status, headers = 405, {"allow": "POST"}
    elif response.retry_after_seconds is not None:
        status, headers = 429, {"retry-after": str(response.retry_after_seconds)}
    elif response.refused_code is not None:
        # `application/json` may come from an intermediary, so there 200 says that the body is ours to read.
        status = 400 if media_type == GRAPHQL_RESPONSE else 200
    elif response.failed_code is not None:
        status = 504 if response.failed_code == TIMED_OUT else 500
    logged = {
        "operation": response.operation_name,
        "errors": len(response.body.get("errors", ())),
        "code": response.refused_code or response.failed_code,
    }
    return _json(status, response.body, media_type, headers=headers, logged=logged)


def _json(
    status: int,
    body: Mapping[str, Any],
    media_type: str,
    *,
    headers: Mapping[str, str] | None = None,
    logged: Mapping[str, Any] | None = None,
) -> _Answer:
    content_type = {"content-type": f"{media_type}; charset=utf-8", "cache-control": "no-store"}
    return _Answer(status, {**content_type, **(headers or {})}, dump_json(body), logged=logged or {})
