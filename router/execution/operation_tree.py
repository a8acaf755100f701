"""The syntax tree of one operation, with the fragments of its document.

A kept operation holds it only until it is compiled: reading the text again, for a rare question, takes less than a
millisecond, and the tree is a good part of what an operation would take.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode

from router.execution import refusals
from router.execution.read_document import read_again
from router.execution.refusals import RefusedError


@dataclass(frozen=True, slots=True)
class OperationTree:
    """An operation and all fragments of its document, by name."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]


def select_operation(document: DocumentNode, operation_name: str | None) -> OperationTree:
    """Return the operation of that name, or the only one.

    Raises:
        RefusedError: There is none, or the choice is not clear.
    """
    return OperationTree(_find(document, operation_name), fragments_of(document))


def read_operation_again(text: str, operation_name: str | None) -> OperationTree:
    """Return the operation of a text from which it has been taken before."""
    return select_operation(read_again(text), operation_name)


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return the fragments of a document by name."""
    return {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }


def _find(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    operations = [definition for definition in document.definitions if isinstance(definition, OperationDefinitionNode)]
    if operation_name is None:
        if len(operations) == 1:
            return operations[0]
        message = "Name the operation to run: the document has several."
        raise RefusedError(refusals.UNKNOWN_OPERATION, message if operations else "The document has no operation.")
    for operation in operations:
        if operation.name is not None and operation.name.value == operation_name:
            return operation
    raise RefusedError(refusals.UNKNOWN_OPERATION, f"The document has no operation named '{operation_name}'.")
