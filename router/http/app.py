"""The ASGI application of a router: `/graphql`, `/health`, `/ready`, `/metrics`. `build.py` makes its parts.

What `/graphql` answers is in `endpoint.py`; streamed answers are written by `event_stream.py` and `websocket.py`.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

from router.errors import ClientError
from router.execution.engine import Engine
from router.execution.http_client import HttpClient
from router.execution.metrics import CONTENT_TYPE
from router.execution.mutation_headers import MutationHeaders
from router.execution.rate_limits import Caller, Charge, RateClass, RateLimiter
from router.http.answer import Answer, json_answer
from router.http.asgi import ClientGoneError, Receive, Scope, Send, request_headers, send_response
from router.http.denials import DeniedTokens
from router.http.endpoint import ASSETS_PATH, GRAPHQL_PATH, GraphQLEndpoint, HttpRequest, answer_to_error
from router.http.event_stream import EventStream
from router.http.identity import TokenCheck, ViewerContexts
from router.http.negotiation import JSON
from router.http.options import HttpOptions
from router.http.quick_posts import QuickPosts
from router.http.readiness import Readiness
from router.http.refusals import NOT_FOUND, HttpRefusedError
from router.http.reload import SupergraphFile
from router.http.request_log import log_answer, log_gone
from router.http.security_headers import SecurityHeaders
from router.http.streams import Streams
from router.http.websocket import Sockets
from router.telemetry import CORRELATION_HEADER, bind_correlation_id, correlation_id, unbind_correlation_id

_ASSETS_SECONDS = 3_600

_log = structlog.get_logger(__name__)


class RouterApp:
    """ASGI application. Can be mounted below a path of another one.

    Whoever does not run ASGI's lifespan calls `aclose` at the end.

    Attributes:
        engine: The one that serves; another takes its place when the supergraph changes.
        quick_posts: For `QuickProtocol`, which serves most requests without ASGI.
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
        self.security_headers = SecurityHeaders(options.client_addresses)
        self._file: SupergraphFile | None = None
        self._watching: asyncio.Task[None] | None = None
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
        self._further_metrics: Callable[[], str] | None = None
        self._endpoint = GraphQLEndpoint(
            lambda: self.engine,
            tokens=tokens,
            viewer_contexts=viewer_contexts,
            options=options,
            streams=streams,
            mutation_headers=mutation_headers or MutationHeaders(),
        )
        self.quick_posts = QuickPosts(
            self._endpoint,
            options=options,
            security_headers=self.security_headers,
            on_connection=self._watch_file,
        )

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

    def show_metrics(self, further: Callable[[], str]) -> None:
        """Show at /metrics, after the router's own, what else is counted in this process: Prometheus' text format."""
        self._further_metrics = further

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
        self._watch_file()
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

    async def admit(self, scope: Scope, rate_class: RateClass) -> None:
        """Charge a request for what is served beside us to its client's address, in the windows of all routers.

        Raises:
            RateLimitedError: The client asked too often.
        """
        address = self._options.client_addresses.of(scope, request_headers(scope))
        await self._rate_limiter.admit([Charge(rate_class, 1)], Caller(address=address))

    def _watch_file(self) -> None:
        if self._file is not None and self._watching is None:
            self._watching = asyncio.get_running_loop().create_task(self._file.watch(self))

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
        request = HttpRequest(
            headers=headers,
            correlation_id=correlation_id(headers.get(CORRELATION_HEADER)),
            client_address=self._options.client_addresses.of(scope, headers),
            started=started,
            method=scope["method"],
            path=scope["path"].removeprefix(mount),
            mount=mount,
            query_string=scope["query_string"],
            receive=receive,
        )
        bound = bind_correlation_id(request.correlation_id)
        try:
            try:
                answer = await self._route(request)
            except ClientGoneError:
                log_gone(started)
                return
            except Exception as error:  # noqa: BLE001 - all of them are told apart there
                answer = answer_to_error(error, headers.get("accept"))
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
                log_answer(request.method, answer, started=started, correlation_id=request.correlation_id)
        finally:
            unbind_correlation_id(bound)

    async def _route(self, request: HttpRequest) -> Answer:
        path = request.path
        if path == GRAPHQL_PATH:
            return await self._endpoint.answer(request)
        if path == "/health":
            return json_answer(200, {"status": "ok"}, JSON)
        if path == "/ready":
            return await self._ready()
        if path == "/metrics" and self._options.metrics is not None:
            gauges = {**self.engine.gauges(), **self._streams.gauges(), **self._sockets.gauges()}
            if self._denied is not None:
                gauges |= self._denied.gauges()
            text = self._options.metrics.text(gauges)
            if self._further_metrics is not None:
                text += self._further_metrics()
            return Answer(200, {"content-type": CONTENT_TYPE, "cache-control": "no-store"}, text.encode())
        if path.startswith(ASSETS_PATH) and self._options.page is not None:
            return self._asset(path.removeprefix(ASSETS_PATH))
        if path == "/" and self._options.page is not None:
            return Answer(307, {"location": request.mount + GRAPHQL_PATH})
        raise HttpRefusedError(404, NOT_FOUND, f"Nothing is served here; GraphQL is at {request.mount}{GRAPHQL_PATH}.")

    async def _ready(self) -> Answer:
        """Say yes, unless subgraphs are asked and fail: nobody listens before the supergraph is loaded and warmed."""
        is_ready, body = await self._readiness.answer(self.engine)
        if self._file is not None:
            body["supergraph"] = self._file.report()
        return json_answer(200 if is_ready else 503, body, JSON)

    def _asset(self, name: str) -> Answer:
        assert self._options.page is not None
        found = self._options.page.asset(name)
        if found is None:
            raise HttpRefusedError(404, NOT_FOUND, "There is no such file.")
        content, content_type = found
        cache = {"cache-control": f"public, max-age={_ASSETS_SECONDS}"}
        return Answer(200, {"content-type": content_type, **cache}, content)
