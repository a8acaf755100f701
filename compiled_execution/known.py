"""The operations that a schema has seen, with their plans: bounded in bytes, the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

from graphql import DirectiveNode, DocumentNode, OperationDefinitionNode, VariableNode

from compiled_execution.plan import Plan
from compiled_execution.variables import VariableReader

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from graphql import GraphQLSchema

_DOCUMENT_BYTES_PER_CHARACTER = 110
_PLAN_BYTES_PER_CHARACTER = 8
"""Measured over random operations: a parsed document by its text, a plan with its functions by its source."""
_OPERATION_BYTES = 2_000

Vector = tuple[object, ...]
"""The values that the variables of @skip and @include have in a request."""


@dataclass(slots=True, eq=False)
class KnownOperation:
    """What is known of an operation. It holds the document, so that its identity is not given to another."""

    document: DocumentNode | OperationDefinitionNode
    sightings: int = 0
    definition: OperationDefinitionNode | None = None
    reader: VariableReader | None = None
    fragments: dict[str, Any] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    """The variables of @skip and @include."""
    plans: dict[Vector, Plan | str] = field(default_factory=dict)
    """By the values of these variables: the plan, or the reason why there is none."""
    compiling: set[Vector] = field(default_factory=set)
    """What a thread is working on."""

    @property
    def size_in_bytes(self) -> int:
        """About what the operation holds of memory."""
        location = self.document.loc
        characters = 0 if location is None else len(location.source.body)
        plans = sum(len(plan.source) for plan in self.plans.values() if isinstance(plan, Plan))
        return _OPERATION_BYTES + characters * _DOCUMENT_BYTES_PER_CHARACTER + plans * _PLAN_BYTES_PER_CHARACTER

    def define(self, schema: GraphQLSchema, definition: OperationDefinitionNode, fragments: dict[str, Any]) -> None:
        """Keep what executing the document told of it."""
        self.definition = definition
        self.reader = VariableReader(schema, definition)
        self.fragments = fragments
        self.conditions = _conditions(definition, fragments)

    def vectors(self, most: int) -> Iterator[Vector]:
        """Yield what the conditions can be, if there are at most that many."""
        if 2 ** len(self.conditions) <= most:
            yield from product((True, False), repeat=len(self.conditions))


class KnownOperations:
    """A cache of operations by key."""

    def __init__(self, largest_bytes: int) -> None:
        self.size_in_bytes = 0
        self._largest_bytes = largest_bytes
        self._operations: OrderedDict[Hashable, tuple[KnownOperation, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._operations)

    def __iter__(self) -> Iterator[KnownOperation]:
        return iter([operation for operation, _ in self._operations.values()])

    def get(self, key: Hashable) -> KnownOperation | None:
        """Return the operation, now the one used last; None if it is not known."""
        found = self._operations.get(key)
        if found is None:
            return None
        self._operations.move_to_end(key)
        return found[0]

    def add(self, key: Hashable, operation: KnownOperation) -> None:
        """Remember the operation, or count it anew after it has grown; others may be forgotten, but never this one."""
        previous = self._operations.pop(key, None)
        if previous is not None:
            self.size_in_bytes -= previous[1]
        size = operation.size_in_bytes
        self._operations[key] = operation, size
        self.size_in_bytes += size
        while self.size_in_bytes > self._largest_bytes and len(self._operations) > 1:
            _, (_, freed) = self._operations.popitem(last=False)
            self.size_in_bytes -= freed

    def __contains__(self, key: Hashable) -> bool:
        return key in self._operations


def _conditions(definition: OperationDefinitionNode, fragments: dict[str, Any]) -> tuple[str, ...]:
    """Return the variables of @skip and @include. No visitor: it takes ten times as long, and a request waits."""
    names: set[str] = set()
    open_: list[Any] = [definition, *(details.definition for details in fragments.values())]
    while open_:
        node = open_.pop()
        if node.directives:
            names.update(_variables_of(node.directives))
        selected = getattr(node, "selection_set", None)  # a spread has none
        if selected is not None:
            open_ += selected.selections
    return tuple(sorted(names))


def _variables_of(directives: Sequence[DirectiveNode]) -> Iterator[str]:
    for directive in directives:
        if directive.name.value in {"skip", "include"}:
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    yield argument.value.name.value
