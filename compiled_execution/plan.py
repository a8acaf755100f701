"""An operation as a tree of positions: what can stand in the response, and which field puts it there. No requests."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphql import (
        FieldNode,
        FragmentDefinitionNode,
        GraphQLField,
        GraphQLObjectType,
        GraphQLOutputType,
        GraphQLSchema,
        OperationDefinitionNode,
    )

    from compiled_execution.batch import BatchFunction
    from compiled_execution.internals import StrawberryField
    from compiled_execution.kept import Kept

PathTuple = tuple[Any, str | int, str | None]
"""Previous step or None, key or index, name of the type that has the key."""


def path_keys(path: PathTuple | None) -> list[str | int]:
    """Return the path from the root as a list, as errors carry it."""
    keys: list[str | int] = []
    while path is not None:
        keys.append(path[1])
        path = path[0]
    keys.reverse()
    return keys


class Unsupported(Exception):  # noqa: N818  # no error: the operation runs on graphql-core
    """The operation cannot be compiled; `reason` is short, fixed and countable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def no_pause() -> None:
    """Let nobody go on: for who compiles where no other thread waits."""


@dataclasses.dataclass(eq=False, slots=True)
class FieldPlan:
    """One response key of one runtime type: its nodes, its definition and how to call its resolver."""

    number: int
    key: str
    name: str
    nodes: list[FieldNode]
    parent_type: GraphQLObjectType
    definition: GraphQLField
    strawberry_field: StrawberryField | None
    arguments: list[Any]
    has_arguments: bool
    variables: tuple[str, ...] | None = None
    """Those by whose values its arguments may be remembered; None if they may not be."""
    remembered: dict[Any, dict[str, Any]] = dataclasses.field(default_factory=dict)
    """Arguments of earlier requests, by the values of `variables`."""
    references: tuple[str, str] | None = None
    """Python name and variable of its only argument, if that is a list of representations."""
    position: Position = dataclasses.field(init=False)


@dataclasses.dataclass(eq=False, slots=True)
class Position:
    """A place in the response where a value of one type stands: a field's value, or an item of a list."""

    number: int
    key: str | None
    typename: str | None
    type_: GraphQLOutputType
    non_null: bool
    field: FieldPlan
    parent: Position | None
    """The object or list that contains it; None for root fields."""
    nodes: list[FieldNode]
    item: Position | None = None
    exact: type | None = None
    """The class whose instances need no check: leaves go into the response as they are (integers of 32 bits), objects
    through `select_exact`. None if there is no such class."""
    select_exact: Callable[..., Any] | None = None
    """What reads an object of that class; None for leaves."""
    selections: dict[str, Selection] = dataclasses.field(default_factory=dict)
    """By the name of the runtime type."""
    functions: dict[str, Callable[..., Any]] = dataclasses.field(default_factory=dict)
    """The generated functions of the selections."""
    complete: Callable[..., Any] = dataclasses.field(init=False)
    """Completes a value: (value, path of this position, run) -> what stands in the response."""


@dataclasses.dataclass(eq=False, slots=True)
class Selection:
    """The fields that are selected on one runtime type at one position."""

    number: int
    type_: GraphQLObjectType
    fields: list[tuple[str, FieldPlan | None]]
    """Response keys in order; without a plan: `__typename`."""


@dataclasses.dataclass(eq=False, slots=True)
class Plan:
    """A compiled operation."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragment_definitions: dict[str, FragmentDefinitionNode]
    roots: list[Selection]
    """One for queries; one for each root field, in order, for mutations."""
    field_count: int
    position_count: int
    source: str = ""
    functions: list[Callable[..., Any]] = dataclasses.field(default_factory=list)
    """The generated functions of `roots`."""
    batches: list[BatchFunction] = dataclasses.field(default_factory=list)
    """The functions of its batch fields, by the number of the group in the source."""
    kept: list[Kept] = dataclasses.field(default_factory=list)
    """What is kept of objects, by the number of the place in the source."""
