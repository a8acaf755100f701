"""SubgraphApp: one subgraph, served over HTTP or called in memory by the router, by one code path.

Subscriptions go the same two ways: `subscribe` in memory, and over HTTP server-sent events for who accepts them.

A subgraph's app.py gives it a schema and an async context manager that opens the stores and yields a `Runtime`.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from graphql import ExecutionResult, GraphQLError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult as StrawberryResult

from subgraphs.shared.clock import Clock
from subgraphs.shared.errors import ReelgraphError
from subgraphs.shared.graphql.event_stream import MEDIA_TYPE, EventStreamResponse
from subgraphs.shared.graphql.exchange import HeaderExchange, exchanging
from subgraphs.shared.graphql.failures import format_error
from subgraphs.shared.graphql.schema import FederatedSchema, exposition
from subgraphs.shared.graphql.subscriptions import is_subscription, results_of_events
from subgraphs.shared.identity import (
    CORRELATION_HEADER,
    MAX_CORRELATION_ID_CHARACTERS,
    VIEWER_CONTEXT_HEADER,
    Viewer,
    ViewerContextVerifier,
)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a started subgraph offers: a context for each request, a check that its stores answer, and figures of its
    own for `/metrics`, in Prometheus' text format."""

    context_for: Callable[[Viewer], object]
    check_stores: Callable[[], Awaitable[None]]
    metrics: Callable[[], str] = str


