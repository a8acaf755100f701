"""Answers `__schema` and `__type` from the API schema, without any subgraph."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    execute_sync,
)

_FIELDS = ("__schema", "__type")


class Introspection:
    """The introspection fields of one operation.

    The result is kept when the operation has no variables: tools send the same long query again and again.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
    ) -> None:
        self._schema = schema
        selections = tuple(_introspection_selections(operation.selection_set, fragments))
        stripped = OperationDefinitionNode(
            operation=OperationType.QUERY,
            name=None,
            variable_definitions=operation.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=selections),
        )
        self._document = DocumentNode(definitions=(stripped, *fragments.values()))
        self._has_variables = bool(operation.variable_definitions)
        self._kept: dict[str, Any] | None = None

    def answer(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the results by response key; `@skip`ped ones are missing."""
        if self._kept is not None:
            return self._kept
        result = execute_sync(self._schema, self._document, variable_values=dict(variables))
        data: dict[str, Any] = result.data or {}
        if not self._has_variables:
            self._kept = data
        return data


def _introspection_selections(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> list[SelectionNode]:
    """Return the introspection fields of a root selection set; inline fragments keep their conditions."""
    found: list[SelectionNode] = []
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            if selection.name.value in _FIELDS:
                found.append(selection)
            continue
        if isinstance(selection, FragmentSpreadNode):
            definition = fragments[selection.name.value]
            inner = _introspection_selections(definition.selection_set, fragments)
        else:
            assert isinstance(selection, InlineFragmentNode)
            inner = _introspection_selections(selection.selection_set, fragments)
        if inner:
            found.append(
                InlineFragmentNode(
                    type_condition=None,
                    directives=selection.directives,
                    selection_set=SelectionSetNode(selections=tuple(inner)),
                )
            )
    return found
