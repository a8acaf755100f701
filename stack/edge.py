"""What listens at the platform's address: the router, and beside it the plain HTTP routes of subgraphs.

Together, subgraphs are called in this process. Apart, the router calls them over HTTP, and their plain routes
(webhooks, streams, published keys) are passed on to them. What the router answers and how is its own business.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from importlib import import_module
from itertools import chain
from typing import Any

import orjson
import structlog
from starlette.routing import BaseRoute, Router

from router.config import RateLimit, RouterSettings
from router.execution.memory_transport import InMemoryTransport, SubgraphSubscription
from router.execution.transport import EventStream, SubgraphRequest, dump_json
from router.http import RouterApp, create_app
from router.http.asgi import request_headers
from router.http.quick_posts import QuickPosts
from stack.demo import demo_headers
from stack.environment import DEMO_VARIABLE
from stack.home import PROJECT
from stack.known_operations import known_operations
from stack.mail_catcher import PATH as MAIL_PATH
from stack.mail_catcher.pages import mail_routes
from stack.mock_provider import PATH as SIGN_IN_PATH
from stack.mock_provider.try_page import sign_in_routes
from stack.plain_limits import refusal
from stack.rate_limits import plain_rate_limits, rate_limits
from stack.services import SUBGRAPHS
from subgraphs.shared.graphql.app import SubgraphApp, metrics_of
from subgraphs.shared.graphql.exchange import HeaderExchange
from subgraphs.shared.identity import CORRELATION_HEADER, VIEWER_CONTEXT_HEADER

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_CONTEXT_PREFIXES = tuple(prefix for subgraph in SUBGRAPHS for prefix in subgraph.context_prefixes)

_log = structlog.get_logger(__name__)


class EdgeApp:
    """ASGI application: paths below the given prefixes go to the subgraphs' plain routes, all others to the router.

    Args:
        router: Answers GraphQL, GraphiQL, health.
        plain: Answers the other paths.
        prefixes: Beginnings of the paths that `plain` answers; `/graphql` has none of them.
        runtimes: Entered before the first request, left after the last.
        limits: How often a client may ask `plain` for what; nothing is limited without. The router counts.

    Attributes:
        quick_posts: For the router's `QuickProtocol`.
    """

    def __init__(
        self,
        router: RouterApp,
        *,
        plain: Asgi,
        prefixes: Sequence[str],
        runtimes: Sequence[Callable[[], AbstractAsyncContextManager[Any]]],
        limits: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.router = router
        self._plain = plain
        self._prefixes = tuple(prefixes)
        self._runtimes = runtimes
        self._limits = limits or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and self._prefixes and scope["path"].startswith(self._prefixes):
            protected = self._protected(scope, send)
            answer = await refusal(self._limits, scope, self.router.admit) or self._plain
            await answer(self._with_context(scope), receive, protected)
        else:
            await self.router(scope, receive, send)

    @property
    def quick_posts(self) -> QuickPosts:
        """What the router's `QuickProtocol` serves without asking this application."""
        return self.router.quick_posts

    def drain(self) -> None:
        """End subscriptions, telling clients why. To be called before connections are closed."""
        self.router.drain()

    def _with_context(self, scope: Scope) -> Scope:
        """Return the request with the router's signed context; what the client sent under its name is dropped."""
        if not scope["path"].startswith(_CONTEXT_PREFIXES):
            return scope
        ours = {
            name.encode("latin-1"): value.encode("latin-1")
            for name, value in self.router.anonymous_headers(scope).items()
        }
        theirs = {*ours, VIEWER_CONTEXT_HEADER.encode("latin-1")}
        return {**scope, "headers": [*(pair for pair in scope["headers"] if pair[0] not in theirs), *ours.items()]}

    def _protected(self, scope: Scope, send: Send) -> Send:
        """Return `send` with the router's headers on each answer that does not bring its own."""
        headers = self.router.security_headers.of(scope, request_headers(scope))

        async def send_protected(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                sent = list(message.get("headers", ()))
                own = {name.lower() for name, _ in sent}
                raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
                message = {**message, "headers": [*sent, *(pair for pair in raw if pair[0] not in own)]}
            await send(message)

        return send_protected

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep everything open for the time of the block."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.router.aclose)
            for runtime in self._runtimes:
                await stack.enter_async_context(runtime())
            yield

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self.running())
            except Exception as error:
                _log.exception("start_failed")
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                raise
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


