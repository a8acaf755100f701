"""The conventions of the API, checked on the SDL of the subgraphs. One function for each; all return sentences.

1. Everything that a client can see has a description, except the root types; an entity and its id where it is owned.
2. Types are PascalCase, fields and arguments camelCase, enum values SCREAMING_SNAKE; inputs end in Input or Filter.
3. A connection takes `first` and `after`; `first` is a non-null Int with a default between 0 and 100.
4. A root query field is nullable, so that one dead subgraph nulls only its own part.
5. So is a reference to another subgraph's entity, also inside a list, and so is what a subgraph adds to one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    IntValueNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    TypeDefinitionNode,
    TypeNode,
    parse,
    print_ast,
)

from schema.owners import Composite, directives, owners_of

LARGEST_PAGE = 100
ROOT_TYPES = frozenset({"Query", "Mutation", "Subscription"})
_PASCAL_CASE = re.compile(r"[A-Z][A-Za-z0-9]*")
_CAMEL_CASE = re.compile(r"[a-z][A-Za-z0-9]*")
_SCREAMING_SNAKE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


@dataclass(frozen=True, slots=True)
class _Subgraph:
    """One subgraph's parsed SDL, and the entities that other subgraphs own."""

    name: str
    document: DocumentNode
    foreign: frozenset[str]

    @property
    def types(self) -> Iterator[TypeDefinitionNode]:
        return (node for node in self.document.definitions if isinstance(node, TypeDefinitionNode))

    @property
    def composites(self) -> Iterator[Composite]:
        return (node for node in self.types if isinstance(node, Composite))

    @property
    def inputs(self) -> Iterator[InputObjectTypeDefinitionNode]:
        return (node for node in self.types if isinstance(node, InputObjectTypeDefinitionNode))

    @property
    def enums(self) -> Iterator[EnumTypeDefinitionNode]:
        return (node for node in self.types if isinstance(node, EnumTypeDefinitionNode))

    @property
    def fields(self) -> Iterator[tuple[str, Composite, FieldDefinitionNode]]:
        """Every field with its coordinate and its type."""
        for node in self.composites:
            for field in node.fields or ():
                yield f"{node.name.value}.{field.name.value}", node, field

    @property
    def arguments(self) -> Iterator[tuple[str, InputValueDefinitionNode]]:
        """Every argument and input field with its coordinate."""
        for place, _, field in self.fields:
            for argument in field.arguments or ():
                yield f"{place}({argument.name.value}:)", argument
        for node in self.inputs:
            for value in node.fields or ():
                yield f"{node.name.value}.{value.name.value}", value


def lint_subgraphs(sdl_by_name: Mapping[str, str]) -> list[str]:
    """Return one sentence for each breach of a convention, in the order of subgraphs and rules."""
    documents = {name: parse(sdl) for name, sdl in sdl_by_name.items()}
    owners = owners_of(documents)
    faults = []
    for name, document in documents.items():
        foreign = frozenset(entity for entity, owner in owners.items() if owner != name)
        subgraph = _Subgraph(name, document, foreign)
        for rule in (_descriptions, _names, _page_sizes, _root_fields, _foreign_parts):
            faults += [f"{name}: {fault}" for fault in rule(subgraph)]
    return faults


def _descriptions(subgraph: _Subgraph) -> Iterator[str]:
    undescribed = ROOT_TYPES | subgraph.foreign
    described = [(node.name.value, node.description) for node in subgraph.types if node.name.value not in undescribed]
    described += [
        (place, field.description)
        for place, node, field in subgraph.fields
        if not (node.name.value in subgraph.foreign and field.name.value == "id")
    ]
    described += [(place, argument.description) for place, argument in subgraph.arguments]
    described += [
        (f"{node.name.value}.{value.name.value}", value.description)
        for node in subgraph.enums
        for value in node.values or ()
    ]
    for place, description in described:
        if description is None or not description.value.strip():
            yield f"{place} has no description."


def _names(subgraph: _Subgraph) -> Iterator[str]:
    for node in subgraph.types:
        if not _PASCAL_CASE.fullmatch(node.name.value):
            yield f"{node.name.value} is not PascalCase."
    for place, _, field in subgraph.fields:
        if not _CAMEL_CASE.fullmatch(field.name.value):
            yield f"{place} is not camelCase."
    for place, argument in subgraph.arguments:
        if not _CAMEL_CASE.fullmatch(argument.name.value):
            yield f"{place} is not camelCase."
    for enum in subgraph.enums:
        for value in enum.values or ():
            if not _SCREAMING_SNAKE.fullmatch(value.name.value):
                yield f"{enum.name.value}.{value.name.value} is not SCREAMING_SNAKE."
    for node in subgraph.inputs:
        if not node.name.value.endswith(("Input", "Filter")):
            yield f"The input {node.name.value} ends neither in Input nor in Filter."


def _page_sizes(subgraph: _Subgraph) -> Iterator[str]:
    for place, _, field in subgraph.fields:
        arguments = {argument.name.value: argument for argument in field.arguments or ()}
        if _named(field.type).endswith("Connection") and not {"first", "after"} <= set(arguments):
            yield f"{place} returns a connection and lacks `first` or `after`."
        first = arguments.get("first")
        if first is not None and not _is_page_size(first):
            yield f"{place} must declare `first: Int!` with a default between 0 and {LARGEST_PAGE}."


def _is_page_size(argument: InputValueDefinitionNode) -> bool:
    default = argument.default_value
    return (
        print_ast(argument.type) == "Int!"
        and isinstance(default, IntValueNode)
        and 0 <= int(default.value) <= LARGEST_PAGE
    )


def _root_fields(subgraph: _Subgraph) -> Iterator[str]:
    for place, node, field in subgraph.fields:
        if node.name.value == "Query" and isinstance(field.type, NonNullTypeNode):
            yield f"{place} is a root field and must be nullable."


def _foreign_parts(subgraph: _Subgraph) -> Iterator[str]:
    for place, node, field in subgraph.fields:
        if _named(field.type) in subgraph.foreign and not _is_nullable_throughout(field.type):
            yield f"{place} refers to an entity of another subgraph and must be nullable, also inside a list."
        is_given = directives(field.directives, "external") or field.name.value == "id"
        if node.name.value in subgraph.foreign and not is_given and isinstance(field.type, NonNullTypeNode):
            yield f"{place} adds to an entity of another subgraph and must be nullable."


def _is_nullable_throughout(type_node: TypeNode) -> bool:
    """Whether a null at the innermost place stays there. A list itself may be non-null."""
    if isinstance(type_node, NonNullTypeNode):
        return isinstance(type_node.type, ListTypeNode) and _is_nullable_throughout(type_node.type)
    return not isinstance(type_node, ListTypeNode) or _is_nullable_throughout(type_node.type)


def _named(type_node: TypeNode) -> str:
    while isinstance(type_node, ListTypeNode | NonNullTypeNode):
        type_node = type_node.type
    return type_node.name.value if isinstance(type_node, NamedTypeNode) else ""
