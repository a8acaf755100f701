"""Makes engines from settings: one for each supergraph that is served, one after the other."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from graphql import GraphQLError, GraphQLSchema, build_schema

from router.config import RouterSettings
from router.errors import OperatorError
from router.execution.authorization import PolicyCheck, ViewerRules, policies_in_claim
from router.execution.circuit_breaker import CircuitBreaker
from router.execution.cost import CostRules
from router.execution.engine import Engine, EngineOptions
from router.execution.fallback_replies import FallbackReplies
from router.execution.http_client import HttpClient
from router.execution.http_transport import HttpTransport
from router.execution.limits import Limits
from router.execution.metrics import MeasuredTransport, RouterMetrics
from router.execution.operation import Planner
from router.execution.rate_limits import RateClass, RateLimiter
from router.execution.shared_calls import SharedCalls
from router.execution.transport import SubgraphTransport
from router.http.identity import audience_by
from router.planning import plan_operation
from router.supergraph import Supergraph

# Percentages make few sets of labels; others, as many as those who name them like.
_LABEL_SETS_KEPT = 16


class ConfigurationError(OperatorError):
    """The settings do not fit the supergraph or each other."""

    code = "INVALID_CONFIGURATION"


class EngineFactory:
    """Makes engines that share their ways to the subgraphs, and with them what circuit breakers have learned.

    Args:
        settings: See `router.config`.
        transports: How to reach subgraphs, by name; those not named are called over HTTP.
        client: For calls over HTTP.
        policies: See `create_app`.
        rate_limiter: Shared by all engines, so that a new supergraph forgives nobody.
    """

    def __init__(
        self,
        settings: RouterSettings,
        *,
        transports: Mapping[str, SubgraphTransport],
        client: HttpClient,
        policies: PolicyCheck | None,
        rate_limiter: RateLimiter,
    ) -> None:
        self._settings = settings
        self._client = client
        self.metrics = RouterMetrics()
        self._options = _engine_options(settings, policies, self.metrics, rate_limiter)
        self._given = {name: self._guarded(name, transport) for name, transport in transports.items()}
        self._over_http: dict[tuple[str, str], SubgraphTransport] = {}

    def refuse_unknown_names(self, supergraph: Supergraph) -> None:
        """Refuse names of subgraphs in the settings that the supergraph does not have: most likely typing errors.

        Raises:
            ConfigurationError: There are some.
        """
        unknown = sorted(
            ({*self._given, *self._settings.subgraph_urls, *self._settings.subgraph_fallback}) - set(supergraph.urls)
        )
        if unknown:
            raise ConfigurationError(f"The supergraph has no subgraph named {', '.join(unknown)}.")

    def engine(self, supergraph: Supergraph) -> Engine:
        """Return an engine for the supergraph.

        Raises:
            ConfigurationError: A subgraph has no usable address.
        """
        return Engine(
            supergraph,
            {name: self._transport(name, url) for name, url in supergraph.urls.items()},
            planner=partial(plan_operation, supergraph),
            planner_with=_planner_with(supergraph) if supergraph.override_labels else None,
            options=self._options,
        )

    def _transport(self, name: str, registered_url: str) -> SubgraphTransport:
        given = self._given.get(name)
        if given is not None:
            return given
        url = self._settings.subgraph_urls.get(name, registered_url)
        known = self._over_http.get((name, url))
        if known is None:
            known = self._over_http[name, url] = self._guarded(name, self._http_transport(name, url))
        return known

    def _http_transport(self, name: str, url: str) -> HttpTransport:
        try:
            return HttpTransport(
                url,
                client=self._client,
                timeout_seconds=self._settings.subgraph_timeout_seconds,
                max_tries=self._settings.subgraph_max_tries,
                silence_seconds=self._settings.subscription_silence_seconds or None,
            )
        except ValueError as error:
            message = f"The subgraph {name} has no usable address ({error}); see ROUTER_SUBGRAPH_URLS."
            raise ConfigurationError(message) from error

    def _guarded(self, name: str, transport: SubgraphTransport) -> SubgraphTransport:
        settings = self._settings
        if settings.subgraph_circuit_failures > 0:
            transport = CircuitBreaker(
                transport,
                service=name,
                failures_to_open=settings.subgraph_circuit_failures,
                open_seconds=settings.subgraph_circuit_seconds,
                successes_to_close=settings.subgraph_circuit_successes,
            )
        transport = MeasuredTransport(transport, self.metrics.of_subgraph(name))
        if settings.subgraph_share_calls:
            transport = SharedCalls(transport)
        claims = settings.subgraph_fallback.get(name)
        if claims is None:
            return transport
        return FallbackReplies(
            transport,
            service=name,
            audience=audience_by(claims),
            max_age_seconds=settings.subgraph_fallback_seconds,
            max_bytes=settings.subgraph_fallback_bytes,
        )


def _public_schema(settings: RouterSettings) -> GraphQLSchema | None:
    path = settings.introspection_schema
    if path is None:
        return None
    try:
        return build_schema(path.read_text(encoding="utf-8"), no_location=True)
    except (OSError, GraphQLError, TypeError) as error:
        raise ConfigurationError(f"ROUTER_INTROSPECTION_SCHEMA cannot be used: {error}") from error


def _planner_with(supergraph: Supergraph) -> Callable[[frozenset[str]], Planner]:
    """Return what makes planners for sets of override labels; those used last are kept."""

    @lru_cache(maxsize=_LABEL_SETS_KEPT)
    def planner(labels: frozenset[str]) -> Planner:
        return partial(plan_operation, Supergraph.from_sdl(supergraph.sdl, active_labels=labels))

    return planner


def _engine_options(
    settings: RouterSettings, policies: PolicyCheck | None, metrics: RouterMetrics, rate_limiter: RateLimiter
) -> EngineOptions:
    return EngineOptions(
        limits=Limits(
            max_tokens=settings.max_tokens,
            max_depth=settings.max_depth,
            max_aliases=settings.max_aliases,
            max_root_fields=settings.max_root_fields,
            max_selections=settings.max_selections,
        ),
        introspection=settings.introspection,
        public_schema=_public_schema(settings),
        expose_subgraph_errors=settings.expose_subgraph_errors,
        request_timeout_seconds=settings.request_timeout_seconds,
        metrics=metrics,
        has_fallback=bool(settings.subgraph_fallback),
        cost_rules=CostRules(maximum=settings.max_cost or None, list_size=settings.default_list_size),
        viewer_rules=ViewerRules(
            scopes_claim=settings.jwt_scopes_claim,
            policies=policies or policies_in_claim(settings.jwt_policies_claim),
        ),
        rate_classes=tuple(
            RateClass(
                name=name,
                limit=found.limit,
                seconds=found.seconds,
                fields=tuple(found.fields),
                per_client=found.by == "client",
                per_request=found.count == "requests",
            )
            for name, found in settings.rate_limits.items()
        ),
        rate_limiter=rate_limiter,
        cache_entries=settings.operation_cache_entries,
        cache_bytes=settings.operation_cache_bytes,
    )
