"""`Engine`: serves one supergraph. Takes GraphQL requests, gives GraphQL responses; knows nothing of HTTP."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import structlog
from graphql import GraphQLSchema, OperationDefinitionNode

from router.errors import ClientError
from router.execution.authorization import UNAUTHORIZED, Claims, ProtectedSchema, ViewerRules, denial_of
from router.execution.circuit_breaker import STATE_NUMBERS, circuit_of
from router.execution.cost import CostRules
from router.execution.deadline import TimeLimit
from router.execution.executor import run_fetches
from router.execution.fallback_replies import begin_marking
from router.execution.fetch_context import FetchContext
from router.execution.limits import Limits
from router.execution.metrics import RouterMetrics, labels
from router.execution.operation import Planner, PreparedOperation, prepare_operation
from router.execution.operation_cache import OperationCache
from router.execution.override_labels import NO_LABELS, OverrideLabels, OverrideRules
from router.execution.rate_limits import RateClass, RateClasses, RateLimiter
from router.execution.read_document import parse_document
from router.execution.refusals import UNSUPPORTED_OPERATION, RefusedError
from router.execution.requests import (
    MUTATION_NOT_ALLOWED,
    TIMED_OUT,
    GraphQLRequest,
    GraphQLResponse,
    error_body,
    refusal,
)
from router.execution.response_errors import INTERNAL, INTERNAL_MESSAGE, ResponseErrors
from router.execution.response_stream import Ending, ResponseStream
from router.execution.responses import marked, plain_response, typed_response
from router.execution.subgraph_errors import SubgraphErrorReporter
from router.execution.subscription_source import SubscriptionSource
from router.execution.transport import SubgraphRequest, SubgraphTransport, TransportError, subscribe_through
from router.supergraph import Supergraph
from router.supergraph.read_costs import read_costs

LOST_RIGHTS = Ending(UNAUTHORIZED, "What you may read has changed. Subscribe again.")

_NOTHING_ASKED = SubgraphRequest(
    document="{__typename}",
    document_json=b'"{__typename}"',
    operation_name=None,
    variables={},
    headers={},
    is_query=True,
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """How an engine behaves; the defaults are those of the settings."""

    limits: Limits = field(default_factory=Limits)
    introspection: bool = True
    public_schema: GraphQLSchema | None = None
    expose_subgraph_errors: bool = False
    request_timeout_seconds: float = 30.0
    metrics: RouterMetrics = field(default_factory=RouterMetrics)
    cost_rules: CostRules = field(default_factory=CostRules)
    viewer_rules: ViewerRules = field(default_factory=ViewerRules)
    override_rules: OverrideRules = field(default_factory=OverrideRules)
    has_fallback: bool = False
    rate_classes: tuple[RateClass, ...] = ()
    rate_limiter: RateLimiter = field(default_factory=lambda: RateLimiter(None))
    cache_entries: int = 10_000
    cache_bytes: int = 20 * 1024 * 1024


class Engine:
    """Serves one supergraph through one transport per subgraph.

    Args:
        supergraph: What to serve.
        transports: By subgraph name; every subgraph of the supergraph needs one.
        planner: Plans valid documents for this supergraph.
        planner_with: Returns the planner for the same supergraph with labels of progressive overrides on; called off
            the event loop. Without it they are off for all.
        options: See `EngineOptions`.

    Raises:
        ValueError: A subgraph has no transport.
    """

    def __init__(
        self,
        supergraph: Supergraph,
        transports: Mapping[str, SubgraphTransport],
        *,
        planner: Planner,
        planner_with: Callable[[frozenset[str]], Planner] | None = None,
        options: EngineOptions | None = None,
    ) -> None:
        missing = sorted({graph.name for graph in supergraph.graphs} - set(transports))
        if missing:
            msg = f"no transport for subgraph {', '.join(missing)}"
            raise ValueError(msg)
        self.supergraph = supergraph
        self._transports = transports
        self._options = options or EngineOptions()
        self._time_limit = TimeLimit(self._options.request_timeout_seconds)
        labels_that_exist = supergraph.override_labels if planner_with is not None else ()
        self._labels = OverrideLabels(labels_that_exist, self._options.override_rules)
        protected = ProtectedSchema(supergraph)
        self._scopes = protected.scopes
        self._cache = OperationCache(
            partial(
                _prepare,
                planner=planner,
                planner_with=planner_with,
                schema=supergraph.api_schema,
                limits=self._options.limits,
                allow_introspection=self._options.introspection,
                public_schema=self._options.public_schema,
                costs=read_costs(supergraph.sdl) if self._options.cost_rules.maximum is not None else None,
                cost_rules=self._options.cost_rules,
                metrics=self._options.metrics,
                rate_classes=RateClasses(self._options.rate_classes, sdl=supergraph.sdl),
                protected=None if protected.is_open else protected,
            ),
            max_entries=self._options.cache_entries,
            max_bytes=self._options.cache_bytes,
        )

    async def execute(self, request: GraphQLRequest) -> GraphQLResponse:
        """Return the response. Never raises, except when it is cancelled.

        What the client can mend is said; anything else is logged, and the client reads a generic text.
        """
        deadline = asyncio.get_running_loop().time() + self._options.request_timeout_seconds
        try:
            with self._time_limit.block():
                return await self._execute(request, deadline)
        except Exception as error:  # noqa: BLE001 - all of them are told apart there
            return self._failure(error)

    async def open(self, request: GraphQLRequest) -> GraphQLResponse | ResponseStream[GraphQLResponse]:
        """Return the responses to a subscription, or the response to anything else. Never raises, as `execute`.

        The subgraph is asked when the first response is. Whoever reads the stream closes it.
        """
        deadline = asyncio.get_running_loop().time() + self._options.request_timeout_seconds
        try:
            async with asyncio.timeout_at(deadline):
                on = self._labels_of(request)
                operation = await self._cache.get(request.query, request.operation_name, 0, on)
                if operation.is_subscription:
                    return await self._open(operation, request, deadline, on=on)
                return await self._execute(request, deadline)
        except Exception as error:  # noqa: BLE001 - all of them are told apart there
            return self._failure(error)

    def warm(self, documents: Iterable[str]) -> int:
        """Prepare every operation of the documents and return how many there were.

        Blocking, and without an event loop: call it before serving and before a fork.

        Raises:
            ClientError: One of them is not valid.
        """
        count = 0
        for text in documents:
            names = [
                definition.name.value if definition.name else None
                for definition in parse_document(text, self._options.limits).definitions
                if isinstance(definition, OperationDefinitionNode)
            ]
            for name in names:
                self._cache.warm(text, name)
            if len(names) == 1 and names[0] is not None:
                self._cache.warm(text, None)  # clients may leave out the name of an only operation
            count += len(names)
        return count

    def warm_like(self, other: "Engine", *, count: int) -> int:
        """Prepare the operations most used by another engine and return how many of them are valid here too.

        Blocking: call it in a thread, before this engine serves.
        """
        warmed = 0
        for text, name, on, uses in other._cache.hottest(count):  # noqa: SLF001 - of this class
            try:
                operation = self._cache.warm(text, name, on & self.supergraph.override_labels)
            except ClientError:
                continue
            operation.uses = uses // 2  # what is not used any more fades with each change
            warmed += 1
        return warmed

    def gauges(self) -> dict[str, tuple[str, dict[str, float]]]:
        """Return what is so now, for the metrics."""
        circuits = {
            labels(subgraph=name): float(STATE_NUMBERS[breaker.state])
            for name, transport in self._transports.items()
            if (breaker := circuit_of(transport)) is not None
        }
        return {
            "router_operations_kept": ("Prepared operations in the cache.", {"": float(len(self._cache))}),
            "router_subgraph_circuit": ("Circuit of a subgraph: 0 closed, 1 half open, 2 open.", circuits),
        }

    async def ask_subgraphs(self) -> dict[str, str]:
        """Ask each subgraph for nothing and return `ok`, or the code of what went wrong, by name."""
        names = list(self._transports)
        answers = await asyncio.gather(*(self._ask(self._transports[name]) for name in names))
        return dict(zip(names, answers, strict=True))

    @staticmethod
    async def _ask(transport: SubgraphTransport) -> str:
        try:
            response = await transport.send(_NOTHING_ASKED)
        except TransportError as error:
            return error.code
        return "ok" if response.get("data") is not None else "SERVICE_BAD_RESPONSE"

    def close(self) -> None:
        """Release the engine's thread."""
        self._cache.close()

    def _failure(self, error: Exception) -> GraphQLResponse:
        """Return the response to a request that ended with an error."""
        if isinstance(error, RefusedError):
            return refusal(error)
        if isinstance(error, ClientError):
            return GraphQLResponse(body=error_body(error.code, error.message), refused_code=error.code)
        if isinstance(error, TimeoutError):
            _log.warning("request_timed_out", seconds=self._options.request_timeout_seconds)
            return GraphQLResponse(body=error_body(TIMED_OUT, "The request took too long."), failed_code=TIMED_OUT)
        # A bug of ours: the client gets no traceback, the log gets all of it.
        _log.error("request_failed", exc_info=error)
        return GraphQLResponse(body=error_body(INTERNAL, INTERNAL_MESSAGE), failed_code=INTERNAL)

    def _labels_of(self, request: GraphQLRequest) -> frozenset[str]:
        return self._labels.active(subject=request.caller.subject, asked=request.asked_labels)

    async def _execute(self, request: GraphQLRequest, deadline: float) -> GraphQLResponse:
        on = self._labels_of(request) if self._labels.exist else NO_LABELS
        operation = self._cache.known(request.query, request.operation_name, 0, on)
        if operation is None:
            operation = await self._cache.get(request.query, request.operation_name, 0, on)
        if operation.is_subscription:
            raise RefusedError(UNSUPPORTED_OPERATION, "A subscription needs text/event-stream or a WebSocket.")
        if operation.is_mutation and not request.allow_mutation:
            raise RefusedError(MUTATION_NOT_ALLOWED, "Mutations are accepted by POST only.")
        if operation.charges:
            await self._options.rate_limiter.admit(operation.charges, request.caller)
        if request.on_query is not None and not operation.is_mutation:
            request.on_query()
        if operation.demands:
            return await self._run_as_allowed(operation, request, deadline, on=on)
        return await self._run(operation, request, ResponseErrors(), deadline=deadline)

    async def _run_as_allowed(
        self, operation: PreparedOperation, request: GraphQLRequest, deadline: float, *, on: frozenset[str]
    ) -> GraphQLResponse:
        """Run what of the operation its viewer may read."""
        unmet = self._options.viewer_rules.unmet(operation.demands, request.claims)
        if unmet:
            operation = await self._cache.get(request.query, request.operation_name, unmet, on)
        return await self._run(operation, request, ResponseErrors(denial=denial_of(request.claims)), deadline=deadline)

    async def _open(
        self, operation: PreparedOperation, request: GraphQLRequest, deadline: float, *, on: frozenset[str]
    ) -> GraphQLResponse | ResponseStream[GraphQLResponse]:
        if request.on_query is not None:
            request.on_query()
        if operation.charges:
            await self._options.rate_limiter.admit(operation.charges, request.caller)
        rules, demands = self._options.viewer_rules, operation.demands
        unmet = rules.unmet(demands, request.claims) if demands else 0
        if unmet:
            operation = await self._cache.get(request.query, request.operation_name, unmet, on)
        source = operation.source
        if source is None:
            errors = ResponseErrors(denial=denial_of(request.claims))
            refused = await self._run(operation, request, errors, deadline=deadline)
            return replace(refused, refused_code=denial_of(request.claims)[0])
        variables = self._accepted_variables(operation, request)
        opened = operation

        def rights() -> Ending | None:
            return LOST_RIGHTS if demands and rules.unmet(demands, request.claims) != unmet else None

        return ResponseStream(
            source.service,
            subscribe=lambda: subscribe_through(
                self._transports[source.service], source.request(variables, request.headers)
            ),
            respond=lambda event: self._respond(opened, source, event, request=request, variables=variables),
            check=rights,
            operation_name=operation.name,
        )

    async def _respond(
        self,
        operation: PreparedOperation,
        source: SubscriptionSource,
        event: Mapping[str, Any],
        *,
        request: GraphQLRequest,
        variables: Mapping[str, Any],
    ) -> GraphQLResponse:
        """Complete one event of a subscription, as the reply to the first fetch of a query would be."""
        deadline = asyncio.get_running_loop().time() + self._options.request_timeout_seconds
        variant = operation.variant(variables)
        errors = ResponseErrors(denial=denial_of(request.claims))
        reporter = SubgraphErrorReporter(errors, operation.client_paths, expose=self._options.expose_subgraph_errors)
        headers = request.renew_headers() if request.renew_headers is not None else request.headers
        context = FetchContext({}, variables, headers, self._transports, reporter, deadline)
        marks = begin_marking() if self._options.has_fallback else None
        source.take(event, context)
        try:
            async with asyncio.timeout_at(deadline):
                await run_fetches(variant, context)
        except TimeoutError as error:
            return self._failure(error)
        return marked(plain_response(operation, variant, context, errors, explain=request.explain), marks)

    def _sees_all(self, claims: Claims | None) -> bool:
        """Return whether introspection shows the viewer the whole schema: whoever holds a scope that it asks for."""
        return self._options.public_schema is None or not self._scopes.isdisjoint(
            self._options.viewer_rules.scopes(claims)
        )

    def _accepted_variables(self, operation: PreparedOperation, request: GraphQLRequest) -> Mapping[str, Any]:
        """Return the coerced variables.

        Raises:
            RefusedError: They do not fit, or make the operation cost too much.
        """
        variables = operation.coerce_variables(request.variables)
        if operation.cost is not None and not operation.cost.is_constant:
            assert self._options.cost_rules.maximum is not None
            operation.cost.check(variables, self._options.cost_rules.maximum)
        return variables

    async def _run(
        self, operation: PreparedOperation, request: GraphQLRequest, errors: ResponseErrors, *, deadline: float
    ) -> GraphQLResponse:
        variables = self._accepted_variables(operation, request)
        variant = operation.variant(variables)
        reporter = SubgraphErrorReporter(errors, operation.client_paths, expose=self._options.expose_subgraph_errors)
        transports = self._transports
        if operation.is_mutation and request.exchange is not None:
            transports = request.exchange.around(transports)
        context = FetchContext({}, variables, request.headers, transports, reporter, deadline)
        marks = begin_marking() if self._options.has_fallback else None
        if request.as_json and marks is None and not request.explain:
            context.decoders = variant.typed.decoders if variant.typed is not None else None
        await run_fetches(variant, context)
        shown = operation.introspection if self._sees_all(request.claims) else operation.public_introspection
        if shown is not None:
            context.root.update(shown.answer(variables))
        if context.decoders is not None:
            response = typed_response(operation, variant, context, errors)
            if response is not None:
                return response
        return marked(plain_response(operation, variant, context, errors, explain=request.explain), marks)


# No method: the cache holds it, and an engine that is replaced must not hold itself.
def _prepare(
    text: str,
    operation_name: str | None,
    unmet: int,
    on: frozenset[str],
    *,
    planner: Planner,
    planner_with: Callable[[frozenset[str]], Planner] | None,
    **settings: Any,
) -> PreparedOperation:
    if on:
        assert planner_with is not None
        planner = planner_with(on)
    return prepare_operation(text, operation_name, unmet, planner=planner, **settings)
