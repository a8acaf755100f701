"""Writes into a supergraph which of its elements are hidden: `@inaccessible` on each, and the link that declares it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    NameNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    parse,
)

from router.composition.contracts.read_schema import SupergraphNames
from router.composition.merged_model import MergedSchema, MergedType
from router.composition.model import Element
from router.composition.specifications import MERGED_DIRECTIVES

Markable = TypeVar(
    "Markable", TypeDefinitionNode, FieldDefinitionNode, InputValueDefinitionNode, EnumValueDefinitionNode
)


def mark_inaccessible(document: DocumentNode, schema: MergedSchema, names: SupergraphNames) -> DocumentNode:
    """Return the supergraph with everything marked that is hidden in `schema`."""
    marker = _Marker(names.inaccessible)
    definitions = [marker.mark_definition(node, schema) for node in document.definitions]
    if marker.has_marked and not names.links_inaccessible:
        definitions = [_with_link(node) if isinstance(node, SchemaDefinitionNode) else node for node in definitions]
        definitions += parse(MERGED_DIRECTIVES["inaccessible"].definition, no_location=True).definitions
    return DocumentNode(definitions=tuple(definitions))


def _with_link(node: SchemaDefinitionNode) -> SchemaDefinitionNode:
    directive = MERGED_DIRECTIVES["inaccessible"]
    text = f'schema @link(url: "{directive.url}", for: {directive.purpose}) {{ query: Query }}'
    (declaring,) = parse(text, no_location=True).definitions
    assert isinstance(declaring, SchemaDefinitionNode)
    return replace(node, directives=(*(node.directives or ()), *(declaring.directives or ())))


class _Marker:
    """Adds the directive where it is due, and knows whether it ever was."""

    def __init__(self, name: str) -> None:
        self._directive = ConstDirectiveNode(name=NameNode(value=name), arguments=())
        self.has_marked = False

    def mark_definition(self, node: DefinitionNode, schema: MergedSchema) -> DefinitionNode:
        """Return a definition with its marks and those of its contents."""
        if isinstance(node, DirectiveDefinitionNode) and node.name.value in schema.executable_directives:
            elements = schema.executable_directives[node.name.value].arguments
            return replace(node, arguments=self._mark_all(node.arguments or (), elements))
        if isinstance(node, TypeDefinitionNode) and node.name.value in schema.types:
            return self._mark_contents(node, schema.types[node.name.value])
        return node

    def _mark_contents(self, node: TypeDefinitionNode, merged: MergedType) -> TypeDefinitionNode:
        node = self._mark(node, merged)
        match node:
            case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
                return replace(node, fields=tuple(self._mark_field(field, merged) for field in node.fields or ()))
            case InputObjectTypeDefinitionNode():
                return replace(node, fields=self._mark_all(node.fields or (), merged.inputs))
            case EnumTypeDefinitionNode():
                return replace(node, values=self._mark_all(node.values or (), merged.values))
        return node

    def _mark_field(self, node: FieldDefinitionNode, merged: MergedType) -> FieldDefinitionNode:
        field = merged.fields[node.name.value]
        marked = self._mark(node, field)
        return replace(marked, arguments=self._mark_all(node.arguments or (), field.arguments))

    def _mark_all(self, nodes: Sequence[Markable], elements: Mapping[str, Element]) -> tuple[Markable, ...]:
        return tuple(self._mark(node, elements[node.name.value]) for node in nodes)

    def _mark(self, node: Markable, element: Element) -> Markable:
        name = self._directive.name.value
        if not element.uses("inaccessible") or any(applied.name.value == name for applied in node.directives or ()):
            return node
        self.has_marked = True
        return replace(node, directives=(*(node.directives or ()), self._directive))
