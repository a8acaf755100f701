"""Tables of a schema for the quick validation of documents: composite types, their fields and arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn
from weakref import WeakKeyDictionary

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLInputField,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    GraphQLUnionType,
    OperationType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_input_type,
    is_required_argument,
    is_required_input_field,
)


class NotSureError(Exception):
    """Left to graphql-core."""


def not_sure() -> NoReturn:
    """Leave the document to graphql-core."""
    raise NotSureError


@dataclass(slots=True)
class Input:
    """An argument or input field."""

    type: GraphQLInputType
    has_default: bool


class Field:
    """A field of an object or interface type."""

    __slots__ = ("arguments", "below", "is_named", "required", "type_text", "wrapping")

    def __init__(self, definition: GraphQLField, types: Mapping[str, "CompositeType"]) -> None:
        named = get_named_type(definition.type)
        self.type_text = str(definition.type)
        self.wrapping = self.type_text.replace(named.name, "", 1)
        self.below = types.get(named.name)
        self.arguments = {name: Input(given.type, has_default(given)) for name, given in definition.args.items()}
        self.required = frozenset(name for name, given in definition.args.items() if is_required_argument(given))


class CompositeType:
    """A composite type. Fields are read when one of them is first asked for."""

    def __init__(self, type_: GraphQLNamedType, mask: int, types: Mapping[str, "CompositeType"]) -> None:
        self._type = type_
        self._types = types
        self.mask = mask
        self.is_object = isinstance(type_, GraphQLObjectType)

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        if isinstance(self._type, GraphQLUnionType):
            return {}
        assert isinstance(self._type, GraphQLObjectType | GraphQLInterfaceType)
        return {name: Field(found, self._types) for name, found in self._type.fields.items()}


class ValidationTables:
    """What validation asks of one schema. Does not hold it: it lives as long as that does.

    Attributes:
        types: Composite types by name.
        inputs: Input types by name.
        roots: Root types, but that of subscriptions.
        is_usual: Whether `@skip` and `@include` are those of the specification.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self.types: dict[str, CompositeType] = {}
        self.inputs = {name: found for name, found in schema.type_map.items() if is_input_type(found)}
        bits = {name: 1 << place for place, name in enumerate(schema.type_map)}
        for name, found in schema.type_map.items():
            if is_composite_type(found):
                possible = schema.get_possible_types(found) if is_abstract_type(found) else [found]
                mask = sum(bits[one.name] for one in possible)
                self.types[name] = CompositeType(found, mask, self.types)
        self.roots = {
            kind: self.types[root.name]
            for kind in (OperationType.QUERY, OperationType.MUTATION)
            if (root := schema.get_root_type(kind)) is not None
        }
        self.is_usual = (
            schema.get_directive("skip") is GraphQLSkipDirective
            and schema.get_directive("include") is GraphQLIncludeDirective
        )

    def composite(self, name: str) -> CompositeType:
        """Return a composite type; not sure if there is none of that name."""
        found = self.types.get(name)
        return found if found is not None else not_sure()


_tables: WeakKeyDictionary[GraphQLSchema, ValidationTables] = WeakKeyDictionary()


def tables_of(schema: GraphQLSchema) -> ValidationTables:
    """Return the tables of a schema, made when it is first asked for."""
    known = _tables.get(schema)
    if known is None:
        known = _tables[schema] = ValidationTables(schema)
    return known


def has_default(given: GraphQLArgument | GraphQLInputField) -> bool:
    """Return whether an input that may be left out may be so because of its default value."""
    is_required = is_required_argument if isinstance(given, GraphQLArgument) else is_required_input_field
    return isinstance(given.type, GraphQLNonNull) and not is_required(given)  # type: ignore[arg-type]  # as told apart
