"""Puts a router together from its settings."""

from collections.abc import Callable, Iterable, Mapping

from router.config import RouterSettings
from router.execution.authorization import PolicyCheck
from router.execution.http_client import HttpClient
from router.execution.mutation_headers import MutationHeaders
from router.execution.rate_limits import RateLimiter, SharedWindows
from router.execution.transport import SubgraphTransport
from router.http.app import RouterApp
from router.http.asked_labels import AskedLabels, LabelDecision
from router.http.browsers import Cors
from router.http.client_address import ClientAddresses
from router.http.denials import DeniedTokens
from router.http.documents import Documents, PersistedDocuments, TrustedDocuments
from router.http.engines import ConfigurationError, EngineFactory
from router.http.graphiql import GraphiQLPage
from router.http.identity import (
    VIEWER_CONTEXT_HEADER,
    IgnoredTokens,
    NoTokens,
    TokenCheck,
    ViewerContexts,
)
from router.http.options import HttpOptions
from router.http.readiness import Readiness
from router.http.reload import SupergraphFile
from router.http.streams import StreamOptions, Streams
from router.supergraph import Supergraph

# A folder of more saved operations than this is a manifest, and nobody's first look.
_MOST_TABS = 12

_NEVER_FORWARDED = frozenset(
    {
        VIEWER_CONTEXT_HEADER,
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "upgrade",
    }
)


def create_app(
    settings: RouterSettings,
    *,
    transports: Mapping[str, SubgraphTransport] | None = None,
    supergraph: Supergraph | None = None,
    graphiql_headers: Callable[[], Mapping[str, str]] | None = None,
    policies: PolicyCheck | None = None,
    override_labels: LabelDecision | None = None,
) -> RouterApp:
    """Return the ASGI application, ready to serve: supergraph loaded, saved operations prepared.

    Blocking and without an event loop, so that it can run before a fork.

    Args:
        settings: See `router.config`.
        transports: How to reach subgraphs, by name. Those not named are called over HTTP, at the address in
            `settings.subgraph_urls` or else in the supergraph.
        supergraph: Instead of reading `settings.supergraph`.
        graphiql_headers: Called for each GraphiQL page, for headers beside `settings.default_headers`; a fresh
            demo token, for example.
        policies: Takes the policies that an operation asks for with `@policy` and the claims of the token (None
            without one), and returns those that hold. By default those in the claim `settings.jwt_policies_claim`.
        override_labels: Takes the claims of the token (None without one) and the headers of the request, and returns
            the labels of progressive overrides that are on for it, beside those in
            `settings.override_labels_header`. Percentages need neither.

    Raises:
        ConfigurationError: Something is missing or does not fit.
        OperatorError: The supergraph is not valid or not supported.
    """
    is_watched = supergraph is None and settings.supergraph_poll_seconds > 0
    supergraph = supergraph or _read_supergraph(settings)
    client = HttpClient(
        connections_per_origin=settings.subgraph_connections,
        connect_timeout_seconds=settings.subgraph_connect_timeout_seconds,
        max_response_bytes=settings.subgraph_max_response_bytes,
    )
    rate_limiter = _rate_limiter(settings)
    denied = _denied_tokens(settings)
    engines = EngineFactory(
        settings, transports=transports or {}, client=client, policies=policies, rate_limiter=rate_limiter
    )
    engines.refuse_unknown_names(supergraph)
    documents, viewer_contexts = _documents(settings), _viewer_contexts(settings)
    header = settings.override_labels_header
    asked_labels = AskedLabels(header=header.lower() if header else None, decide=override_labels)
    app = RouterApp(
        engines.engine(supergraph),
        tokens=_tokens(settings, client, denied),
        denied=denied,
        mutation_headers=_mutation_headers(settings),
        viewer_contexts=viewer_contexts,
        client=client,
        options=HttpOptions(
            max_body_bytes=settings.max_body_bytes,
            csrf_prevention=settings.csrf_prevention,
            documents=documents,
            cors=Cors(frozenset(settings.cors_origins), _preflighted(settings)),
            client_addresses=_client_addresses(settings),
            page=_page(settings, graphiql_headers),
            query_plan=settings.query_plan,
            metrics=engines.metrics if settings.metrics else None,
            asked_labels=asked_labels,
        ),
        readiness=Readiness(asks_subgraphs=settings.ready_asks_subgraphs),
        streams=Streams(
            documents=documents,
            viewer_contexts=viewer_contexts,
            asked_labels=asked_labels,
            options=_stream_options(settings),
            metrics=engines.metrics if settings.metrics else None,
            denied=denied,
        ),
        rate_limiter=rate_limiter,
    )
    for folder in dict.fromkeys((settings.operations, settings.trusted_documents)):
        if folder is not None:
            app.warm(folder)
    if is_watched:
        assert settings.supergraph is not None
        app.watch(
            SupergraphFile(
                settings.supergraph,
                text=supergraph.sdl,
                engines=engines,
                poll_seconds=settings.supergraph_poll_seconds,
                warm_operations=settings.supergraph_warm_operations,
            )
        )
    return app


def _rate_limiter(settings: RouterSettings) -> RateLimiter:
    url, key = settings.rate_limit_url, settings.context_key
    windows = None
    if url is not None and settings.rate_limits:
        try:
            windows = SharedWindows(url.get_secret_value())
        except ValueError as error:
            raise ConfigurationError(f"ROUTER_RATE_LIMIT_URL is no address of a Valkey server: {error}") from error
    return RateLimiter(windows, key=key.get_secret_value().encode() if key is not None else b"")


