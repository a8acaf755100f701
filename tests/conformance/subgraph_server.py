"""Serves one subgraph in process: executes its own schema with graphql-core and keeps the calls that it got.

What fields and entities are is told by a `Resolver`; two of them live in `plain_data.py` and `invented_subgraph.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import (
    FieldsOnCorrectTypeRule,
    GraphQLResolveInfo,
    KnownArgumentNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    UniqueDirectivesPerLocationRule,
    VariablesInAllowedPositionRule,
    execute,
    parse,
    validate,
)

from router.execution.transport import SubgraphRequest
from tests.conformance.subgraph_model import SubgraphModel

# What a router can get wrong; the other rules only cost time.
_RULES = (
    FieldsOnCorrectTypeRule,
    KnownArgumentNamesRule,
    NoUndefinedVariablesRule,
    NoUnusedVariablesRule,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    ProvidedRequiredArgumentsRule,
    ScalarLeafsRule,
    UniqueDirectivesPerLocationRule,
    VariablesInAllowedPositionRule,
)


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

    async def send(self, request: SubgraphRequest) -> Mapping[str, Any]:
        """Return the response. A document that is not valid for this subgraph is answered with errors alone."""
        self._calls.append(Call(self.model.name, request.document, dict(request.variables)))
        document = parse(request.document, no_location=True)
        errors = validate(self.model.schema, document, _RULES)
        if errors:
            return {"errors": [{"message": f"{error.message} in {request.document}"} for error in errors]}
        result = execute(
            self.model.schema,
            document,
            variable_values=dict(request.variables),
            field_resolver=self._field,
            type_resolver=lambda value, info, abstract: self._resolver.type_of(value),
        )
        return result.formatted  # type: ignore[union-attr]  # nothing here is asynchronous

    def _field(self, source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        if info.field_name == "_entities" and info.parent_type.name == "Query":
            return [self._resolver.entity(representation) for representation in arguments["representations"]]
        return self._resolver.field(source, info, **arguments)
