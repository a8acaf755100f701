"""Headers that go with mutations: from the client to a subgraph, and from its answer back to the client.

Only mutations carry them. Queries of different clients may be answered by one call, so that nothing of one client may
go with them, and no answer be meant for one alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from router.execution.transport import EventStream, SubgraphRequest, SubgraphTransport, subscribe_through


@dataclass(frozen=True, slots=True)
class MutationHeaders:
    """Which headers are passed on, by the name of the subgraph; their names are lower-case.

    Attributes:
        sent: From the client to the subgraph.
        taken: From the subgraph to the client.
    """

    sent: Mapping[str, Sequence[str]] = field(default_factory=dict)
    taken: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def exchange(self, client_headers: Mapping[str, str]) -> "HeaderExchange | None":
        """Return what one request exchanges; None when nothing is configured."""
        if not self.sent and not self.taken:
            return None
        sent = {
            service: {name: client_headers[name] for name in names if name in client_headers}
            for service, names in self.sent.items()
        }
        return HeaderExchange(sent, self.taken)


@dataclass(frozen=True, slots=True)
class HeaderExchange:
    """The headers of one request.

    Attributes:
        sent: To each subgraph.
        taken: Names that are passed back, by subgraph.
        received: What came, in the order of the answers; a name may stand in it more than once.
    """

    sent: Mapping[str, Mapping[str, str]]
    taken: Mapping[str, Sequence[str]]
    received: list[tuple[str, str]] = field(default_factory=list)

    def around(self, transports: Mapping[str, SubgraphTransport]) -> Mapping[str, SubgraphTransport]:
        """Return the transports, those of the subgraphs concerned with their headers."""
        concerned = {
            name: _WithHeaders(transports[name], name, self) for name in {*self.sent, *self.taken} & {*transports}
        }
        return {**transports, **concerned}


class _WithHeaders:
    """A transport whose mutations carry the headers of one request."""

    def __init__(self, inner: SubgraphTransport, service: str, exchange: HeaderExchange) -> None:
        self._inner = inner
        self._service = service
        self._exchange = exchange

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        if request.is_query:
            return await self._inner.send(request)
        received: list[tuple[str, str]] = []
        headers = {**request.headers, **self._exchange.sent.get(self._service, {})}
        try:
            return await self._inner.send(replace(request, headers=headers, received_headers=received))
        finally:
            taken = self._exchange.taken.get(self._service, ())
            self._exchange.received.extend((name, value) for name, value in received if name in taken)

    def subscribe(self, request: SubgraphRequest) -> EventStream:
        return subscribe_through(self._inner, request)
