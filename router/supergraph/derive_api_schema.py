"""Derives the API schema, what clients see, from supergraph SDL.

Federation machinery and everything `@inaccessible` is taken out; descriptions, `@deprecated`, `@specifiedBy` and
`@oneOf` stay, and so do definitions of directives that clients may use in operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    Node,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    build_ast_schema,
    validate_schema,
)

from router.errors import InvalidSupergraphError

_KEPT_DIRECTIVES = frozenset({"deprecated", "specifiedBy", "oneOf"})
EXECUTABLE_LOCATIONS = frozenset(
    {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)
"""Where a directive of operations may stand (GraphQL, 3.13); all other locations are the schema's."""

NodeT = TypeVar("NodeT", bound=Node)


def derive_api_schema(supergraph: DocumentNode) -> GraphQLSchema:
    """Return the schema that clients query.

    Raises:
        InvalidSupergraphError: What is left is not a valid schema.
    """
    hidden = {
        definition.name.value  # type: ignore[attr-defined]  # only named definitions carry @inaccessible
        for definition in supergraph.definitions
        if _is_inaccessible(definition)
    }
    definitions = [
        kept for definition in supergraph.definitions if (kept := _visible_definition(definition, hidden)) is not None
    ]
    try:
        schema = build_ast_schema(DocumentNode(definitions=tuple(definitions)), assume_valid_sdl=True)
        errors = validate_schema(schema)
    except (GraphQLError, TypeError) as error:
        raise InvalidSupergraphError(f"The API schema cannot be built: {error}") from error
    if errors:
        raise InvalidSupergraphError(f"The API schema is not valid: {errors[0].message}")
    return schema


def _visible_definition(node: DefinitionNode, hidden: set[str]) -> DefinitionNode | None:
    if isinstance(node, SchemaDefinitionNode):
        operation_types = tuple(
            operation for operation in node.operation_types if operation.type.name.value not in hidden
        )
        return _with(_strip(node), operation_types=operation_types)
    if isinstance(node, DirectiveDefinitionNode):
        is_executable = any(location.value in EXECUTABLE_LOCATIONS for location in node.locations)
        if not is_executable or "__" in node.name.value:
            return None
        return _with(node, arguments=tuple(_visible_inputs(node.arguments or (), hidden)))
    name: str = node.name.value  # type: ignore[attr-defined]  # a type definition
    if name in hidden or "__" in name:
        return None
    kept = _strip(node)
    if isinstance(kept, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        return _with(
            kept,
            fields=tuple(_visible_fields(kept.fields or (), hidden)),
            interfaces=tuple(interface for interface in kept.interfaces or () if interface.name.value not in hidden),
        )
    if isinstance(kept, UnionTypeDefinitionNode):
        return _with(kept, types=tuple(member for member in kept.types or () if member.name.value not in hidden))
    if isinstance(kept, EnumTypeDefinitionNode):
        return _with(kept, values=tuple(_strip(value) for value in kept.values or () if not _is_inaccessible(value)))
    if isinstance(kept, InputObjectTypeDefinitionNode):
        return _with(kept, fields=tuple(_visible_inputs(kept.fields or (), hidden)))
    return kept


def _visible_fields(fields: Iterable[FieldDefinitionNode], hidden: set[str]) -> Iterable[FieldDefinitionNode]:
    for field in fields:
        if not _is_inaccessible(field) and _type_name(field.type) not in hidden:
            yield _with(_strip(field), arguments=tuple(_visible_inputs(field.arguments or (), hidden)))


def _visible_inputs(inputs: Iterable[InputValueDefinitionNode], hidden: set[str]) -> Iterable[InputValueDefinitionNode]:
    for value in inputs:
        if not _is_inaccessible(value) and _type_name(value.type) not in hidden:
            yield _strip(value)


def _strip(node: NodeT) -> NodeT:
    """Return the node without directives that only concern the router."""
    directives = tuple(
        directive for directive in getattr(node, "directives", None) or () if directive.name.value in _KEPT_DIRECTIVES
    )
    return _with(node, directives=directives)


def _with(node: NodeT, **changes: Any) -> NodeT:
    return replace(node, **changes)


def _is_inaccessible(node: Node) -> bool:
    return any(directive.name.value == "inaccessible" for directive in getattr(node, "directives", None) or ())


def _type_name(node: TypeNode) -> str:
    while not isinstance(node, NamedTypeNode):
        assert isinstance(node, ListTypeNode | NonNullTypeNode)
        node = node.type
    return node.name.value
