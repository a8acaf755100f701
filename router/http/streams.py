"""What streamed answers have in common, over WebSocket and as server-sent events: how they open, and why they end."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from weakref import WeakSet

import structlog

from router.execution.authorization import UNAUTHENTICATED, Claims
from router.execution.engine import Engine
from router.execution.metrics import RouterMetrics
from router.execution.rate_limits import Caller
from router.execution.refusals import RefusedError
from router.execution.requests import GraphQLRequest, GraphQLResponse, error_body, refusal
from router.execution.response_stream import Ending, ResponseStream
from router.http.asked_labels import AskedLabels
from router.http.denials import DeniedTokens
from router.http.documents import Documents
from router.http.identity import ViewerContexts, subject_of
from router.http.parameters import Parameters

LIMIT_EXCEEDED = "SUBSCRIPTION_LIMIT_EXCEEDED"

TOKEN_DENIED = Ending(UNAUTHENTICATED, "The session of the access token has ended, or the token is outdated.")
TOKEN_EXPIRED = Ending(UNAUTHENTICATED, "The access token has expired.")
SUPERGRAPH_CHANGED = Ending("SUPERGRAPH_CHANGED", "The schema has changed. Subscribe again.")
SHUTTING_DOWN = Ending("SHUTTING_DOWN", "This server is shutting down. Subscribe again.")

# Event loops take no timers that are years away; nobody's connection lives that long.
_LONGEST_TIMER_SECONDS = 30 * 24 * 3600.0

_log = structlog.get_logger(__name__)

Stream = ResponseStream[GraphQLResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamOptions:
    """How streamed answers are treated; the defaults are those of the settings.

    Attributes:
        init_seconds: For a WebSocket client to say `connection_init`.
        send_seconds: For a client to take one message; who needs longer is disconnected.
        keep_alive_seconds: Between comments in a quiet event stream.
        socket_operations: Operations of one WebSocket at a time.
        max_streams: Subscriptions of this process at a time.
        replaced_seconds: How long subscriptions go on with a supergraph that was replaced.
        leeway_seconds: For tokens past their expiry.
    """

    init_seconds: float = 10.0
    send_seconds: float = 10.0
    keep_alive_seconds: float = 12.0
    socket_operations: int = 100
    max_streams: int = 10_000
    replaced_seconds: float = 600.0
    leeway_seconds: float = 5.0


class Streams:
    """Opens operations for clients that can take more than one response, and knows those that run.

    Args:
        documents: Finds the documents that clients name.
        viewer_contexts: Makes the headers for the subgraphs.
        asked_labels: What requests say of progressive overrides.
        options: See `StreamOptions`.
        metrics: Takes the counts; None counts nothing.
        denied: Tokens that are refused before they expire; None refuses none.
        clock: Seconds since the epoch.
        uniform: Takes the least and the greatest value.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        viewer_contexts: ViewerContexts,
        asked_labels: AskedLabels,
        options: StreamOptions,
        metrics: RouterMetrics | None,
        denied: DeniedTokens | None = None,
        clock: Callable[[], float] = time.time,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self.options = options
        self._documents = documents
        self._viewer_contexts = viewer_contexts
        self._asked_labels = asked_labels
        self._metrics = metrics
        self._clock = clock
        self._uniform = uniform
        self._denied = denied
        if denied is not None:
            denied.on_news = self._end_denied
        self._running: dict[Stream, Engine] = {}
        self._claims: dict[Stream, Claims] = {}
        self._timers: dict[Stream, list[asyncio.TimerHandle]] = {}
        self._retired: WeakSet[Engine] = WeakSet()
        self._is_ending = False

    async def open(
        self,
        asked: Parameters,
        headers: Mapping[str, str],
        *,
        engine: Engine,
        claims: Claims | None,
        correlation_id: str,
        client_address: str | None,
        on_query: Callable[[], None] | None = None,
        allow_mutation: bool = True,
        explain: bool = False,
    ) -> GraphQLResponse | Stream:
        """Return the response to a query or mutation, or the responses to a subscription; those are to be `closed`.

        Args:
            asked: What the client wants run.
            headers: Of the client's request; `authorization` is the token that `claims` are of.
            engine: Answers; a subscription stays with it.
            claims: Of the viewer.
            correlation_id: Of the request.
            client_address: Of the client; None where it is not known.
            on_query: As in `GraphQLRequest`.
            allow_mutation: As in `GraphQLRequest`.
            explain: As in `GraphQLRequest`.

        Raises:
            HttpRefusedError: The request names no document.
        """
        if self._is_denied(claims):  # since the WebSocket was opened
            body = error_body(TOKEN_DENIED.code, TOKEN_DENIED.message)
            return GraphQLResponse(body=body, refused_code=TOKEN_DENIED.code)
        try:
            asked, unregistered = self._documents.find(asked, headers)
        except RefusedError as error:
            return refusal(error)

        def subgraph_headers() -> Mapping[str, str]:
            return self._viewer_contexts.headers(
                headers, claims=claims, correlation_id=correlation_id, client_address=client_address
            )

        request = GraphQLRequest(
            query=asked.query,
            operation_name=asked.operation_name,
            variables=asked.variables,
            claims=claims,
            caller=Caller(subject_of(claims), client_address),
            asked_labels=self._asked_labels.of(headers, claims),
            headers=subgraph_headers(),
            renew_headers=subgraph_headers,
            allow_mutation=allow_mutation,
            explain=explain,
            on_query=on_query,
        )
        started = time.perf_counter()
        opened = await engine.open(request)
        if isinstance(opened, GraphQLResponse):
            self._count(opened, time.perf_counter() - started)
            if opened.refused_code is not None:
                return opened
        elif len(self._running) >= self.options.max_streams:
            body = error_body(LIMIT_EXCEEDED, "Too many subscriptions are running here. Try again later.")
            return GraphQLResponse(body=body, refused_code=LIMIT_EXCEEDED)
        else:
            self._running[opened] = engine
            if claims is not None:
                self._claims[opened] = claims
                if self._is_denied(claims):  # meanwhile
                    opened.end(TOKEN_DENIED)
            if engine in self._retired:  # meanwhile
                self._end_replaced(opened)
            if self._is_ending:
                opened.end(SHUTTING_DOWN)
        if unregistered is not None:
            self._documents.register(unregistered, asked.query)
        return opened

    async def closed(self, stream: Stream) -> None:
        """End the subscription of a stream, whether or not it was read to its end."""
        self._running.pop(stream, None)
        self._claims.pop(stream, None)
        for timer in self._timers.pop(stream, ()):
            timer.cancel()
        await stream.aclose()
        _log.info(
            "subscription_ended",
            operation=stream.operation_name,
            service=stream.service,
            responses=stream.count,
            code=stream.ending.code if stream.ending is not None else None,
        )

    def end_with_token(self, stream: Stream, claims: Claims | None) -> None:
        """End a stream when the token of its viewer expires."""
        seconds = self.seconds_left(claims)
        if seconds is not None:
            self._end_later(stream, seconds, TOKEN_EXPIRED)

    def seconds_left(self, claims: Claims | None) -> float | None:
        """Return how long the viewer's token is good; None for ever, or as good as."""
        expires_at = (claims or {}).get("exp")
        if not isinstance(expires_at, int | float):
            return None
        seconds = expires_at + self.options.leeway_seconds - self._clock()
        return max(0.0, seconds) if seconds < _LONGEST_TIMER_SECONDS else None

    def retire(self, engine: Engine) -> None:
        """End the streams of an engine that serves no more, after a while and not all at once."""
        self._retired.add(engine)
        for stream in [stream for stream, owner in self._running.items() if owner is engine]:
            self._end_replaced(stream)

    def end_all(self) -> None:
        """End every stream, and each that is opened from now on: the process shuts down."""
        self._is_ending = True
        for stream in list(self._running):
            stream.end(SHUTTING_DOWN)

    def gauges(self) -> dict[str, tuple[str, dict[str, float]]]:
        """Return what is so now, for the metrics."""
        return {"router_subscriptions": ("Subscriptions that are running.", {"": float(len(self._running))})}

    def _is_denied(self, claims: Claims | None) -> bool:
        return self._denied is not None and claims is not None and self._denied.refuses(claims)

    def _end_denied(self) -> None:
        for stream, claims in list(self._claims.items()):
            if self._is_denied(claims):
                stream.end(TOKEN_DENIED)

    def _end_replaced(self, stream: Stream) -> None:
        after = self.options.replaced_seconds
        self._end_later(stream, self._uniform(after / 2, after), SUPERGRAPH_CHANGED)

    def _end_later(self, stream: Stream, seconds: float, ending: Ending) -> None:
        timer = asyncio.get_running_loop().call_later(seconds, stream.end, ending)
        self._timers.setdefault(stream, []).append(timer)

    def _count(self, response: GraphQLResponse, seconds: float) -> None:
        measured = response.measured or (self._metrics.unknown_operation if self._metrics is not None else None)
        if measured is not None:
            measured.observe(outcome_of(response), seconds)


def outcome_of(response: GraphQLResponse) -> str:
    """Return how a request ended, as metrics tell it."""
    if response.refused_code is not None:
        return "refused"
    if response.failed_code is not None:
        return "failed"
    return "partial" if "errors" in response.body else "ok"


def with_authorization(headers: Mapping[str, str], authorization: str | None) -> Mapping[str, str]:
    """Return the headers with another token; None leaves them as they are."""
    return headers if authorization is None else {**headers, "authorization": authorization}
