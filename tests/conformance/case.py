"""One case: subgraphs, an operation and data. The router's answer is compared with a single executor's."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from graphql import DocumentNode, ExecutionResult, GraphQLError, execute, parse, validate

from router.composition import Subgraph, compose
from router.errors import ClientError
from router.execution.engine import Engine, EngineOptions
from router.execution.limits import Limits
from router.execution.requests import GraphQLRequest
from router.planning import QueryPlan, plan_operation
from router.supergraph import Supergraph
from tests.conformance.invented_data import Faults, InventedData, NoValueError, Thing, WholeResolver
from tests.conformance.invented_subgraph import InventedSubgraph
from tests.conformance.subgraph_model import SubgraphModel
from tests.conformance.subgraph_server import Call, SubgraphServer

_NO_LIMITS = Limits(
    max_tokens=1_000_000, max_depth=100, max_aliases=100_000, max_root_fields=100_000, max_selections=1_000_000
)
_SECONDS = 600.0
"""For planning and for a request: a busy machine is no failure."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A client's operation."""

    text: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """What the router answered otherwise than a single executor."""

    operation: Operation
    expected: Mapping[str, Any]
    found: Mapping[str, Any]

    def __str__(self) -> str:
        variables = f"\n{json.dumps(self.operation.variables)}" if self.operation.variables else ""
        return (
            f"{self.operation.text}{variables}\nexpected {json.dumps(self.expected)}\nfound    {json.dumps(self.found)}"
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing the router with a single executor gave.

    Attributes:
        is_clear: Whether it is clear what the answer must be.
        has_errors: Whether the answer has errors, as it must.
    """

    difference: Difference | None = None
    is_clear: bool = True
    has_errors: bool = False


class NotComposableError(Exception):
    """Composition refuses the subgraphs."""

    def __init__(self, codes: Sequence[str], messages: Sequence[str]) -> None:
        super().__init__("\n".join(messages))
        self.codes = tuple(codes)


class InvalidOperationError(Exception):
    """The operation is not valid for the API schema."""


class World:
    """Subgraphs with data, composed and served.

    Args:
        subgraphs: SDL by name.
        seed: Of the data.
        faults: Which fields fail.

    Raises:
        NotComposableError: The subgraphs do not compose.
    """

    def __init__(self, subgraphs: Mapping[str, str], *, seed: int = 0, faults: Faults | None = None) -> None:
        result = compose([Subgraph(name, f"http://{name}", sdl) for name, sdl in subgraphs.items()])
        if result.errors:
            raise NotComposableError([error.code for error in result.errors], [str(error) for error in result.errors])
        self.supergraph = Supergraph.from_sdl(result.supergraph_sdl)
        models = [SubgraphModel(name, sdl) for name, sdl in subgraphs.items()]
        self.calls: list[Call] = []
        self.models = models
        self._data = InventedData(models, seed=seed, faults=faults)
        self._whole = WholeResolver(self._data)
        self._asked = ""
        self._read: tuple[str, DocumentNode] | None = None
        servers = {
            model.name: SubgraphServer(model, InventedSubgraph(self._data, model), self.calls) for model in models
        }
        self.plan: QueryPlan | None = None
        """Of the operation planned last."""
        self.engine = Engine(
            self.supergraph,
            servers,
            planner=self._plan,
            options=EngineOptions(
                expose_subgraph_errors=True, cache_entries=1, limits=_NO_LIMITS, request_timeout_seconds=_SECONDS
            ),
        )

    def show(self, *, seed: int, faults: Faults) -> None:
        """Have everybody see other data from now on, in the same subgraphs."""
        self._data.seed, self._data.faults = seed, faults

    def close(self) -> None:
        """Release the engine's thread."""
        self.engine.close()

    def is_valid(self, document: DocumentNode) -> bool:
        """Whether a document is valid for the API schema."""
        return not validate(self.supergraph.api_schema, document)

    def expected(self, operation: Operation) -> ExecutionResult | None:
        """Return what a single executor answers; None if it is not clear."""
        result = execute(
            self.supergraph.api_schema,
            self._document(operation.text),
            field_resolver=self._whole.field,
            type_resolver=_type_of,
            variable_values=dict(operation.variables),
        )
        assert isinstance(result, ExecutionResult)
        if any(isinstance(error.original_error, NoValueError) for error in result.errors or ()):
            return None
        for error in result.errors or ():
            if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
                raise error.original_error
        return result

    async def answer(self, operation: Operation) -> dict[str, Any]:
        """Return what the router answers.

        Every other operation runs as generated code from its first request on; of those, every other decodes replies
        by their types.
        """
        is_new, self._asked = operation.text != self._asked, operation.text
        chance = crc32(operation.text.encode())
        if is_new and chance % 2:
            with contextlib.suppress(ClientError):  # the request itself will say what is wrong
                self.engine.warm([operation.text])
        request = GraphQLRequest(query=operation.text, variables=operation.variables, as_json=chance % 4 == 1)
        response = await self.engine.execute(request)
        return response.body if response.json is None else json.loads(response.json)

    async def compare(self, operation: Operation) -> Comparison:
        """Have the router and a single executor answer.

        Raises:
            InvalidOperationError: The operation is not valid.
        """
        found = await self.answer(operation)
        if "data" not in found and not self.is_valid(self._document(operation.text)):
            raise InvalidOperationError
        expected = self.expected(operation)
        if expected is None:
            return Comparison(is_clear=False)
        if _agree(expected, found):
            return Comparison(has_errors=bool(expected.errors))
        return Comparison(difference=Difference(operation, expected.formatted, found))

    async def difference(self, operation: Operation) -> Difference | None:
        """Return what the router answers otherwise; None if nothing, or if there is nothing to compare with.

        Raises:
            InvalidOperationError: The operation is not valid.
        """
        return (await self.compare(operation)).difference

    def _document(self, text: str) -> DocumentNode:
        """Return the syntax tree: the last one is kept, often that which the router has just read itself."""
        if self._read is None or self._read[0] != text:
            self._read = text, parse(text, no_location=True)
        return self._read[1]

    def _plan(self, document: DocumentNode, operation_name: str | None) -> QueryPlan:
        self._read = self._asked, document
        plan = plan_operation(self.supergraph, document, operation_name, time_budget_seconds=_SECONDS)
        self.plan = plan
        return plan


def _agree(expected: ExecutionResult, found: Mapping[str, Any]) -> bool:
    """Whether both say the same: equal data with keys in the same order, and errors at the same places.

    Where an error makes an object null, executors may leave out or keep the errors beside it; then it only matters
    whether there are errors.
    """
    if json.dumps(expected.data) != json.dumps(found.get("data", "none")):
        return False
    wanted = {json.dumps(error.path) for error in expected.errors or ()}
    got = {json.dumps(error.get("path")) for error in found.get("errors", ())}
    is_exact = all(_is_null_there(expected.data, error.path) for error in expected.errors or ())
    return wanted == got if is_exact else bool(wanted) == bool(got)


def _is_null_there(data: Any, path: Sequence[str | int] | None) -> bool:
    """Whether an error made null just the value at its path, and no object around it."""
    for key in path or ():
        if data is None:
            return False
        data = data[key]
    return True


def _type_of(value: Thing, *_: object) -> str:
    return value.type_name
