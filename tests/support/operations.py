"""Makes operations from a schema: one for a root field, with arguments of the right types and as little as possible
selected. Tests of who may do what are made for every field with it, also for those that come later."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

TEXTS: Mapping[str, str] = {
    "DateTime": "2026-01-01T00:00:00Z",
    "Date": "2026-01-01",
    "Locale": "en",
    "CountryCode": "IN",
    "URL": "https://example.com/x",
}

IdOf = Callable[[str], str]
"""Returns the id to send for an argument or input field of that name."""


@dataclass(frozen=True, slots=True)
class RootField:
    """A field of a root type, and an operation that asks for it alone."""

    kind: str
    name: str
    definition: GraphQLField

    def operation(self, id_of: IdOf = lambda _: "nothing", *, text: str = " ") -> str:
        """Return the operation. Texts that are free are `text`: a blank one is no name, title or password."""
        given = _arguments(self.definition.args, id_of, text)
        selection = " { __typename }" if is_composite_type(get_named_type(self.definition.type)) else ""
        return f"{self.kind} {{ {self.name}{given}{selection} }}"

    @property
    def takes_ids(self) -> bool:
        """Whether an id is among what it takes."""
        asked: list[str] = []

        def note(name: str) -> str:
            asked.append(name)
            return "x"

        self.operation(note)
        return bool(asked)


def root_fields(schema: GraphQLSchema) -> Iterator[RootField]:
    """Yield the fields of the query and mutation types."""
    for kind, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        for name, definition in (root.fields if root is not None else {}).items():
            yield RootField(kind, name, definition)


def selections_of(type_: GraphQLObjectType, *, but: frozenset[str] = frozenset()) -> list[str]:
    """Return a selection for every field of the type that needs no argument, of objects their `__typename`."""
    return [
        f"{name} {{ __typename }}" if is_composite_type(get_named_type(field.type)) else name
        for name, field in type_.fields.items()
        if name not in but and not any(is_required_argument(argument) for argument in field.args.values())
    ]


def _arguments(arguments: Mapping[str, GraphQLArgument], id_of: IdOf, text: str) -> str:
    given = [
        f"{name}: {_value(name, argument.type, id_of, text)}"
        for name, argument in arguments.items()
        if is_required_argument(argument) or get_named_type(argument.type).name == "ID"
    ]
    return f"({', '.join(given)})" if given else ""


def _value(name: str, type_: GraphQLInputType, id_of: IdOf, text: str) -> str:
    if isinstance(type_, GraphQLNonNull):
        return _value(name, type_.of_type, id_of, text)
    if isinstance(type_, GraphQLList):
        return f"[{_value(name, type_.of_type, id_of, text)}]"
    if isinstance(type_, GraphQLEnumType):
        first: str = next(iter(type_.values))
        return first
    if isinstance(type_, GraphQLInputObjectType):
        return _object(type_.fields, id_of, text)
    assert isinstance(type_, GraphQLScalarType)
    return _scalar(name, type_.name, id_of, text)


def _object(fields: Mapping[str, GraphQLInputField], id_of: IdOf, text: str) -> str:
    given = [
        f"{name}: {_value(name, field.type, id_of, text)}"
        for name, field in fields.items()
        if is_required_input_field(field) or get_named_type(field.type).name == "ID"
    ]
    return f"{{{', '.join(given)}}}"


def _scalar(name: str, type_name: str, id_of: IdOf, text: str) -> str:
    values: dict[str, Any] = {"ID": id_of(name), "Int": 1, "Float": 1.0, "Boolean": True, "String": text}
    return json.dumps(values.get(type_name, TEXTS.get(type_name, text)))
