"""`/graphql`: what a request of HTTP asks of GraphQL, and the answer to it. Sending it is for others."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import structlog

from router.execution.engine import Engine
from router.execution.mutation_headers import MutationHeaders
from router.execution.rate_limits import Caller
from router.execution.refusals import RefusedError
from router.execution.requests import MUTATION_NOT_ALLOWED, GraphQLRequest, GraphQLResponse, error_body, refusal
from router.execution.response_errors import INTERNAL, INTERNAL_MESSAGE
from router.http import parameters
from router.http.answer import Answer, graphql_answer, json_answer, refused_answer
from router.http.asgi import ClientGoneError, Receive, read_body
from router.http.browsers import refuse_forgeable
from router.http.departure import Departure
from router.http.graphiql import CONTENT_SECURITY_POLICY
from router.http.identity import Headers, TokenCheck, ViewerContexts, subject_of
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
from router.http.options import HttpOptions
from router.http.parameters import Parameters
from router.http.refusals import METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, UNSUPPORTED_MEDIA_TYPE, HttpRefusedError
from router.http.streams import Streams, outcome_of

GRAPHQL_PATH = "/graphql"
ASSETS_PATH = "/graphql/assets/"
QUERY_PLAN_HEADER = "x-query-plan"

_log = structlog.get_logger(__name__)


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class ClientRequest:
    """Who asks, and when.

    Attributes:
        started: By `time.perf_counter`.
    """

    headers: Headers
    correlation_id: str
    client_address: str | None
    started: float


# Not frozen, see SubgraphRequest.
@dataclass(slots=True)
class HttpRequest(ClientRequest):
    """A request of which the body has not been read.

    Attributes:
        mount: Path below which the application is served.
        path: Below `mount`.
    """

    method: str
    path: str
    mount: str
    query_string: bytes
    receive: Receive


class GraphQLEndpoint:
    """Answers requests to `/graphql`.

    Args:
        engine: Returns the one that serves now.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        *,
        tokens: TokenCheck,
        viewer_contexts: ViewerContexts,
        options: HttpOptions,
        streams: Streams,
        mutation_headers: MutationHeaders,
    ) -> None:
        self._engine = engine
        self._tokens = tokens
        self._viewer_contexts = viewer_contexts
        self._options = options
        self._streams = streams
        self._mutation_headers = mutation_headers
        self._unknown_operation = options.metrics.unknown_operation if options.metrics is not None else None

    async def answer(self, request: HttpRequest) -> Answer:
        """Return the answer, whatever the method and whatever the client reads.

        Raises:
            HttpRefusedError: HTTP itself refuses the request.
            ClientGoneError: Nobody waits for an answer any more.
        """
        headers = request.headers
        accept = headers.get("accept")
        if request.method == "OPTIONS":
            return Answer(204, {"allow": "GET, POST", **self._options.cors.preflight_headers(headers.get("origin"))})
        if request.method not in ("GET", "POST"):
            message = f"The method {request.method} is not served: use GET or POST."
            raise HttpRefusedError(405, METHOD_NOT_ALLOWED, message, headers={"allow": "GET, POST"})
        is_get = request.method == "GET"
        if is_get and self._options.page is not None and prefers_page(accept):
            return self._graphiql(request)
        media_type = response_type(accept)
        if takes_events(accept):
            return await self._event_stream(request, None if prefers_events(accept) else media_type)
        if media_type is None:
            raise HttpRefusedError(406, NOT_ACCEPTABLE, f"Responses are {GRAPHQL_RESPONSE} or {JSON}.")
        asked = await self._parameters(request)
        departure = Departure(request.receive)
        try:
            return await self.run(
                asked, request, media_type=media_type, allow_mutation=not is_get, on_query=departure.watch
            )
        except asyncio.CancelledError:
            if not departure.is_gone:
                raise
            departure.settle()
            raise ClientGoneError from None
        finally:
            departure.end()

    async def run(
        self,
        asked: Parameters,
        request: ClientRequest,
        *,
        media_type: str,
        allow_mutation: bool,
        on_query: Callable[[], None],
    ) -> Answer:
        """Return the answer to a query or mutation of which everything is known.

        Args:
            asked: What the client wants run.
            request: Who asks.
            media_type: Of the answer.
            allow_mutation: As in `GraphQLRequest`.
            on_query: As in `GraphQLRequest`.

        Raises:
            HttpRefusedError: The token is not good, or the request names no document.
        """
        headers = request.headers
        authorization = headers.get("authorization")
        claims = await self._tokens.claims(authorization) if authorization is not None else None
        documents = self._options.documents
        try:
            asked, unregistered = documents.find(asked, headers)
        except RefusedError as error:
            return graphql_answer(refusal(error), media_type)
        exchange = self._mutation_headers.exchange(headers)
        address = request.client_address
        caller = _nobody_at(address) if claims is None else Caller(subject_of(claims), address)
        response = await self._engine().execute(
            GraphQLRequest(
                query=asked.query,
                operation_name=asked.operation_name,
                variables=asked.variables,
                claims=claims,
                caller=caller,
                asked_labels=self._options.asked_labels.of(headers, claims),
                headers=self._viewer_contexts.headers(
                    headers,
                    claims=claims,
                    correlation_id=request.correlation_id,
                    client_address=address,
                ),
                allow_mutation=allow_mutation,
                explain=self._options.query_plan and QUERY_PLAN_HEADER in headers,
                on_query=on_query,
                exchange=exchange,
                as_json=True,
            )
        )
        measured = response.measured or self._unknown_operation
        if measured is not None:
            measured.observe(outcome_of(response), time.perf_counter() - request.started)
        if unregistered is not None and response.refused_code is None:
            documents.register(unregistered, asked.query)
        answer = graphql_answer(response, media_type)
        if exchange is not None:
            answer.more_headers = exchange.received
        return answer

    async def _event_stream(self, request: HttpRequest, media_type: str | None) -> Answer:
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
                engine=self._engine(),
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
                return graphql_answer(opened, media_type or JSON)
            return Answer(200, {}, logged={"operation": opened.operation_name}, streamed=opened)
        self._streams.end_with_token(opened, claims)
        return Answer(200, {}, logged={"operation": opened.operation_name}, streamed=opened)

    async def _parameters(self, request: HttpRequest) -> Parameters:
        if request.method == "GET":
            if self._options.csrf_prevention:
                refuse_forgeable(request.headers)
            return parameters.from_url(request.query_string)
        if not is_json(request.headers.get("content-type")):
            raise HttpRefusedError(415, UNSUPPORTED_MEDIA_TYPE, f"Send the request as {JSON} in UTF-8.")
        body = await read_body(request.receive, request.headers, max_bytes=self._options.max_body_bytes)
        return parameters.from_body(body)

    def _graphiql(self, request: HttpRequest) -> Answer:
        assert self._options.page is not None
        content = self._options.page.page(endpoint=request.mount + GRAPHQL_PATH, assets=request.mount + ASSETS_PATH)
        headers = {
            "content-type": f"{HTML}; charset=utf-8",
            "content-security-policy": CONTENT_SECURITY_POLICY,
            "cache-control": "no-store",
            "vary": "Accept",
        }
        return Answer(200, headers, content)


def answer_to_error(error: Exception, accept: str | None) -> Answer:
    """Return the answer that says why there is no other one. To be called while the error is handled.

    Args:
        error: What came instead.
        accept: What the client reads.
    """
    if isinstance(error, HttpRefusedError):
        return refused_answer(error, accept)
    # A bug of ours: the client gets no traceback, the log gets all of it.
    _log.error("request_failed", exc_info=error)
    return json_answer(500, error_body(INTERNAL, INTERNAL_MESSAGE), JSON, logged={"code": INTERNAL})


# Callers come again, and a frozen object costs as much as a fetch's whole metrics.
@lru_cache(maxsize=1_024)
def _nobody_at(address: str | None) -> Caller:
    return Caller(None, address)
