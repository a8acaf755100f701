"""The variables of a request: whatever is sent, they are what graphql-core makes of it."""

from typing import Any

import pytest
from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, build_schema, parse
from graphql.execution.values import get_variable_values

from compiled_execution.variables import VariableReader

_SCHEMA = build_schema("""
    scalar Odd
    enum Colour { RED GREEN }
    input Point { x: Int! = 1, colour: Colour = RED }
    type Query { any: Int }
""")
_SCALARS = ["String", "ID", "Int", "Boolean", "Float", "Odd", "Colour", "Point", "[Int!]", "[Odd]"]
_DEFAULTS = {
    "String": '"a"', "ID": "7", "Int": "7", "Boolean": "true", "Float": "1", "Odd": "1", "Colour": "GREEN",
    "Point": "{x: 2}", "[Int!]": "[1]", "[Odd]": "[1]",
}  # fmt: skip
_VALUES: list[Any] = [
    "a", "RED", "BLUE", "", 7, 0, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, True, False, 1.0, 1.5, None,
    [], [1], [None], ["RED"], [2**31], {}, {"x": 3}, {"x": None}, {"colour": "GREEN"},
]  # fmt: skip


def _operation(declared: str) -> OperationDefinitionNode:
    (definition,) = parse(f"query ({declared}) {{ any }}").definitions
    assert isinstance(definition, OperationDefinitionNode)
    return definition


def _told(values: Any) -> Any:
    if isinstance(values, list):
        return [(error.message, error.locations) for error in values if isinstance(error, GraphQLError)]
    sources = {name: (source.signature.name, source.value) for name, source in values.sources.items()}
    return sources, {name: (type(value), value) for name, value in values.coerced.items()}


def _by_graphql(schema: GraphQLSchema, operation: OperationDefinitionNode, inputs: dict[str, Any]) -> Any:
    return get_variable_values(schema, operation.variable_definitions or (), inputs)


@pytest.mark.parametrize("type_", _SCALARS)
@pytest.mark.parametrize("form", ["{0}", "{0}!", "{0} = {1}", "{0}! = {1}", "{0} = null"])
def test_each_value_of_each_kind_of_variable_is_what_graphql_makes_of_it(type_: str, form: str) -> None:
    operation = _operation(f"$it: {form.format(type_, _DEFAULTS[type_])}, $other: Int = 4, $word: String")
    reader = VariableReader(_SCHEMA, operation)
    sent: list[dict[str, Any]] = [{}, *({"it": value} for value in _VALUES), {"other": None}, {"word": 1}]

    for inputs in [*sent, *({**each, "word": "w", "other": 5} for each in sent)]:
        expected = _told(_by_graphql(_SCHEMA, operation, inputs))
        for _ in range(2):  # what is remembered of an absent variable is not changed by a request
            assert _told(reader.read(inputs)) == expected, inputs


def test_what_is_no_input_type_is_an_error_each_time() -> None:
    operation = _operation("$it: Query, $other: Int")
    reader = VariableReader(_SCHEMA, operation)

    assert _told(reader.read({"other": 1})) == _told(_by_graphql(_SCHEMA, operation, {"other": 1}))
