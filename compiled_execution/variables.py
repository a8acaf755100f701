"""The variables of a request: lists of scalars at once, which is what representations are; the schema's own scalars as
they are, and what is absent as it was last time; the rest by graphql-core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    VariableDefinitionNode,
    get_nullable_type,
    is_enum_type,
    is_list_type,
    is_non_null_type,
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
_CLASSES = ((GraphQLString, str), (GraphQLID, str), (GraphQLBoolean, bool), (GraphQLInt, int))
"""Of which values are coerced to themselves; integers of 32 bits."""
_LEAST_INTEGER, _MOST_INTEGER = -(2**31), 2**31 - 1


@dataclass(frozen=True, slots=True)
class _Plain:
    """A variable of a scalar or enum whose value can often be told without graphql-core."""

    definition: VariableDefinitionNode
    signature: Any
    class_: Any
    """Of values that are coerced to themselves; None if there is no such class."""
    takes_null: bool
    absent: VariableValues | None
    """What it comes to when it is not sent; None if that is an error."""

    def is_itself(self, value: Any) -> bool:
        """Whether the value is coerced to itself."""
        if value is None:
            return self.takes_null
        if value.__class__ is not self.class_:
            return False
        return self.class_ is not int or bool(_LEAST_INTEGER <= value <= _MOST_INTEGER)


class VariableReader:
    """Reads the variables of one operation."""

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions: tuple[VariableDefinitionNode, ...] = tuple(operation.variable_definitions or ())
        self._lists: dict[str, tuple[Any, Callable[[Any], Any]]] = {}
        self._plain: dict[str, _Plain] = {}
        self._rest: list[VariableDefinitionNode] = []
        for definition in self._definitions:
            signature = get_variable_signature(schema, definition)
            name = definition.variable.name.value
            if isinstance(signature, GraphQLError):
                self._rest.append(definition)
                continue
            scalar = _listed_scalar(signature.type)
            plain = None if scalar is not None else _plain(schema, definition, signature)
            if scalar is not None:
                self._lists[name] = signature, scalar.coerce_input_value
            elif plain is not None:
                self._plain[name] = plain
            else:
                self._rest.append(definition)

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
        sources: dict[str, Any] = {}
        coerced: dict[str, Any] = {}
        rest = self._read_plain(inputs, sources, coerced)
        if rest:
            read = get_variable_values(self._schema, rest, inputs)
            if isinstance(read, list):
                return self._slow(inputs)
            sources |= read.sources
            coerced |= read.coerced
        for name, items in found.items():
            sources[name] = VariableValueSource(self._lists[name][0], inputs[name])
            coerced[name] = items
        return VariableValues(sources, coerced)

    def _read_plain(
        self, inputs: dict[str, Any], sources: dict[str, Any], coerced: dict[str, Any]
    ) -> list[VariableDefinitionNode]:
        """Add what can be told at once; return the definitions of all others that are no lists."""
        rest = self._rest
        for name, plain in self._plain.items():
            value = inputs.get(name, Undefined)
            if value is Undefined and plain.absent is not None:
                sources |= plain.absent.sources
                coerced |= plain.absent.coerced
            elif plain.is_itself(value):
                sources[name] = VariableValueSource(plain.signature, value)
                coerced[name] = value
            else:
                rest = [*rest, plain.definition]
        return rest

    def _slow(self, inputs: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        return get_variable_values(self._schema, self._definitions, inputs)


def _listed_scalar(type_: Any) -> GraphQLScalarType | None:
    """Return the scalar of a list of scalars, None for any other type."""
    nullable = get_nullable_type(type_)
    if not is_list_type(nullable):
        return None
    item = get_nullable_type(nullable.of_type)
    return item if is_scalar_type(item) else None


def _plain(schema: GraphQLSchema, definition: VariableDefinitionNode, signature: Any) -> _Plain | None:
    """Return how to tell the variable's value at once; None for an input object, a list, or a scalar that others made:
    what those read may change."""
    type_ = get_nullable_type(signature.type)
    class_ = next((each for known, each in _CLASSES if known is type_), None)
    if class_ is None and not is_enum_type(type_):
        return None
    absent = get_variable_values(schema, [definition], {})
    return _Plain(
        definition,
        signature,
        class_,
        takes_null=not is_non_null_type(signature.type),
        absent=absent if isinstance(absent, VariableValues) else None,
    )
