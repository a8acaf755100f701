"""Reads the operation to plan out of a document: its kind, its root type and what it wants, in normal form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode

from router.errors import ClientError
from router.planning.plan import OperationKind
from router.supergraph.selections import SelectionBuilder, SelectionSet
from router.supergraph.tables import TypeTable


class OperationNotFoundError(ClientError):
    """The document has no operation of the name asked for, or several and no name was given."""

    code: ClassVar[str] = "OPERATION_NOT_FOUND"


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """A client's operation in normal form."""

    node: OperationDefinitionNode
    kind: OperationKind
    name: str | None
    root_type: str
    wanted: SelectionSet
    has_introspection: bool


def read_operation(
    document: DocumentNode,
    operation_name: str | None,
    *,
    types: Mapping[str, TypeTable],
    root_types: Mapping[str, str],
) -> Operation:
    """Return the operation of that name, or the only one.

    Raises:
        OperationNotFoundError: There is none, or the choice is not clear.
    """
    node = _find_operation(document, operation_name)
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    root_type = root_types[node.operation.value]
    return Operation(
        node=node,
        kind=OperationKind(node.operation.value),
        name=node.name.value if node.name else None,
        root_type=root_type,
        wanted=SelectionBuilder(types, fragments=fragments).build(node.selection_set, root_type),
        has_introspection=_selects_introspection(node.selection_set, fragments),
    )


def _find_operation(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if operation_name is not None:
        operations = [node for node in operations if node.name and node.name.value == operation_name]
        if not operations:
            raise OperationNotFoundError(f'The document has no operation named "{operation_name}".')
    if not operations:
        raise OperationNotFoundError("The document has no operation.")
    if len(operations) > 1:
        raise OperationNotFoundError("The document has several operations: operationName must say which one to run.")
    return operations[0]


def _selects_introspection(node: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> bool:
    for selection in node.selections:
        if isinstance(selection, FieldNode):
            if selection.name.value in {"__schema", "__type"}:
                return True
            continue
        inner = getattr(selection, "selection_set", None)
        if inner is None:
            inner = fragments[selection.name.value].selection_set  # type: ignore[attr-defined]  # a fragment spread
        if _selects_introspection(inner, fragments):
            return True
    return False
