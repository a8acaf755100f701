"""The port through which subgraphs are called, and how a call can fail.

Its two implementations live in `memory_transport.py` and `http_transport.py`. Both can also subscribe.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import msgspec
import orjson

ReplyDecoder = msgspec.json.Decoder[Any]


# Not frozen, as all that is made for every request: setting an attribute would cost a call each.
@dataclass(slots=True, kw_only=True)
class SubgraphRequest:
    """One GraphQL request to one subgraph.

    Attributes:
        document: Text of the operation.
        document_json: The same text as a JSON string, serialised once per plan.
        operation_name: Name of the only operation in the document, or None.
        variables: Values as JSON would have them. Belongs to the router: a transport must not change it.
        headers: Lower-case names; the signed viewer context and the correlation id.
        is_query: Whether the request may be sent twice.
        deadline: When the client's request ends, in seconds of the event loop's clock; None for no end.
        received_headers: Where a transport puts the headers of the answer, names in lower case; None wants none.
        decoder: Of the type that the reply should have; a transport that reads bytes may use it.
        typed_body: The text of the reply, set by a transport if `decoder` has read it and it holds no errors.
    """

    document: str
    document_json: bytes
    operation_name: str | None
    variables: Mapping[str, Any]
    headers: Mapping[str, str]
    is_query: bool
    deadline: float | None = None
    received_headers: list[tuple[str, str]] | None = None
    decoder: ReplyDecoder | None = None
    typed_body: bytes | None = None

    def body(self) -> bytes:
        """Return the request as the JSON body of a POST."""
        parts = [b'{"query":', self.document_json]
        if self.operation_name is not None:
            parts += [b',"operationName":', orjson.dumps(self.operation_name)]
        if self.variables:
            parts += [b',"variables":', dump_json(self.variables)]
        parts.append(b"}")
        return b"".join(parts)

    def typed_reply(self, body: bytes) -> dict[str, Any] | None:
        """Return a reply as `decoder` reads it, and keep it; None if it is not of that type, or holds errors."""
        if self.decoder is None:
            return None
        try:
            decoded: dict[str, Any] = self.decoder.decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        if decoded.get("data") is None or decoded.get("errors"):
            return None
        self.typed_body = body
        return decoded


class SubgraphTransport(Protocol):
    """Sends a request to the one subgraph that it was made for."""

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return the response: a mapping with `data`, `errors` or both, fresh for this call.

        Raises:
            TransportError: No usable response came; the subclass says why.
        """
        ...


EventStream = AsyncGenerator[Mapping[str, Any], None]
"""The responses of a subgraph to a subscription. Whoever reads it closes it, which ends the subscription."""


@runtime_checkable
class SubscribingTransport(Protocol):
    """A transport that can subscribe, too."""

    def subscribe(self, request: SubgraphRequest) -> EventStream:
        """Return the responses, each a mapping with `data`, `errors` or both, fresh for this call.

        Raises:
            TransportError: At once or while reading: the subscription failed, or ended before its end.
        """
        ...


def subscribe_through(transport: SubgraphTransport, request: SubgraphRequest) -> EventStream:
    """Return the responses to a subscription.

    Raises:
        TransportError: As `subscribe`; also for a transport that cannot subscribe.
    """
    if not isinstance(transport, SubscribingTransport):
        raise BadResponseError("this transport cannot subscribe")
    return transport.subscribe(request)


class TransportError(Exception):
    """A subgraph call without a usable response.

    TransportError
    ├── UnreachableError       refused, reset, cut short, or answered 5xx without GraphQL
    ├── SubgraphTimeoutError   no answer in time
    └── BadResponseError       an answer that is not a GraphQL response
        └── ResponseTooLargeError

    Attributes:
        code: Stable `extensions.code` for the client.
        reason: What happened, for the log; never sent.
    """

    code = "SERVICE_UNAVAILABLE"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreachableError(TransportError):
    """The connection was refused, reset or cut short."""


class SubgraphTimeoutError(TransportError):
    """The answer did not arrive in time."""

    code = "SERVICE_TIMEOUT"


class BadResponseError(TransportError):
    """The answer is not a GraphQL response."""

    code = "SERVICE_BAD_RESPONSE"


class ResponseTooLargeError(BadResponseError):
    """The answer is larger than allowed."""


def dump_json(value: Any) -> bytes:
    """Return `value` as JSON; unlike orjson alone, integers beyond 64 bits keep all their digits."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