def _client_addresses(settings: RouterSettings) -> ClientAddresses:
    try:
        return ClientAddresses(settings.trusted_proxies)
    except ValueError as error:
        raise ConfigurationError(f"ROUTER_TRUSTED_PROXIES holds what is no network: {error}") from error


def _stream_options(settings: RouterSettings) -> StreamOptions:
    return StreamOptions(
        init_seconds=settings.websocket_init_seconds,
        send_seconds=settings.subscription_send_seconds,
        keep_alive_seconds=settings.subscription_keep_alive_seconds,
        socket_operations=settings.websocket_operations,
        max_streams=settings.subscription_limit,
        replaced_seconds=settings.subscription_replaced_seconds,
        leeway_seconds=settings.jwt_leeway_seconds,
    )


def _read_supergraph(settings: RouterSettings) -> Supergraph:
    if settings.supergraph is None:
        raise ConfigurationError("No supergraph is given: set ROUTER_SUPERGRAPH to its file.")
    try:
        text = settings.supergraph.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"The supergraph cannot be read: {error}") from error
    return Supergraph.from_sdl(text)


def _documents(settings: RouterSettings) -> Documents:
    key = settings.free_form_key
    return Documents(
        persisted=PersistedDocuments(max_bytes=settings.apq_bytes) if settings.apq else None,
        trusted=TrustedDocuments(settings.trusted_documents),
        free_form=settings.free_form,
        free_form_key=key.get_secret_value() if key is not None else None,
    )


def _denied_tokens(settings: RouterSettings) -> DeniedTokens | None:
    url = settings.denied_tokens_url
    if url is None or settings.jwks is None:
        return None
    try:
        return DeniedTokens(
            url.get_secret_value(),
            settings.denied_tokens_stream,
            max_stale_seconds=settings.denied_tokens_stale_seconds or None,
        )
    except ValueError as error:
        raise ConfigurationError(f"ROUTER_DENIED_TOKENS_URL is no address of a server: {error}") from error


def _mutation_headers(settings: RouterSettings) -> MutationHeaders:
    sent = {name: _lower(headers) for name, headers in settings.mutation_request_headers.items()}
    taken = {name: _lower(headers) for name, headers in settings.mutation_response_headers.items()}
    _refuse_reserved(name for names in sent.values() for name in names)
    return MutationHeaders(sent=sent, taken=taken)


def _preflighted(settings: RouterSettings) -> tuple[str, ...]:
    """Return the headers that go with mutations and that a browser asks about first: not those it sends by itself."""
    names = {name for headers in settings.mutation_request_headers.values() for name in _lower(headers)}
    return tuple(sorted(names - {"cookie", "user-agent"}))


def _lower(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)


def _tokens(settings: RouterSettings, client: HttpClient, denied: DeniedTokens | None) -> TokenCheck:
    if settings.jwks is None:
        return IgnoredTokens() if "authorization" in _forwarded(settings) else NoTokens()
    assert settings.jwt_issuer is not None
    assert settings.jwt_audience is not None
    # Here, because the library behind them is 9 MB, and a router that judges no tokens has no use for it.
    from router.http.access_tokens import AccessTokens
    from router.http.jwks import PublicKeys, jwks_reader

    try:
        read = jwks_reader(settings.jwks, client)
    except ValueError as error:
        raise ConfigurationError(f"ROUTER_JWKS is neither a file nor an address: {error}") from error
    return AccessTokens(
        PublicKeys(read, refresh_seconds=settings.jwks_refresh_seconds),
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        leeway_seconds=settings.jwt_leeway_seconds,
        denied=denied,
    )


def _viewer_contexts(settings: RouterSettings) -> ViewerContexts:
    sign = None
    if settings.context_key is not None:
        from router.http.signing import signer  # here for the same reason

        sign = signer(settings.context_key.get_secret_value())
    return ViewerContexts(
        sign=sign,
        life_seconds=settings.context_seconds,
        country_header=settings.country_header.lower() if settings.country_header else None,
        default_country=settings.default_country,
        forwarded=_forwarded(settings),
    )


def _forwarded(settings: RouterSettings) -> tuple[str, ...]:
    names = _lower(settings.forward_headers)
    _refuse_reserved(names)
    return names


def _refuse_reserved(names: Iterable[str]) -> None:
    reserved = sorted(_NEVER_FORWARDED & set(names))
    if reserved:
        raise ConfigurationError(f"Headers that the router sets itself cannot be forwarded: {', '.join(reserved)}.")


def _page(settings: RouterSettings, graphiql_headers: Callable[[], Mapping[str, str]] | None) -> GraphiQLPage | None:
    if not settings.graphiql:
        return None

    def headers() -> Mapping[str, str]:
        return {**settings.default_headers, **(graphiql_headers() if graphiql_headers else {})}

    return GraphiQLPage(operations=_first_tabs(settings), headers=headers, query_plan=settings.query_plan)


def _first_tabs(settings: RouterSettings) -> list[str]:
    """Return the operations that GraphiQL opens with: the default one, then the saved ones by file name."""
    saved = sorted(settings.operations.glob("*.graphql")) if settings.operations is not None else []
    files = [settings.default_operation_file] if settings.default_operation_file is not None else []
    files += saved if len(saved) <= _MOST_TABS else []
    try:
        texts = [file.read_text(encoding="utf-8") for file in files]
    except OSError as error:
        raise ConfigurationError(f"An operation for GraphiQL cannot be read: {error}") from error
    return list(dict.fromkeys(texts))