class SubgraphApp:
    """An ASGI application with `/graphql`, `/health` (the process lives), `/ready` (its stores answer), `/metrics`."""

    def __init__(
        self,
        name: str,
        *,
        schema: FederatedSchema,
        open_runtime: Callable[[], AbstractAsyncContextManager[Runtime]],
        viewer_context_key: str,
        clock: Clock,
        routes: Sequence[BaseRoute] = (),
    ) -> None:
        self.name = name
        self.schema = schema
        self.routes = tuple(routes)
        self._open_runtime = open_runtime
        self._verifier = ViewerContextVerifier(viewer_context_key, clock=clock)
        self._runtime: Runtime | None = None
        self._streaming: set[asyncio.Task[Any]] = set()
        self._asgi = Starlette(
            routes=[
                Route("/graphql", self._answer_graphql, methods=["POST"]),
                Route("/health", self._answer_health),
                Route("/ready", self._answer_ready),
                Route("/metrics", self._answer_metrics),
                *self.routes,
            ],
            lifespan=self._lifespan,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._asgi(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> Any:
        """Open the stores for the time of the block; for processes that call the subgraph in memory."""
        async with AsyncExitStack() as stack:
            self._runtime = await stack.enter_async_context(self._open_runtime())
            try:
                yield self
            finally:
                self._runtime = None

    async def execute(
        self,
        query: str,
        *,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        viewer_context: str | None = None,
        correlation_id: str | None = None,
        exchange: HeaderExchange | None = None,
    ) -> dict[str, Any]:
        """Return the GraphQL response as a mapping with `data` and, if any, `errors`.

        A forged or expired viewer context executes nothing. `exchange` holds the headers that came, and takes those
        for the answer.
        """
        correlation_id = (correlation_id or "")[:MAX_CORRELATION_ID_CHARACTERS]
        try:
            viewer = self._verifier.verify(viewer_context)
        except ReelgraphError as error:
            return self._refusal(error, correlation_id)
        with exchanging(exchange or HeaderExchange()):
            return await self.execute_as(
                viewer, query, variables=variables, operation_name=operation_name, correlation_id=correlation_id
            )

    async def execute_as(
        self,
        viewer: Viewer,
        query: str,
        *,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        correlation_id: str = "",
    ) -> dict[str, Any]:
        """Like `execute`, for a viewer who is already known."""
        result = await self.schema.execute(
            query,
            variable_values=dict(variables) if variables else None,
            context_value=self._started.context_for(viewer),
            operation_name=operation_name,
        )
        return self._response(result, correlation_id)

    async def subscribe(
        self,
        query: str,
        *,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        viewer_context: str | None = None,
        correlation_id: str | None = None,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Yield a GraphQL response for each event of a subscription, as `execute` would return it; to be closed.

        A forged or expired viewer context gives its error and nothing else. One that expires later does not matter:
        the router ends the subscription with the viewer's token.
        """
        correlation_id = (correlation_id or "")[:MAX_CORRELATION_ID_CHARACTERS]
        try:
            viewer = self._verifier.verify(viewer_context)
        except ReelgraphError as error:
            yield self._refusal(error, correlation_id)
            return
        runtime = self._started
        results = results_of_events(
            self.schema,
            query,
            variables=variables,
            operation_name=operation_name,
            new_context=lambda: runtime.context_for(viewer),
        )
        async with aclosing(results):
            async for result in results:
                yield self._response(result, correlation_id)

    def compile_known(self, operations: Iterable[str]) -> int:
        """Compile operations before they are asked for, so that their first request is as fast as the next.

        Blocking: to be called before serving, and before a fork. Returns how many could be compiled; one that the
        schema does not know any more is left out.
        """
        return self.schema.compile_known(operations)

    def drain(self) -> None:
        """End the event streams that are being sent. To be called before connections are closed."""
        for task in self._streaming:
            task.cancel()

    def _response(self, result: ExecutionResult | StrawberryResult, correlation_id: str) -> dict[str, Any]:
        response: dict[str, Any] = {"data": result.data}
        if result.errors:
            response["errors"] = [
                format_error(error, subgraph=self.name, correlation_id=correlation_id) for error in result.errors
            ]
        return response

    def _refusal(self, error: ReelgraphError, correlation_id: str) -> dict[str, Any]:
        failed = GraphQLError(error.message, original_error=error)
        return {"data": None, "errors": [format_error(failed, subgraph=self.name, correlation_id=correlation_id)]}

    def own_metrics(self) -> str:
        """Return what the subgraph counts itself, in Prometheus' text format; nothing before it was started."""
        return "" if self._runtime is None else self._runtime.metrics()

    async def check_stores(self) -> None:
        """Raise unless every store of this subgraph answers."""
        await self._started.check_stores()

    @property
    def _started(self) -> Runtime:
        if self._runtime is None:
            raise RuntimeError(f"The {self.name} subgraph is used before it was started.")
        return self._runtime

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> Any:
        async with self.running():
            yield

    async def _answer_graphql(self, request: Request) -> Response:
        try:
            query, variables, operation_name = _operation_in(await request.body())
        except ValueError:
            error = {
                "message": "The body must be a JSON object: `query`, if needed `variables` and `operationName`.",
                "extensions": {"code": "BAD_USER_INPUT"},
            }
            return JSONResponse({"errors": [error]}, status_code=400)
        correlation_id = request.headers.get(CORRELATION_HEADER, "")[:MAX_CORRELATION_ID_CHARACTERS]
        viewer_context = request.headers.get(VIEWER_CONTEXT_HEADER)
        if MEDIA_TYPE in request.headers.get("accept", "") and is_subscription(query, operation_name):
            structlog.contextvars.bind_contextvars(correlation_id=correlation_id)  # of this request's own task
            task = asyncio.current_task()
            assert task is not None
            self._streaming.add(task)
            task.add_done_callback(self._streaming.discard)
            return EventStreamResponse(
                self.subscribe(
                    query,
                    variables=variables,
                    operation_name=operation_name,
                    viewer_context=viewer_context,
                    correlation_id=correlation_id,
                )
            )
        # In memory, the router that calls has bound it already.
        exchange = HeaderExchange(request.headers)
        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            response = await self.execute(
                query,
                variables=variables,
                operation_name=operation_name,
                viewer_context=viewer_context,
                correlation_id=correlation_id,
                exchange=exchange,
            )
        answer = Response(orjson.dumps(response), media_type="application/json")
        for name, value in exchange.response:
            answer.headers.append(name, value)
        return answer

    async def _answer_health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok", "subgraph": self.name})

    async def _answer_metrics(self, _request: Request) -> Response:
        """Say how operations ran and what the subgraph counts itself, in Prometheus' text format."""
        return Response(metrics_of([self]), media_type="text/plain; version=0.0.4")

    async def _answer_ready(self, _request: Request) -> Response:
        try:
            await self.check_stores()
        except Exception as error:  # noqa: BLE001  # whatever keeps a store from answering makes us not ready
            _log.warning("not ready", subgraph=self.name, error=repr(error))
            return JSONResponse({"status": "unavailable", "subgraph": self.name}, status_code=503)
        return JSONResponse({"status": "ready", "subgraph": self.name})


def metrics_of(apps: Iterable[SubgraphApp]) -> str:
    """Say how operations of the subgraphs ran and what the subgraphs count themselves, in Prometheus' text format."""
    operations = [({"subgraph": app.name}, app.schema.compiled_operations) for app in apps]
    text = exposition([(labels, each.statistics) for labels, each in operations if each is not None])
    return text + "".join(app.own_metrics() for app in apps)


def _operation_in(body: bytes) -> tuple[str, dict[str, Any] | None, str | None]:
    """Return query, variables and operation name of a request's body.

    Raises:
        ValueError: It is not JSON, or not of this form.
    """
    request = orjson.loads(body)
    if not isinstance(request, dict):
        raise ValueError
    query, variables, operation_name = (request.get(name) for name in ("query", "variables", "operationName"))
    if not isinstance(query, str) or not query:
        raise ValueError
    if not isinstance(variables, dict | None) or not isinstance(operation_name, str | None):
        raise ValueError
    return query, variables, operation_name
