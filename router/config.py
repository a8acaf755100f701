"""Settings of the router, read from the environment (`ROUTER_*`) and validated at start.

Only values live here, with their defaults and limits; what is done with them lives where it is done.
The table in `router/README.md` lists every one.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# HS256 with a key shorter than its digest is weaker than the algorithm promises (RFC 7518, 3.2).
MINIMUM_CONTEXT_KEY_BYTES = 32


class RateLimit(BaseModel):
    """The limit of one class of operations."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: int = Field(ge=1, description="Most units within the window.")
    seconds: float = Field(gt=0, description="Length of the sliding window.")
    fields: list[str] = Field(min_length=1, description="`Mutation.login`, `@tag` or `Query.*`.")
    by: Literal["viewer", "client"] = Field("viewer", description="Who has a window: users, else addresses; or those.")
    count: Literal["fields", "requests"] = Field("fields", description="What is counted.")


class RouterSettings(BaseSettings):
    """Everything that can be configured. Unknown `ROUTER_*` variables are ignored; wrong values refuse to start."""

    model_config = SettingsConfigDict(env_prefix="ROUTER_", env_ignore_empty=True, frozen=True, extra="forbid")

    # What to serve
    supergraph: Path | None = Field(None, description="File with the supergraph SDL.")
    supergraph_poll_seconds: float = Field(
        2.0, ge=0, description="How often to look whether the supergraph file has changed; 0 never."
    )
    supergraph_warm_operations: int = Field(
        100, ge=0, description="Most used operations that are prepared before a changed supergraph is served."
    )
    subgraph_urls: dict[str, str] = Field(
        default_factory=dict, description="JSON object: address per subgraph name, instead of the supergraph's own."
    )
    operations: Path | None = Field(
        None, description="Folder of *.graphql files whose plans are prepared before the first request."
    )

    # Who is asking
    jwks: str | None = Field(None, description="File path or http(s) address of the JWKS that signs access tokens.")
    jwt_issuer: str | None = Field(None, description="Required `iss`. Needed when a JWKS is given.")
    jwt_audience: str | None = Field(None, description="Required `aud`. Needed when a JWKS is given.")
    jwt_leeway_seconds: int = Field(5, ge=0, le=300, description="Clock difference tolerated in `exp` and `nbf`.")
    jwks_refresh_seconds: float = Field(
        10.0, gt=0, description="Shortest time between two reads of the JWKS, however many unknown key ids arrive."
    )
    denied_tokens_url: SecretStr | None = Field(
        None, description="Valkey or Redis with the stream of denied access tokens. Unset: none are denied."
    )
    denied_tokens_stream: str = Field("denied-tokens", description="Key of that stream.")
    denied_tokens_stale_seconds: float = Field(
        0, ge=0, description="Refuse access tokens when that server was silent for longer; 0 goes on without it."
    )
    jwt_scopes_claim: str = Field(
        "scp", description="Claim with the scopes for `@requiresScopes`: a list, or text with spaces between."
    )
    jwt_policies_claim: str = Field(
        "policies", description="Claim with the policies that hold for `@policy`, unless a program decides."
    )
    context_key: SecretStr | None = Field(
        None, description="Key that signs the viewer context sent to subgraphs; at least 32 bytes."
    )
    context_seconds: int = Field(60, ge=5, le=600, description="Life of one signed viewer context.")
    country_header: str | None = Field(
        None, description="Request header with the viewer's country, set by a trusted edge. Unset: none is trusted."
    )
    trusted_proxies: list[str] = Field(
        default_factory=list,
        description="JSON list of networks whose `X-Forwarded-For` is believed. None: clients are who connects.",
    )
    default_country: str = Field("US", min_length=2, max_length=2, description="Country when no edge says one.")
    forward_headers: list[str] = Field(
        default_factory=list, description="JSON list: client headers passed on to every subgraph. None by default."
    )
    mutation_request_headers: dict[str, list[str]] = Field(
        default_factory=dict,
        description="JSON object: client headers passed on with mutations, per subgraph name, `cookie` for example.",
    )
    mutation_response_headers: dict[str, list[str]] = Field(
        default_factory=dict,
        description="JSON object: headers of answers to mutations passed back, per subgraph name, for `set-cookie`.",
    )

    override_labels_header: str | None = Field(
        None,
        description="Request header, set by a trusted edge, with the labels of progressive overrides that are on."
        " Unset: none is trusted.",
    )

    # Calls to subgraphs
    subgraph_timeout_seconds: float = Field(5.0, gt=0, description="Whole call, retries apart.")
    subgraph_connect_timeout_seconds: float = Field(1.0, gt=0, description="Opening one connection.")
    subgraph_connections: int = Field(64, ge=1, description="Open connections per subgraph address.")
    subgraph_max_response_bytes: int = Field(16 * 1024 * 1024, ge=1024, description="Size of one reply.")
    subgraph_max_tries: int = Field(3, ge=1, le=3, description="Tries of a query on a refused or reset connection.")
    subgraph_share_calls: bool = Field(
        default=False, description="Answer equal queries of one viewer that are under way together with one call."
    )
    subgraph_circuit_failures: int = Field(
        5, ge=0, description="Failed calls in a row after which a subgraph is left alone; 0 never."
    )
    subgraph_circuit_seconds: float = Field(30.0, gt=0, description="How long it is left alone.")
    subgraph_circuit_successes: int = Field(
        3, ge=1, description="Good calls in a row, one at a time, after which all calls pass again."
    )
    subgraph_fallback: dict[str, list[str]] = Field(
        default_factory=dict,
        description="JSON object: subgraphs whose last good replies may stand in while they are left alone, each with"
        " the claims that its answers depend on, beside country and languages.",
    )
    subgraph_fallback_seconds: float = Field(300.0, gt=0, description="Age up to which such a reply is given.")
    subgraph_fallback_bytes: int = Field(
        16 * 1024 * 1024, ge=64 * 1024, description="Size of the replies kept for one such subgraph."
    )
    expose_subgraph_errors: bool = Field(
        default=False, description="Send messages of subgraph errors that carry no extensions.code. For development."
    )

    # Subscriptions
    subscription_limit: int = Field(10_000, ge=1, description="Subscriptions of one process at a time.")
    subscription_keep_alive_seconds: float = Field(
        12.0, gt=0, description="Between comments that keep a quiet event stream open."
    )
    subscription_send_seconds: float = Field(
        10.0, gt=0, description="For a client to take one message; who needs longer is disconnected."
    )
    subscription_silence_seconds: float = Field(
        60.0, ge=0, description="After this long without a byte, a subgraph's event stream counts as lost; 0 never."
    )
    subscription_replaced_seconds: float = Field(
        600.0, ge=0, description="How long subscriptions may go on with a supergraph that was replaced."
    )
    websocket_operations: int = Field(100, ge=1, description="Operations of one WebSocket at a time.")
    websocket_init_seconds: float = Field(10.0, gt=0, description="For a WebSocket client to send connection_init.")

    # Limits of a request
    max_body_bytes: int = Field(1024 * 1024, ge=1024, description="Size of a request body.")
    max_tokens: int = Field(10_000, ge=10, description="Lexical tokens of a document.")
    max_depth: int = Field(20, ge=1, description="Levels of fields.")
    max_aliases: int = Field(100, ge=0, description="Aliases, counted with every use of a fragment.")
    max_root_fields: int = Field(50, ge=1, description="Fields at the root of an operation.")
    max_selections: int = Field(5_000, ge=1, description="Selections, counted with every use of a fragment.")
    max_cost: int = Field(
        1_000_000, ge=0, description="Estimated cost of an operation, by `@cost`, `@listSize` and defaults; 0 any."
    )
    default_list_size: int = Field(
        10, ge=1, description="Size of lists that `@listSize` says nothing of, for the cost."
    )
    request_timeout_seconds: float = Field(30.0, gt=0, description="A whole request, all its calls together.")
    introspection: bool = Field(default=True, description="Answer `__schema` and `__type`.")
    introspection_schema: Path | None = Field(
        None, description="SDL that introspection shows to who holds none of the scopes that the API asks for."
    )

    # Rate limits
    rate_limits: dict[str, RateLimit] = Field(
        default_factory=dict,
        description="JSON object: per class of operations `limit`, `seconds`, `fields`, `by`, `count`; see README.md.",
    )
    rate_limit_url: SecretStr | None = Field(
        None, description="Valkey or Redis where routers count together. Unset: each process counts alone."
    )

    # Persisted and trusted documents
    apq: bool = Field(default=True, description="Automatic persisted queries: clients register documents by hash.")
    apq_bytes: int = Field(
        16 * 1024 * 1024, ge=64 * 1024, description="Size of the registered documents of one process."
    )
    trusted_documents: Path | None = Field(
        None, description="Folder of *.graphql files that clients may name by SHA-256 or operation name."
    )
    free_form: bool = Field(default=True, description="Serve documents that are not trusted.")
    free_form_key: SecretStr | None = Field(
        None, description="Who sends this in x-free-form-key may send any document even if others may not."
    )

    # Prepared operations
    operation_cache_entries: int = Field(10_000, ge=1, description="Prepared operations kept.")
    operation_cache_bytes: int = Field(20 * 1024 * 1024, ge=1024 * 1024, description="Estimated size of the cache.")

    # Browsers
    cors_origins: list[str] = Field(default_factory=list, description='JSON list of origins allowed; ["*"] for all.')
    csrf_prevention: bool = Field(
        default=True, description="Refuse a GET that a web page could make a visitor's browser send."
    )
    graphiql: bool = Field(default=True, description="Serve GraphiQL to browsers at GET /graphql.")
    query_plan: bool = Field(
        default=True, description="Show the query plan to who asks with the header x-query-plan, as GraphiQL does."
    )
    default_operation_file: Path | None = Field(
        None, description="Operation in GraphiQL's first tab. Saved operations, if at most 12, are in the next."
    )
    default_headers: dict[str, str] = Field(
        default_factory=dict, description="JSON object: headers that GraphiQL opens with."
    )

    # Operation
    metrics: bool = Field(default=True, description="Serve metrics at GET /metrics, in the text format of Prometheus.")
    ready_asks_subgraphs: bool = Field(
        default=False, description="GET /ready answers 503 unless every subgraph answers; asked at most every 2 s."
    )

    # Logs
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("context_key")
    @classmethod
    def _is_long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value().encode()) < MINIMUM_CONTEXT_KEY_BYTES:
            msg = f"the context key needs at least {MINIMUM_CONTEXT_KEY_BYTES} bytes"
            raise ValueError(msg)
        return key

    @model_validator(mode="after")
    def _something_can_be_asked(self) -> "RouterSettings":
        if not self.free_form and self.trusted_documents is None:
            msg = "ROUTER_FREE_FORM=false serves trusted documents only: name their folder in ROUTER_TRUSTED_DOCUMENTS"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _tokens_can_be_checked(self) -> "RouterSettings":
        if self.jwks is not None and not (self.jwt_issuer and self.jwt_audience):
            msg = "a JWKS needs ROUTER_JWT_ISSUER and ROUTER_JWT_AUDIENCE, or any token of that signer would do"
            raise ValueError(msg)
        return self
