"""What a subgraph's SDL says, read without any code of the router, so that the judge shares no mistake with it.

Reads definitions and extensions alike. Validity is not checked here: composition does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    SelectionSetNode,
    TypeNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    build_ast_schema,
    parse,
    value_from_ast_untyped,
)

ROOTS = ("Query", "Mutation")

_DEFINITION_OF: Mapping[type[Any], type[Any]] = {
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
}


@dataclass(frozen=True, eq=False)
class FieldModel:
    """A field as one subgraph declares it."""

    name: str
    type: TypeNode
    defaults: Mapping[str, Any]
    is_external: bool
    requires: SelectionSetNode | None
    provides: SelectionSetNode | None
    override_from: str | None

    @property
    def type_name(self) -> str:
        """Innermost named type."""
        return named_type(self.type)


@dataclass(eq=False)
class TypeModel:
    """A composite type as one subgraph declares it."""

    name: str
    fields: dict[str, FieldModel] = field(default_factory=dict)
    interfaces: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    keys: list[SelectionSetNode] = field(default_factory=list)
    resolvable_keys: list[SelectionSetNode] = field(default_factory=list)
    is_object: bool = False
    is_interface_object: bool = False


class SubgraphModel:
    """One subgraph: its types, and a schema that can be executed."""

    def __init__(self, name: str, sdl: str) -> None:
        self.name = name
        self.sdl = sdl
        self._document = parse(sdl, no_location=True)
        self.types: dict[str, TypeModel] = {}
        self.enums: dict[str, tuple[str, ...]] = {}
        for node in self._document.definitions:
            if isinstance(node, EnumTypeDefinitionNode):
                self.enums[node.name.value] = tuple(value.name.value for value in node.values or ())
            if hasattr(node, "fields") or isinstance(node, UnionTypeDefinitionNode | UnionTypeExtensionNode):
                self._read(node)

    def possible_types(self, type_name: str) -> frozenset[str]:
        """Return the object types that a value of the type may have here; for an interface object nothing is known."""
        table = self.types[type_name]
        if table.is_object:
            return frozenset({type_name})
        implementing = (name for name, other in self.types.items() if other.is_object and type_name in other.interfaces)
        return frozenset(table.members) or frozenset(implementing)

    @cached_property
    def schema(self) -> GraphQLSchema:
        """What the subgraph serves, with `_entities` if it has entities."""
        definitions: dict[str, Any] = {}
        for node in self._document.definitions:
            if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode | DirectiveDefinitionNode):
                continue
            plain = _without_directives(node)
            name = plain.name.value
            definitions[name] = _joined(definitions[name], plain) if name in definitions else plain
        entities = sorted(name for name, table in self.types.items() if table.is_object and table.resolvable_keys)
        machinery = "scalar _Any "
        if entities:
            machinery += f"union _Entity = {' | '.join(entities)} "
            machinery += "extend type Query { _entities(representations: [_Any!]!): [_Entity]! }"
        if "Query" not in definitions:
            machinery += " type Query { _service: Boolean }"
        document = DocumentNode(definitions=(*definitions.values(), *parse(machinery, no_location=True).definitions))
        return build_ast_schema(document, assume_valid_sdl=True)

    def _read(self, node: Any) -> None:
        if node.kind.startswith("input"):
            return
        table = self.types.setdefault(node.name.value, TypeModel(node.name.value))
        table.is_object = isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode)
        table.interfaces.update(name.name.value for name in getattr(node, "interfaces", None) or ())
        table.members.update(name.name.value for name in getattr(node, "types", None) or ())
        for directive in node.directives or ():
            arguments = _arguments(directive)
            if directive.name.value == "key":
                selections = parse_field_set(arguments["fields"])
                table.keys.append(selections)
                if arguments.get("resolvable", True):
                    table.resolvable_keys.append(selections)
            table.is_interface_object |= directive.name.value == "interfaceObject"
        for definition in getattr(node, "fields", None) or ():
            table.fields[definition.name.value] = _read_field(definition)


def parse_field_set(text: str) -> SelectionSetNode:
    """Return the selections of a federation field set."""
    definition: Any = parse(f"{{{text}}}", no_location=True).definitions[0]
    selections: SelectionSetNode = definition.selection_set
    return selections


def named_type(node: TypeNode) -> str:
    """Return the innermost named type."""
    while not isinstance(node, NamedTypeNode):
        node = node.type  # type: ignore[attr-defined]  # list and non-null types have one
    return node.name.value


def _read_field(node: FieldDefinitionNode) -> FieldModel:
    directives = {directive.name.value: _arguments(directive) for directive in node.directives or ()}

    def field_set(name: str) -> SelectionSetNode | None:
        return parse_field_set(directives[name]["fields"]) if name in directives else None

    return FieldModel(
        name=node.name.value,
        type=node.type,
        defaults={
            argument.name.value: value_from_ast_untyped(argument.default_value)
            for argument in node.arguments or ()
            if argument.default_value is not None
        },
        is_external="external" in directives,
        requires=field_set("requires"),
        provides=field_set("provides"),
        override_from=directives["override"]["from"] if "override" in directives else None,
    )


def _arguments(directive: DirectiveNode) -> dict[str, Any]:
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}


def _without_directives(node: DefinitionNode) -> Any:
    kind = _DEFINITION_OF.get(type(node), type(node))
    parts = {name: getattr(node, name) for name in node.keys if hasattr(node, name)}
    parts["directives"] = ()
    for name in ("fields", "values"):
        if parts.get(name):
            parts[name] = tuple(_bare_field(item) for item in parts[name])
    return kind(**parts)


def _bare_field(node: Any) -> Any:
    parts = {name: getattr(node, name) for name in node.keys if hasattr(node, name)}
    parts["directives"] = ()
    if parts.get("arguments"):
        parts["arguments"] = tuple(_bare_field(argument) for argument in parts["arguments"])
    return type(node)(**parts)


def _joined(one: Any, other: Any) -> Any:
    parts = {name: getattr(one, name) for name in one.keys if hasattr(one, name)}
    for name in ("fields", "interfaces", "types"):
        if name in parts:
            parts[name] = _unique((*(parts[name] or ()), *(getattr(other, name) or ())))
    return type(one)(**parts)


def _unique(nodes: Iterable[Any]) -> tuple[Any, ...]:
    return tuple({node.name.value: node for node in nodes}.values())