def together_app(apps: Sequence[SubgraphApp] | None = None) -> EdgeApp:
    """Return the application with every subgraph in this process. Blocking, to be called before a fork.

    Args:
        apps: The subgraphs, when the caller wants to keep hold of them; made from the environment otherwise.
    """
    apps = apps or [import_module(subgraph.app_module).create_app() for subgraph in SUBGRAPHS]
    for app in apps:
        app.compile_known(known_operations(app.name))
    settings = _router_settings()
    transports = {
        app.name: InMemoryTransport(
            _call_of(app), timeout_seconds=settings.subgraph_timeout_seconds, subscription=_subscription_of(app)
        )
        for app in apps
    }
    router = create_app(settings, transports=transports, graphiql_headers=demo_headers())
    router.show_metrics(lambda: metrics_of(apps))
    dev_pages = _dev_pages()
    routes: list[BaseRoute] = [
        *(route for app in apps for route in app.routes),
        *chain.from_iterable(dev_pages.values()),
    ]
    prefixes = [prefix for subgraph in SUBGRAPHS for prefix in subgraph.plain_prefixes]
    return EdgeApp(
        router,
        plain=Router(routes=routes),
        prefixes=[*prefixes, *dev_pages],
        runtimes=[app.running for app in apps],
        limits=_plain_limits(settings),
    )


def apart_app() -> EdgeApp:
    """Return the application whose subgraphs are servers of their own. Blocking, to be called before a fork."""
    from stack.passing_on import PassingOn  # its HTTP client: nothing for a process that is all parts together

    settings = _router_settings()
    owners = {prefix: subgraph.name for subgraph in SUBGRAPHS for prefix in subgraph.plain_prefixes}
    passing_on = PassingOn(owners, settings.subgraph_urls)
    dev_pages = _dev_pages()
    return EdgeApp(
        create_app(settings, graphiql_headers=demo_headers()),
        plain=Router(routes=list(chain.from_iterable(dev_pages.values())), default=passing_on),
        prefixes=[*owners, *dev_pages],
        runtimes=[passing_on.running],
        limits=_plain_limits(settings),
    )


def _dev_pages() -> dict[str, Sequence[BaseRoute]]:
    """Return the pages of one machine by the beginning of their paths; none where the environment asks for none."""
    pages: dict[str, Sequence[BaseRoute]] = {MAIL_PATH: mail_routes(), SIGN_IN_PATH: sign_in_routes()}
    return {path: routes for path, routes in pages.items() if routes}


def _router_settings() -> RouterSettings:
    """Return the environment's settings; where it says nothing, schema and rate limits are those beside the code."""
    settings = RouterSettings()
    folder = PROJECT / "schema"
    home_page = folder / "operations" / "home.graphql"
    ours = {
        "supergraph": folder / "supergraph.graphql",
        "introspection_schema": folder / "viewers.graphql" if settings.supergraph is None else None,
        "operations": folder / "operations" if home_page.is_file() else None,
        "default_operation_file": home_page if home_page.is_file() else None,
    }
    missing: dict[str, Any] = {name: value for name, value in ours.items() if getattr(settings, name) is None}
    if "rate_limits" not in settings.model_fields_set:  # `{}` is an answer: none
        limits = rate_limits(has_demo=os.environ.get(DEMO_VARIABLE) == "1")
        missing["rate_limits"] = {name: RateLimit(**limit) for name, limit in limits.items()}
    return settings.model_copy(update=missing)


def _plain_limits(settings: RouterSettings) -> dict[str, dict[str, Any]]:
    """Return the limits of plain routes; none where the environment asks for none of operations."""
    return plain_rate_limits(has_demo=os.environ.get(DEMO_VARIABLE) == "1") if settings.rate_limits else {}


def _call_of(app: SubgraphApp) -> Callable[[SubgraphRequest], Awaitable[Mapping[str, Any]]]:
    async def call(request: SubgraphRequest) -> Mapping[str, Any]:
        exchange = HeaderExchange(request.headers)
        response = await app.execute(
            request.document,
            variables=request.variables,
            operation_name=request.operation_name,
            viewer_context=request.headers.get(VIEWER_CONTEXT_HEADER),
            correlation_id=request.headers.get(CORRELATION_HEADER),
            exchange=exchange,
        )
        if request.received_headers is not None:
            request.received_headers.extend(exchange.response)
        return _handed_over(response, request)

    return call


def _handed_over(response: Mapping[str, Any], request: SubgraphRequest) -> Mapping[str, Any]:
    """Return a response for the router to change. The subgraph's own is not: it may hold parts that other responses
    hold, too.

    Writing 50 KB and reading them by their types takes 0.1 ms; without types, the router would have more to do.
    """
    text = dump_json(response)
    return request.typed_reply(text) or orjson.loads(text)


def _subscription_of(app: SubgraphApp) -> SubgraphSubscription:
    async def subscribe(request: SubgraphRequest) -> EventStream:
        events = app.subscribe(
            request.document,
            variables=request.variables,
            operation_name=request.operation_name,
            viewer_context=request.headers.get(VIEWER_CONTEXT_HEADER),
            correlation_id=request.headers.get(CORRELATION_HEADER),
        )
        async with aclosing(events):
            async for event in events:
                yield _handed_over(event, request)

    return subscribe
