"""The variables of a request: lists of scalars at once, which is what representations are; the rest by graphql-core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableDefinitionNode,
    get_nullable_type,
    is_list_type,
    is_scalar_type,
)

from compiled_execution.internals import (
    Undefined,
    VariableValues,
    VariableValueSource,
    get_variable_signature,
    get_variable_values,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NO_VARIABLES = VariableValues({}, {})


class VariableReader:
    """Reads the variables of one operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions: tuple[VariableDefinitionNode, ...] = tuple(operation.variable_definitions or ())
        self._lists: dict[str, tuple[Any, Callable[[Any], Any]]] = {}
        for definition in self._definitions:
            signature = get_variable_signature(schema, definition)
            scalar = None if isinstance(signature, GraphQLError) else _listed_scalar(signature.type)
            if scalar is not None:
                self._lists[definition.variable.name.value] = signature, scalar.coerce_input_value
        self._rest = [each for each in self._definitions if each.variable.name.value not in self._lists]

    def read(self, inputs: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """Return the coerced variables, or the errors of those that were sent."""
        if not self._definitions:
            return NO_VARIABLES
        found: dict[str, list[Any]] = {}
        for name, (_, coerce) in self._lists.items():
            value = inputs.get(name)
            if value.__class__ is not list:
                return self._slow(inputs)
            try:
                items = [None if item is None else coerce(item) for item in value]
            except Exception:  # noqa: BLE001  # graphql-core says which item is wrong, and how
                return self._slow(inputs)
            for item in items:
                # Null and what is wrong without an exception: `is`, as values may compare as they like.
                if item is None or item is Undefined:
                    return self._slow(inputs)
            found[name] = items
        rest = get_variable_values(self._schema, self._rest, inputs) if self._rest else NO_VARIABLES
        if isinstance(rest, list):
            return self._slow(inputs)
        sources, coerced = dict(rest.sources), dict(rest.coerced)
        for name, items in found.items():
            sources[name] = VariableValueSource(self._lists[name][0], inputs[name])
            coerced[name] = items
        return VariableValues(sources, coerced)

    def _slow(self, inputs: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        return get_variable_values(self._schema, self._definitions, inputs)


def _listed_scalar(type_: Any) -> GraphQLScalarType | None:
    """Return the scalar of a list of scalars, None for any other type."""
    nullable = get_nullable_type(type_)
    if not is_list_type(nullable):
        return None
    item = get_nullable_type(nullable.of_type)
    return item if is_scalar_type(item) else None
