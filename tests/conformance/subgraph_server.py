"""Serves one subgraph in process: executes its own schema with graphql-core and keeps the calls that it got.

What fields and entities are is told by a `Resolver`; two of them live in `plain_data.py` and `invented_subgraph.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import DocumentNode, GraphQLResolveInfo, execute, parse

from router.execution.transport import SubgraphRequest, dump_json
from tests.conformance.request_check import mistakes_in
from tests.conformance.subgraph_model import SubgraphModel

_DOCUMENTS_KEPT = 64


class Resolver(Protocol):
    """Answers for the fields and entities of one subgraph."""

    def field(self, source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        """Return the value of a field."""
        ...

    def entity(self, representation: Mapping[str, Any]) -> Any:
        """Return the object that a representation describes, or None."""
        ...

    def type_of(self, value: Any) -> str:
        """Return the name of an object's type."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request that a subgraph got."""

    subgraph: str
    document: str
    variables: Mapping[str, Any]


class SubgraphServer:
    """A transport to a subgraph that runs right here.

    Args:
        model: The subgraph.
        resolver: Its data.
        calls: Every request is appended to it; servers of one federation share it.
    """

    def __init__(self, model: SubgraphModel, resolver: Resolver, calls: list[Call]) -> None:
        self.model = model
        self._resolver = resolver
        self._calls = calls
        self._documents: dict[str, DocumentNode | list[dict[str, str]]] = {}

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return the response. A document that is not valid for this subgraph is answered with errors alone."""
        self._calls.append(Call(self.model.name, request.document, dict(request.variables)))
        document = self._read(request.document)
        if isinstance(document, list):
            return {"errors": document}
        result = execute(
            self.model.schema,
            document,
            variable_values=dict(request.variables),
            field_resolver=self._field,
            type_resolver=lambda value, info, abstract: self._resolver.type_of(value),
        )
        reply = result.formatted  # type: ignore[union-attr]  # nothing here is asynchronous
        return request.typed_reply(dump_json(reply)) or reply

    def _read(self, text: str) -> DocumentNode | list[dict[str, str]]:
        """Return the document, or what is wrong with it. What was read last is kept."""
        known = self._documents.get(text)
        if known is None:
            document = parse(text, no_location=True)
            mistakes = mistakes_in(self.model.schema, document)
            known = [{"message": f"{mistake} in {text}"} for mistake in mistakes] or document
            if len(self._documents) >= _DOCUMENTS_KEPT:
                self._documents.clear()
            self._documents[text] = known
        return known

    def _field(self, source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        if info.field_name == "_entities" and info.parent_type.name == "Query":
            return [self._resolver.entity(representation) for representation in arguments["representations"]]
        return self._resolver.field(source, info, **arguments)
